"""Units level by level, each with all that stands under it; a ticket is counted once a level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from service.governance.cases import Book, Case
from service.governance.figures import Cell, Part, Table, count
from service.governance.handling import is_leak
from service.governance.ranking import Marks, beside, marks_of
from service.governance.settings import Settings
from service.governance.units import Units
from service.governance.watching import watched

_Column = tuple[str, str, Sequence[Case]]
_Unit = Callable[[Case], str | None]


class _Row(NamedTuple):
    """A row of a level, in the order of the table; `code` is of its figures."""

    group: int
    upper: str
    last: int
    name: str
    code: str


def tree(book: Book, settings: Settings) -> Part:
    """Roll up volumes, the outlets' burden, watch lists and the units beside each other."""
    units, burden, marks = settings.units, _burden(book), marks_of(book, settings)
    tables: list[Table] = []
    for level in range(1, units.levels + 1):
        head = f"第{level}级机构"
        tables.append(_rolled(units, level, head, _volumes(book), lambda case: case.ticket.unit))
        if burden[0][2]:
            name = f"网点负担·{head}"
            tables.append(_rolled(units, level, name, burden, lambda c: c.sent_to_outlets[-1]))
        if level < units.levels:  # nothing is under the last: the lists of units have it as it is
            tables += _compared(book, settings, marks, (level, head))
    notes = (
        "层级由本行在 data/governance.yaml 的 units 设定；各级含其下级，每件工单在每一级只计一次。",
        "每级各行之和等于合计；同一上级各行之和等于该上级在上一级的数。（本级）是该机构直接受理、不属其"
        "下级的。网点负担按最后一次下派的网点计。",
    )
    return Part("tree", "机构层级汇总", notes, tuple(tables))


def _volumes(book: Book) -> list[_Column]:
    cases = book.cases
    return [
        ("tickets", "受理", cases),
        ("before", "上期受理", book.before),
        ("open", "在办", [case for case in cases if case.runs]),
        ("repeats", "重复", [case for case in cases if case.repeats]),
        ("escalated", "升级", [case for case in cases if case.escalated_on]),
        ("regulator", "监管件", [case for case in cases if case.regulator]),
        ("missed", "到期未办", [case for case in cases if case.missed]),
    ]


def _burden(book: Book) -> list[_Column]:
    down = [case for case in book.cases if case.sent_to_outlets]
    return [
        ("sent_down", "曾下派", down),
        ("held", "其中现由网点承办", [c for c in down if c.ticket.owner_level == "outlet"]),
        ("leaks", "其中不得落地", [case for case in down if is_leak(case)]),
    ]


def _compared(book: Book, settings: Settings, marks: Marks, of: tuple[int, str]) -> list[Table]:
    """Give the watch list of a level, and its units beside each other; `of` is level and head."""
    level, head = of

    def place(unit: str | None) -> str | None:
        return settings.units.at(unit, level)

    def key(case: Case) -> str | None:
        return place(case.ticket.unit)

    code, name = f"level{level}", f"{head}（含下级）"
    watch = watched(book, settings, (code, f"重点{name}"), key, place)
    tables = beside(book, settings, marks, (code, name), key)
    return [watch, *tables] if watch.rows else tables


def _rolled(units: Units, level: int, head: str, columns: Sequence[_Column], unit: _Unit) -> Table:
    """Count the cases of each column by the units of a level, and altogether."""
    parted: list[dict[_Row, list[Case]]] = []
    for _, _, cases in columns:
        found: dict[_Row, list[Case]] = {}
        for case in cases:
            found.setdefault(_row(units, level, unit(case)), []).append(case)
        parted.append(found)
    whole = _Row(3, "", 0, "合计", "all")
    rows: list[tuple[Cell, ...]] = []
    for row in (*sorted({row for found in parted for row in found}), whole):
        cells = [
            count(f"tree.{row.code}.{end}", row.name, cases if row is whole else found.get(row, ()))
            for (end, _, cases), found in zip(columns, parted, strict=True)
        ]
        rows.append((row.name, row.upper or "—", *cells))
    return Table((head, "上级", *(name for _, name, _ in columns)), tuple(rows))


def _row(units: Units, level: int, unit: str | None) -> _Row:
    """Say in which row of a level a unit is counted."""
    if not unit:
        return _Row(2, "", 0, "未填机构", "nowhere")
    path = units.paths.get(unit)
    if path is None:
        return _Row(1, "", 0, "未列入层级", "outside")
    if len(path) < level:
        return _Row(0, unit, 1, f"{unit}（本级）", f"own.{unit}")
    name = path[level - 1]
    return _Row(0, path[level - 2] if level > 1 else "", 0, name, f"{level}.{name}")
