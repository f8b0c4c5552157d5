"""What each accountable person is to look at now: what waits, is late, or comes due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from service.governance import names
from service.governance.cases import Book, Case
from service.governance.figures import Cell, Figure, Part, Table, count, parted
from service.governance.major import Tests
from service.governance.volumes import name_of_line
from triage.rules.calendar import local
from triage.taxonomy import Taxonomy

_SOON = timedelta(days=3)
_SHOWN = 10
_DAY = timedelta(days=1)
_HEADS = ("待办", "已逾期", "三日内到期", "监管件未联系", "重大在办", "提级在办")


def digest(book: Book, tests: Tests, taxonomy: Taxonomy, duties: Mapping[str, str]) -> Part:
    """Count by accountable person what is to be done, and list the most urgent of it."""
    waiting = [case for case in book.cases if case.ticket.next_action is not None]
    by = parted(waiting, lambda case: case.accountable)
    columns = _columns(tests, book.period.as_of)
    rows: list[tuple[Cell, ...]] = [(who, *_cells(who, own, columns)) for who, own in by.items()]
    tables = [Table(("责任人", *_HEADS), tuple(rows))]
    for who, own in by.items():
        urgent = sorted(own, key=_urgency)[:_SHOWN]
        shown = [_row(case, book.period.as_of, taxonomy, duties) for case in urgent]
        heads = (f"{who}：最紧急工单", "条线", "承办", "下一步", "期限", "距期限（日）", "状态")
        tables.append(Table(heads, tuple(shown)))
    notes = (
        "按责任人列出本期受理、至今仍有下一步要办的工单（含已办结仍须提示司法确认等的），供一把手和部室"
        f"负责人督办；每人列最紧急的{_SHOWN}件，在办的在前，"
        "按期限先后；全部编号见清单。距期限为负的已逾期。",
    )
    return Part("digest", "责任人督办提示", notes, tuple(tables))


def _columns(tests: Tests, now: datetime) -> dict[str, Callable[[Case], bool]]:
    def due(case: Case) -> timedelta | None:
        return None if case.ticket.next_due is None else case.ticket.next_due - now

    return {
        "waiting": lambda _: True,
        "overdue": lambda c: (left := due(c)) is not None and left < timedelta(0),
        "soon": lambda c: (left := due(c)) is not None and timedelta(0) <= left <= _SOON,
        "regulator": lambda c: c.runs and c.regulator and c.contacted_at is None,
        "major": lambda c: c.runs and any(holds(c) for _, holds in tests.values()),
        "lifted": lambda c: c.runs and "escalated" in c.ticket.flags,
    }


def _cells(who: str, cases: list[Case], columns: dict[str, Callable[[Case], bool]]) -> list[Figure]:
    return [
        count(f"digest.{who}.{code}", who, [case for case in cases if holds(case)])
        for code, holds in columns.items()
    ]


def _urgency(case: Case) -> tuple[bool, bool, float, int]:
    """Put what runs in front: what a closed ticket still owes must not hide it, however late."""
    due = case.ticket.next_due
    return not case.runs, due is None, 0.0 if due is None else due.timestamp(), case.ticket.id


def _row(
    case: Case, now: datetime, taxonomy: Taxonomy, duties: Mapping[str, str]
) -> tuple[Cell, ...]:
    row = case.ticket
    action = row.next_action or ""
    left = None if row.next_due is None else (row.next_due - now) / _DAY
    return (
        row.ticket_id,
        name_of_line(case, taxonomy),
        row.owner_unit or "—",
        names.ACTIONS.get(action) or duties.get(action, action),
        "—" if row.next_due is None else f"{local(row.next_due):%Y-%m-%d %H:%M}",
        Figure(
            f"digest.ticket.{row.ticket_id}", row.ticket_id, left, (row.ticket_id,), unit="days"
        ),
        names.STATES[row.state],
    )
