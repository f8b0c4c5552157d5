"""Where complaints come from: the volume that each line of business causes, by product."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.governance.cases import Book, Case
from service.governance.classes import Classes
from service.governance.figures import Cell, Figure, Part, Table, count, parted, share
from service.governance.products import OF_THE_PRODUCT, product_of, top_reason
from service.governance.volumes import line_of, name_of_line
from triage.taxonomy import Taxonomy

_SHOWN = 30
_COUNTED: dict[str, Callable[[Case], bool]] = {
    "again": lambda c: c.again,
    "regulator": lambda c: c.regulator,
    "escalated": lambda c: c.escalated_on is not None,
    "sent_down": lambda c: bool(c.sent_to_outlets),
}


def sources(book: Book, taxonomy: Taxonomy, classes: Classes) -> Part:
    """Count by line, with who is in charge, and by line and product with the reason of most."""
    now, past = parted(book.cases, line_of), parted(book.before, line_of)
    whole = count("volume.all", "受理总量", book.cases)
    rows: list[tuple[Cell, ...]] = []
    for line, own in now.items():
        name = name_of_line(own[0], taxonomy)
        cells = _cells(f"source.{line}", name, own, past.get(line, ()))
        units = parted(own, lambda c: c.ticket.owner_unit)
        part = share(f"source.{line}.share", name, cells[0], whole)
        rows.append((name, next(iter(units), "—"), *cells, part))
    heads = (
        "专业条线",
        "主办部门",
        "受理",
        "上期",
        "重复",
        "监管件",
        "升级",
        "曾下派网点",
        "占受理",
    )
    notes = (
        "供条线主办部门从源头减少投诉、为网点减负：主办部门是承办该条线最多的部门；重复含登记和自述的。",
        f"件数最多的{_SHOWN}组条线和产品；产品或制度问题以办理人记录的根源为准，首要原因按 "
        "JR/T 0169 由规则提出，供核定。件数受业务量影响，不能直接比较条线优劣。",
    )
    tables = (Table(heads, tuple(rows), 2 if rows else None), _pairs(book, taxonomy, classes))
    return Part("source", "专业条线与源头减负", notes, tables)


def _cells(code: str, name: str, own: Sequence[Case], past: Sequence[Case]) -> list[Figure]:
    return [
        count(f"{code}.tickets", name, own),
        count(f"{code}.before", name, past),
        *(
            count(f"{code}.{end}", name, [case for case in own if holds(case)])
            for end, holds in _COUNTED.items()
        ),
    ]


def _pairs(book: Book, taxonomy: Taxonomy, classes: Classes) -> Table:
    """Count by line and product, with what people found and the reason that most have."""

    def pair(case: Case) -> tuple[str, str, str]:
        return line_of(case), product_of(case), ""

    past = parted(book.before, pair)
    rows: list[tuple[Cell, ...]] = []
    for key, own in list(parted(book.cases, pair).items())[:_SHOWN]:
        line, product, _ = key
        name, code = name_of_line(own[0], taxonomy), f"source.{line}.{product}"
        cells = _cells(code, f"{name}·{product}", own, past.get(key, ()))
        found = [case for case in own if case.root_cause in OF_THE_PRODUCT]
        told = count(f"{code}.found", f"{name}·{product}", found)
        rows.append((name, product, *cells, told, *top_reason(code, product, own, classes)))
    heads = ("条线", "产品", "受理", "上期", "重复", "监管件", "升级", "曾下派网点")
    return Table((*heads, "产品或制度问题", "首要原因", "首要原因件数"), tuple(rows))
