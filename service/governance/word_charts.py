"""Charts of the report as Word draws them: DrawingML parts, each with its numbers as a workbook."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from service.alerts.files import in_xml
from service.governance.charts import levels, rows_drawn
from service.governance.figures import Figure, Series, Table

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_CM = 360_000
_WIDE, _LINE_HIGH, _BAR_HIGH, _FRAME_HIGH = 15.0, 7.0, 0.6, 1.6
_MARK, _SOFT, _WARN = "1F5FA8", "5D6877", "A33B1F"
_PLAIN = '<c:smooth val="0"/>'  # Word takes a line for a curve where nothing is said
_FORMATS = {"count": "#,##0", "share": "0.0%"}
_LEVELS = {"level": "中心线", "low": "下限", "high": "上限"}
_SHOWN = "".join(
    f'<c:show{what} val="{int(what == "Val")}"/>'
    for what in ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A series of a chart: a value for each category, None where there is nothing to count."""

    name: str
    values: Sequence[float | None]
    form: str = "General"


def add_bars(document: Any, table: Table) -> None:
    """Add the chart of a table that has one: its first rows as bars with their numbers."""
    rows = rows_drawn(table)
    if not rows or table.bars is None:
        return
    labels = [name for name, _ in rows]
    head = table.heads[table.bars]
    figures = [figure for _, figure in rows]
    row = _Row(head, [figure.value for figure in figures], _form(figures))
    drawn = (
        '<c:barChart><c:barDir val="bar"/><c:grouping val="clustered"/><c:varyColors val="0"/>'
        + _series(0, row, labels, f"<c:spPr>{_fill(_MARK)}</c:spPr>{_numbers(row.form)}")
        + '<c:gapWidth val="40"/><c:axId val="1"/><c:axId val="2"/></c:barChart>'
        + _axes("maxMin", "l", "b", row.form, hidden=True)
    )
    title, high = f"{table.heads[0]}·{head}", len(rows) * _BAR_HIGH
    _add(document, title, _book(labels, [row]), drawn=drawn, high=high)


def add_line(document: Any, series: Series) -> None:
    """Add counts in time, with the level of before, its limits and the day of the change."""
    if not series.points:
        return
    labels = [at for at, _ in series.points]
    figures = [figure for _, figure in series.points]
    rows = [_Row("件数", [figure.value for figure in figures], _form(figures))]
    looks = [
        f'<c:spPr>{_stroke(_MARK, 2.0)}</c:spPr><c:marker><c:symbol val="circle"/>'
        f'<c:size val="5"/><c:spPr>{_fill(_MARK)}</c:spPr></c:marker>' + _change(series, labels)
    ]
    for value, name in levels(series):
        if value is not None:
            rows.append(_Row(_LEVELS[name], [value] * len(labels), "#,##0.0"))
            line = _stroke(_SOFT, 1.0, dashed=name != "level")
            looks.append(f'<c:spPr>{line}</c:spPr><c:marker><c:symbol val="none"/></c:marker>')
    told = enumerate(zip(rows, looks, strict=True))
    drawn = (
        '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>'
        + "".join(_series(number, row, labels, look, _PLAIN) for number, (row, look) in told)
        + '<c:marker val="1"/><c:axId val="1"/><c:axId val="2"/></c:lineChart>'
        + _axes("minMax", "b", "l", rows[0].form)
    )
    _add(document, series.name, _book(labels, rows), drawn=drawn, high=_LINE_HIGH)


def _form(figures: Sequence[Figure]) -> str:
    return _FORMATS.get(figures[0].unit, "#,##0.0")


