"""Charts in the Word report: parts that are there, whole, and hold the numbers of the figures."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from lxml import etree
from store_fixtures import NOW

from service.governance.cases import Period
from service.governance.charts import rows_drawn
from service.governance.figures import Figure, Part, Series, Table
from service.governance.files import html, word
from service.governance.report import Report

docx = pytest.importorskip("docx")
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
NAMES = ["信用卡<年费>&“分期”", "贷款", "\x0b存款", *(f"条线{n}" for n in range(17))]
DAYS = ["2026-08-31", "2026-09-07", "2026-09-14", "2026-09-21"]


def figure(number: int, value: float | None, unit: str = "count") -> Figure:
    return Figure(f"x.{unit}.{number}", f"数{number}", value, unit=unit)


@pytest.fixture(scope="module")
def report() -> Report:
    lines = tuple((n, figure(k, 40 - k), figure(k, 0.1, "share")) for k, n in enumerate(NAMES))
    shares = tuple((n, figure(50 + k, v, "share")) for k, (n, v) in enumerate(
        zip("甲乙丙", (0.25, None, 0.5), strict=True)))  # fmt: skip
    weeks = tuple((d, figure(70 + k, k + 3)) for k, d in enumerate(DAYS))
    tables = (
        Table(("条线", "件数", "占比"), lines, bars=1),
        Table(("机构", "占比"), shares, bars=1),
        Table(("不画", "件数"), (("甲", figure(90, 1)),)),
        Table(("没有", "件数"), (), bars=1),
    )
    series = (
        Series("每周受理量", weeks),
        Series("整改前后", weeks, 4.25, 0.5, 8.0, DAYS[2]),
        Series("没有", ()),
    )
    part = Part("volume", "受理", tables=tables, series=series)
    return Report(Period(date(2026, 9, 1), date(2026, 9, 30), NOW), (part,), 200)


@pytest.fixture(scope="module")
def content(report: Report) -> bytes:
    return word(report)


@pytest.fixture(scope="module")
def charts(content: bytes) -> list[Any]:
    """The parts of the charts, in the order in which they stand in the document."""
    document = docx.Document(BytesIO(content))
    found = document.element.body.iter(f"{C}chart")
    return [document.part.related_parts[each.get(f"{R}id")] for each in found]


def held(part: Any) -> list[tuple[str, list[str], list[float | None], str]]:
    """Name, categories, values and format of each series in a part's caches."""
    root = etree.fromstring(part.blob)
    return [
        (
            series.findtext(f"{C}tx//{C}v"),
            list(cached(series.find(f"{C}cat//{C}strCache"))),
            [None if v is None else float(v) for v in cached(series.find(f"{C}val//{C}numCache"))],
            series.findtext(f"{C}val//{C}formatCode"),
        )
        for series in root.iter(f"{C}ser")
    ]


def cached(cache: Any) -> list[Any]:
    values: list[Any] = [None] * int(cache.find(f"{C}ptCount").get("val"))
    for point in cache.iter(f"{C}pt"):
        values[int(point.get("idx"))] = point.findtext(f"{C}v")
    return values


def test_each_chart_of_the_page_is_one_of_word_too(report: Report, charts: list[Any]) -> None:
    drawn = html(report).decode().count("<svg")
    empty = 2  # the page has a frame for what holds nothing
    assert len(charts) == drawn - empty == 4
    kinds = [etree.fromstring(part.blob).find(f".//{C}plotArea")[1].tag for part in charts]
    assert kinds == [f"{C}barChart"] * 2 + [f"{C}lineChart"] * 2


def test_bars_hold_the_numbers_of_the_figures(report: Report, charts: list[Any]) -> None:
    table = report.parts[0].tables[0]
    ((name, labels, values, form),) = held(charts[0])
    assert (name, form) == ("件数", "#,##0")
    assert labels == [each.replace("\x0b", "") for each, _ in rows_drawn(table)]
    assert labels[0] == NAMES[0]
    assert values == [each.value for _, each in rows_drawn(table)]
    ((_, labels, values, form),) = held(charts[1])
    assert (labels, values, form) == (["甲", "乙", "丙"], [0.25, None, 0.5], "0.0%")


