"""The report as HTML, Word, data, and the list of the tickets behind each figure."""

from __future__ import annotations

import csv
import io
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson

from service.alerts.files import MissingPackage, in_xml, set_font
from service.governance.charts import bars, line
from service.governance.figures import Cell, Figure, Part, Series, Table
from service.governance.report import Report, report_json
from service.governance.word_charts import add_bars, add_line
from service.store.errors import UnknownFigure
from triage.cells import unrun
from triage.errors import InvalidInput
from triage.replacing import replace_file

_TEMPLATES = Path(__file__).parents[1] / "templates"
_BOM = "\ufeff"


def html(report: Report) -> bytes:
    """Give one page that needs nothing beside it; each number leads to the tickets behind it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    rooms = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = rooms.get_template("governance.html.j2")
    told = page.render(report=report, bars=bars, line=line, is_figure=_is_figure)
    return told.encode()


def word(report: Report) -> bytes:
    """Give a Word document with charts that Word draws, and the numbers under them.

    Raises
    ------
    MissingPackage
        When python-docx is not installed.
    """
    try:
        docx = import_module("docx")
    except ModuleNotFoundError as exc:
        raise MissingPackage("Word needs python-docx, which is not installed") from exc
    document = docx.Document()
    set_font(docx, document)
    _lay_out(docx, document)
    document.add_heading(in_xml(report.title), level=0)
    document.add_paragraph(f"数据截至{report.made}。各数对应的工单见同名清单。")
    for part in report.parts:
        _add_part(document, part)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def data(report: Report) -> bytes:
    """Give the report as JSON."""
    return orjson.dumps(report_json(report), option=orjson.OPT_INDENT_2)


def ids_csv(report: Report, code: str | None = None) -> bytes:
    """List the tickets behind every figure, or behind one, for a table program.

    Raises
    ------
    UnknownFigure
        When the report has no such figure.
    """
    if code is not None and code not in report.figures:
        raise UnknownFigure("the report has no such figure", cure="see the figures of the report")
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(("figure", "name", "value", "id"))
    for figure in report.figures.values():
        if code in (None, figure.code):
            rows.writerows(
                (unrun(figure.code), unrun(figure.name), figure.value, unrun(ident))
                for ident in figure.ids
            )
    return (_BOM + out.getvalue()).encode()


def write_file(report: Report, path: Path) -> Path:
    """Write the report by its extension, and beside it the list of tickets; give the list's path.

    Raises
    ------
    InvalidInput
        When the extension is not one of .html, .docx, .json.
    """
    make = FORMATS.get(path.suffix.lower())
    if make is None:
        known = ", ".join(FORMATS)
        raise InvalidInput(f"{path.name}: cannot write {path.suffix!r}", cure=f"use {known}")
    listed = path.with_name(f"{path.stem}.tickets.csv")
    for target, content in ((path, make(report)), (listed, ids_csv(report))):
        replace_file(target, content)
    return listed


def _lay_out(docx: Any, document: Any) -> None:
    """Turn A4 on its side and set tables small: they have up to a dozen columns."""
    page, cm = document.sections[0], docx.shared.Cm
    page.orientation = docx.enum.section.WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = cm(29.7), cm(21)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = cm(2)
    document.styles["Table Grid"].font.size = docx.shared.Pt(9)


def _add_part(document: Any, part: Part) -> None:
    document.add_heading(in_xml(part.heading), level=1)
    for note in part.notes:
        document.add_paragraph(in_xml(note))
    for table in part.tables:
        _add_table(document, table)
    for series in part.series:
        _add_series(document, series)
    for name, told in part.quotes:
        paragraph = document.add_paragraph(style="List Bullet")
        paragraph.add_run(f"{in_xml(name)}：").bold = True
        paragraph.add_run(in_xml(told))


def _add_table(document: Any, table: Table) -> None:
    add_bars(document, table)
    _grid(document, [[*table.heads], *([_text(cell) for cell in row] for row in table.rows)])


def _add_series(document: Any, series: Series) -> None:
    document.add_paragraph(in_xml(series.name))
    add_line(document, series)
    _grid(document, [["周", "件数"], *([at, figure.shown] for at, figure in series.points)])
    if series.level is not None:
        limits = f"下限{series.low:.1f}，上限{series.high:.1f}，生效{series.change}"
        document.add_paragraph(f"中心线{series.level:.1f}，{limits}。")


def _grid(document: Any, rows: list[list[str]]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    head = table.rows[0]._tr.get_or_add_trPr()
    head.append(head.makeelement(f"{{{head.nsmap['w']}}}tblHeader"))  # again on every page
    # Cells one by one are slow: python-docx looks through the whole table for each.
    for made, row in zip(table._tbl.tr_lst, rows, strict=True):
        for cell, text in zip(made.tc_lst, row, strict=True):
            cell.p_lst[0].add_r().text = in_xml(text)


def _text(cell: Cell) -> str:
    return cell.shown if isinstance(cell, Figure) else cell


def _is_figure(cell: Cell) -> bool:
    return isinstance(cell, Figure)


FORMATS = {".html": html, ".docx": word, ".json": data}
"""Extensions and what writes them."""