def _change(series: Series, labels: Sequence[str]) -> str:
    """Mark the point of the day from which a measure works."""
    if series.change not in labels:
        return ""
    number = labels.index(series.change)
    return (
        f'<c:dPt><c:idx val="{number}"/><c:marker><c:symbol val="diamond"/><c:size val="9"/>'
        f"<c:spPr>{_fill(_WARN)}</c:spPr></c:marker></c:dPt>"
        f'<c:dLbls><c:dLbl><c:idx val="{number}"/><c:tx><c:rich><a:bodyPr/>'
        '<a:p><a:r><a:rPr lang="zh-CN"/><a:t>生效</a:t></a:r></a:p></c:rich></c:tx>'
        f'<c:dLblPos val="t"/>{_SHOWN}</c:dLbl>{_SHOWN.replace("1", "0")}</c:dLbls>'
    )


def _series(number: int, row: _Row, labels: Sequence[str], look: str, end: str = "") -> str:
    """Give a series with all its numbers and names, so that nothing else need be opened."""
    size, column = len(labels), chr(ord("B") + number)
    names = "".join(_point(n, label) for n, label in enumerate(labels))
    values = "".join(_point(n, _plain(v)) for n, v in enumerate(row.values) if v is not None)
    return (
        f'<c:ser><c:idx val="{number}"/><c:order val="{number}"/>'
        f"<c:tx><c:strRef><c:f>Sheet1!${column}$1</c:f><c:strCache>"
        f'<c:ptCount val="1"/>{_point(0, row.name)}</c:strCache></c:strRef></c:tx>{look}'
        f"<c:cat><c:strRef><c:f>Sheet1!$A$2:$A${size + 1}</c:f><c:strCache>"
        f'<c:ptCount val="{size}"/>{names}</c:strCache></c:strRef></c:cat>'
        f"<c:val><c:numRef><c:f>Sheet1!${column}$2:${column}${size + 1}</c:f><c:numCache>"
        f"<c:formatCode>{escape(row.form)}</c:formatCode>"
        f'<c:ptCount val="{size}"/>{values}</c:numCache></c:numRef></c:val>{end}</c:ser>'
    )


def _point(number: int, text: str) -> str:
    return f'<c:pt idx="{number}"><c:v>{_text(text)}</c:v></c:pt>'


def _numbers(form: str) -> str:
    told = f"<c:numFmt formatCode={quoteattr(form)} "
    return f'<c:dLbls>{told}sourceLinked="0"/><c:dLblPos val="outEnd"/>{_SHOWN}</c:dLbls>'


def _axes(order: str, names_at: str, values_at: str, form: str, *, hidden: bool = False) -> str:
    grid = f"<c:majorGridlines><c:spPr>{_stroke('D9DEE5', 0.5)}</c:spPr></c:majorGridlines>"
    return (
        f'<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="{order}"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{names_at}"/><c:numFmt formatCode="General" '
        'sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        '<c:tickLblPos val="low"/><c:crossAx val="2"/><c:crosses val="autoZero"/>'
        '<c:auto val="0"/><c:noMultiLvlLbl val="1"/></c:catAx>'
        '<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/><c:min val="0"/>'
        f'</c:scaling><c:delete val="{int(hidden)}"/><c:axPos val="{values_at}"/>'
        f"{'' if hidden else grid}<c:numFmt formatCode={quoteattr(form)} "
        'sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        '<c:tickLblPos val="nextTo"/><c:crossAx val="1"/><c:crosses val="autoZero"/>'
        '<c:crossBetween val="between"/></c:valAx>'
    )