def test_lines_hold_counts_levels_and_the_change(report: Report, charts: list[Any]) -> None:
    (plain,) = held(charts[2])
    assert plain[:3] == ("件数", DAYS, [3, 4, 5, 6])
    counts, *lines = held(charts[3])
    assert counts == plain
    assert [(name, values) for name, _, values, _ in lines] == [
        *(("中心线", [4.25] * 4), ("下限", [0.5] * 4), ("上限", [8.0] * 4))
    ]
    root = etree.fromstring(charts[3].blob)
    assert root.find(f".//{C}dPt/{C}idx").get("val") == "2"
    assert root.find(f".//{C}legend") is not None
    assert etree.fromstring(charts[2].blob).find(f".//{C}dPt") is None


def test_every_part_is_whole_and_every_relationship_leads_somewhere(content: bytes) -> None:
    with zipfile.ZipFile(BytesIO(content)) as file:
        names = set(file.namelist())
        for name in names:
            if name.endswith((".xml", ".rels")):
                etree.fromstring(file.read(name))
        told = [name for name in names if name.startswith("word/charts/_rels/")]
        assert len(told) == 4
        for name in told:
            (relation,) = etree.fromstring(file.read(name))
            assert f"word/{relation.get('Target').removeprefix('../')}" in names
            chart = name.replace("_rels/", "").removesuffix(".rels")
            root = etree.fromstring(file.read(chart))
            assert root.find(f"{C}externalData").get(f"{R}id") == relation.get("Id")
        types = file.read("[Content_Types].xml").decode()
        assert types.count("drawingml.chart+xml") == 4
    numbers = [each.get("id") for each in _frames(content)]
    assert len(set(numbers)) == 4


def _frames(content: bytes) -> list[Any]:
    body = docx.Document(BytesIO(content)).element.body
    return [each for each in body.iter() if each.tag.endswith("}docPr")]


def test_the_workbook_of_a_chart_holds_what_its_references_name(charts: list[Any]) -> None:
    for part in charts:
        (relation,) = part.rels.values()
        with zipfile.ZipFile(BytesIO(relation.target_part.blob)) as book:
            for name in book.namelist():
                etree.fromstring(book.read(name))
            sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        cells = {
            cell.get("r"): cell.findtext(f"{S}v") or cell.findtext(f"{S}is/{S}t")
            for cell in sheet.iter(f"{S}c")
        }
        for number, (name, labels, values, _) in enumerate(held(part)):
            column = "BCDE"[number]
            assert cells[f"{column}1"] == name
            places = range(2, len(labels) + 2)
            assert [cells[f"A{place}"] for place in places] == labels
            found = [cells.get(f"{column}{place}") for place in places]
            assert [v and float(v) for v in found] == values


def test_the_order_of_elements_is_that_of_the_schema(charts: list[Any]) -> None:
    """Word calls a file broken when they stand otherwise."""
    orders = {
        "chartSpace": "roundedCorners chart spPr txPr externalData",
        "chart": "title autoTitleDeleted plotArea legend plotVisOnly dispBlanksAs",
        "barChart": "barDir grouping varyColors ser dLbls gapWidth overlap axId",
        "lineChart": "grouping varyColors ser dLbls dropLines marker smooth axId",
        "ser": "idx order tx spPr invertIfNegative marker dPt dLbls cat val smooth",
        "dPt": "idx invertIfNegative marker bubble3D explosion spPr",
        "marker": "symbol size spPr",
        "dLbls": "dLbl numFmt spPr txPr dLblPos showLegendKey showVal showCatName showSerName"
        " showPercent showBubbleSize",
        "dLbl": "idx layout tx numFmt spPr txPr dLblPos showLegendKey showVal showCatName"
        " showSerName showPercent showBubbleSize",
        "catAx": "axId scaling delete axPos majorGridlines title numFmt majorTickMark"
        " minorTickMark tickLblPos spPr txPr crossAx crosses auto lblAlgn lblOffset noMultiLvlLbl",
        "valAx": "axId scaling delete axPos majorGridlines title numFmt majorTickMark"
        " minorTickMark tickLblPos spPr txPr crossAx crosses crossBetween",
        "scaling": "logBase orientation max min",
    }
    seen = set()
    for part in charts:
        for element in etree.fromstring(part.blob).iter():
            name = etree.QName(element).localname
            if name in orders and len(element):
                order = orders[name].split()
                places = [order.index(etree.QName(each).localname) for each in element]
                assert places == sorted(places), name
                seen.add(name)
    assert seen == set(orders)
