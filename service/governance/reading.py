"""Reads what a report is made of, as it stands in the ledger at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TypeVar

from service.governance.cases import Book, Case, Period
from service.store import alerts, items, reporting
from service.store.database import Database, Session
from service.store.records_governance import ItemRecord
from service.store.reporting import DutyRow, EventRow, RepeatRow
from triage.rules.calendar import midnight

_Row = TypeVar("_Row", EventRow, DutyRow, RepeatRow)


def read_book(database: Database, period: Period, *, weeks: int) -> Book:
    """Read a period as it stands at one moment; `weeks` are looked back before a measure."""
    with database.read() as session:
        cases = _cases(session, period)
        down = _by_ticket(reporting.events(session, *period.before, kind="sent_down"))
        others = sorted({repeat.other_id for case in cases for repeat in case.repeats})
        known = items.of_period(session, period.start, period.end)
        approved = alerts.approved_between(session, period.start, period.end)
        typical = list(dict.fromkeys(ident for each in approved for ident in each.typical))
        return Book(
            period=period,
            cases=cases,
            before=[
                Case(row, tuple(down.get(row.id, ())))
                for row in reporting.tickets(session, *period.before)
            ],
            earlier=_by_ticket(reporting.events_of(session, others)),
            items=known,
            about=items.of_period(session, period.start, max(period.end, period.as_of)),
            measured=_measured(session, known, period, weeks),
            alerts=approved,
            texts=reporting.texts(session, typical),
        )


def _cases(session: Session, period: Period) -> list[Case]:
    ends = period.start, period.end
    events = _by_ticket(reporting.events(session, *ends))
    duties = _by_ticket(reporting.duties(session, *ends))
    repeats = _by_ticket(reporting.repeats(session, *ends))
    intakes = {each.complaint_id: each for each in reporting.intakes(session, *ends)}
    checks = {each.complaint_id: each for each in reporting.checks(session, *ends)}
    followed = set(reporting.followed(session, *ends))
    return [
        Case(
            ticket,
            tuple(events.get(ticket.id, ())),
            tuple(duties.get(ticket.id, ())),
            tuple(repeats.get(ticket.id, ())),
            intakes.get(ticket.id),
            checks.get(ticket.id),
            ticket.id in followed,
        )
        for ticket in reporting.tickets(session, *ends)
    ]


def _by_ticket(rows: Iterable[_Row]) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.complaint_id, []).append(row)
    return found


def _measured(
    session: Session, known: Sequence[ItemRecord], period: Period, weeks: int
) -> dict[int, list[Case]]:
    found = {}
    for item in known:
        if item.effective_on is None or (item.line is None and item.unit is None):
            continue
        start = midnight(date.fromisoformat(item.effective_on) - timedelta(weeks=weeks))
        found[item.id] = [
            Case(row)
            for row in reporting.tickets(session, start, period.end)
            if item.line in (None, row.line) and item.unit in (None, row.unit)
        ]
    return found