def _chart(title: str, drawn: str, *, book: str) -> bytes:
    many = drawn.count("<c:ser>") > 1
    told = '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>' if many else ""
    return (
        f'{_HEAD}<c:chartSpace xmlns:c="{_DRAWING}/chart" xmlns:a="{_DRAWING}/main" '
        f'xmlns:r="{_OFFICE}"><c:roundedCorners val="0"/><c:chart><c:title><c:tx><c:rich>'
        '<a:bodyPr/><a:p><a:pPr><a:defRPr sz="1100" b="0"/></a:pPr><a:r>'
        f'<a:rPr lang="zh-CN" sz="1100" b="0"/><a:t>{_text(title)}</a:t></a:r></a:p></c:rich>'
        '</c:tx><c:overlay val="0"/></c:title><c:autoTitleDeleted val="0"/>'
        f"<c:plotArea><c:layout/>{drawn}</c:plotArea>{told}"
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        '<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz="900"/></a:pPr>'
        '<a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
        f'<c:externalData r:id="{book}"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    ).encode()


def _add(document: Any, title: str, numbers: bytes, *, drawn: str, high: float) -> None:
    """Add a chart's part, its workbook's, and the paragraph in which it stands."""
    part_of, package = import_module("docx.opc.part").Part, document.part.package
    place = package.next_partname("/word/charts/chart%d.xml")
    chart = part_of(place, f"{_TYPE}.drawingml.chart+xml", package=package)
    # The relationship makes it a part of the package: the next name is then another one.
    own = document.part.relate_to(chart, f"{_OFFICE}/chart")
    named = package.next_partname("/word/embeddings/Microsoft_Excel_Sheet%d.xlsx")
    book = part_of(named, f"{_TYPE}.spreadsheetml.sheet", numbers, package)
    chart._blob = _chart(title, drawn, book=chart.relate_to(book, f"{_OFFICE}/package"))
    size = f'cx="{int(_WIDE * _CM)}" cy="{int((high + _FRAME_HIGH) * _CM)}"'
    told = f'id="{place.idx}" name="Chart {place.idx}" descr={quoteattr(in_xml(title))}'
    frame = (
        f'<w:drawing xmlns:w="{_SHEET.replace("spreadsheetml", "wordprocessingml")}" '
        f'xmlns:wp="{_DRAWING}/wordprocessingDrawing" xmlns:a="{_DRAWING}/main" '
        f'xmlns:c="{_DRAWING}/chart" xmlns:r="{_OFFICE}"><wp:inline distT="0" distB="0" '
        f'distL="0" distR="0"><wp:extent {size}/><wp:docPr {told}/><wp:cNvGraphicFramePr/>'
        f'<a:graphic><a:graphicData uri="{_DRAWING}/chart"><c:chart r:id="{own}"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    run = document.add_paragraph().add_run()
    run._r.append(import_module("docx.oxml").parse_xml(frame))


def _book(labels: Sequence[str], rows: Sequence[_Row]) -> bytes:
    """Give the smallest workbook that holds the numbers, for who changes the chart in Word."""
    told = [_cells(1, ["", *(row.name for row in rows)])]
    for number, label in enumerate(labels):
        told.append(_cells(number + 2, [label, *(row.values[number] for row in rows)]))
    sheet = f'<worksheet xmlns="{_SHEET}"><sheetData>{"".join(told)}</sheetData></worksheet>'
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in {**_FRAME, "xl/worksheets/sheet1.xml": sheet}.items():
            # A zip notes when it was made, and the same report is the same file.
            book.writestr(zipfile.ZipInfo(name), _HEAD + content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _cells(number: int, values: Sequence[str | float | None]) -> str:
    cells = []
    for place, value in enumerate(values):
        at = f"{chr(ord('A') + place)}{number}"
        if isinstance(value, str):
            cells.append(f'<c r="{at}" t="inlineStr"><is><t>{_text(value)}</t></is></c>')
        elif value is not None:
            cells.append(f'<c r="{at}"><v>{_plain(value)}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def _relation(kind: str, target: str) -> str:
    opening = f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    return f'{opening}Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'


def _text(told: str) -> str:
    return escape(in_xml(told))


def _plain(value: float) -> str:
    return repr(float(value))


def _fill(color: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{color}"/></a:solidFill>'


def _stroke(color: str, points: float, *, dashed: bool = False) -> str:
    dash = '<a:prstDash val="dash"/>' if dashed else ""
    return f'<a:ln w="{int(points * 12_700)}">{_fill(color)}{dash}</a:ln>'


_FRAME = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    f'ContentType="{_TYPE}.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    f'ContentType="{_TYPE}.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
    "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
}
