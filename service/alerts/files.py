"""The draft of a risk alert as Markdown, HTML and Word."""

from __future__ import annotations

import re
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.errors import InvalidInput, JiesuError
from triage.replacing import replace_file

if TYPE_CHECKING:
    from triage.surge.sections import Draft, Section

_TEMPLATES = Path(__file__).parents[1] / "templates"
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")
_FONT = "宋体"
# XML has no place for these; a narrative may hold them.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class MissingPackage(JiesuError):
    """A package that a format needs is not installed."""

    code = "missing_package"


def write_file(draft: Draft, path: Path) -> None:
    """Write a draft in the format of an extension.

    Raises
    ------
    InvalidInput
        When the extension is not one of .md, .html, .docx.
    MissingPackage
        When the format needs a package that is not installed.
    """
    make = FORMATS.get(path.suffix.lower())
    if make is None:
        raise InvalidInput(
            f"{path.name}: cannot write {path.suffix!r}", cure=f"use {', '.join(FORMATS)}"
        )
    replace_file(path, make(draft))


def markdown(draft: Draft) -> str:
    """Give a draft as Markdown."""
    blocks = [f"# {_plain(draft.title)}"]
    for section in draft.sections:
        blocks += _blocks(section)
    return "\n\n".join(blocks) + "\n"


def _blocks(section: Section) -> list[str]:
    blocks = [f"{'#' * section.level} {_plain(section.heading)}", *map(_plain, section.text)]
    if section.points:
        blocks.append("\n".join(f"- **{_plain(n)}**：{_plain(told)}" for n, told in section.points))
    if section.rows:
        head, *rest = [f"| {' | '.join(map(_plain, row))} |" for row in section.rows]
        rule = "|" + " --- |" * len(section.rows[0])
        blocks.append("\n".join([head, rule, *rest]))
    return blocks


def _plain(text: str) -> str:
    """Take what customers wrote for what it is, and not for Markdown or HTML."""
    return _SPECIAL.sub(r"\\\1", " ".join(_CONTROL.sub("", text).split()))


def html(draft: Draft) -> str:
    """Give a draft as one HTML page that needs nothing beside it."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ModuleNotFoundError as exc:
        raise MissingPackage("HTML needs jinja2, which is not installed", cure=_CURE) from exc
    rooms = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    return str(rooms.get_template("alert.html.j2").render(draft=draft))


def word(draft: Draft) -> bytes:
    """Give a draft as a Word document."""
    try:
        docx = import_module("docx")
    except ModuleNotFoundError as exc:
        raise MissingPackage("Word needs python-docx, which is not installed", cure=_CURE) from exc
    document = docx.Document()
    set_font(docx, document)
    document.add_heading(in_xml(draft.title), level=0)
    for section in draft.sections:
        document.add_heading(in_xml(section.heading), level=section.level - 1)
        for text in section.text:
            document.add_paragraph(in_xml(text))
        for name, told in section.points:
            paragraph = document.add_paragraph(style="List Bullet")
            paragraph.add_run(f"{in_xml(name)}：").bold = True
            paragraph.add_run(in_xml(told))
        if section.rows:
            _add_table(document, section.rows)
    made = BytesIO()
    document.save(made)
    return made.getvalue()


def set_font(docx: Any, document: Any) -> None:
    """Set the font of a Word document."""
    style = document.styles["Normal"]
    style.font.name = _FONT
    # Chinese has a font of its own in Word.
    style.element.rPr.rFonts.set(docx.oxml.ns.qn("w:eastAsia"), _FONT)


def _add_table(document: Any, rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = in_xml(text)


def in_xml(text: str) -> str:
    """Give a text without what XML has no place for."""
    return _CONTROL.sub("", text)


_CURE = "install it, or write .md"
FORMATS = {
    ".md": lambda draft: markdown(draft).encode(),
    ".html": lambda draft: html(draft).encode(),
    ".docx": word,
}
"""Extensions and what writes them, as bytes."""
