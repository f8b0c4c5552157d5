"""The model card as the page shows it: its own words, and in Chinese the names in its tables."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markupsafe import Markup

from service.desk.words import Words
from triage.figure_names import CARD_NAMES, SLICES, YEAR_NAMES

_CELLS = ("th_open", "td_open")
_HEADS = {
    "figure": "指标",
    "value": "数值",
    "figure, simulated year": "指标（模拟年）",
    "with context": "有受理信息",
    "narrative alone": "仅有诉求文本",
    "best": "可达上限",
    "slice, simulated year": "分组（模拟年）",
    "tickets": "工单",
    "escalated": "升级",
}
_TOP = re.compile(r"top (\d+) %")
_KNOWN = {**_HEADS, **CARD_NAMES, **YEAR_NAMES}
_SORTS = {"customer_segment": "segment"}


def shown(card: str, words: Words) -> Markup:
    """Render a card; nothing of it is taken for HTML, and its pictures stay words."""
    parser = _markdown()
    tokens = parser.parse(card)
    if words.language == "zh":
        for cell, inner in pairwise(tokens):
            name = named(inner.content, words) if cell.type in _CELLS else None
            if name is not None and inner.children:
                cell.attrSet("lang", words.html)
                cell.attrSet("title", inner.content)
                inner.children = [text := inner.children[0]]
                text.type, text.content = "text", name
    html = parser.renderer.render(tokens, parser.options, {})
    return Markup(html)  # noqa: S704 - made by the renderer, escaped


def named(cell: str, words: Words) -> str | None:
    """Give the Chinese name of what a cell of a table says in codes, or None."""
    if cell in _KNOWN:
        return _KNOWN[cell]
    if top := _TOP.fullmatch(cell):
        return f"前 {top[1]}%"
    kind, _, value = cell.partition(" ")
    if kind not in SLICES or not value:
        return None
    return f"{SLICES[kind]}：{words.code(_SORTS.get(kind, kind), value)}"


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
