"""What reports are counted from: plain rows of the tickets received in a period, no narrative."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from service.store.records import Facts
from service.store.sql import table_of
from service.store.tables import Assessment, Complaint, Duty, Event, Repeat, Verdict
from service.store.tables_slice import AuditSlice

_C = table_of(Complaint)
_A = table_of(Assessment)
_E = table_of(Event)
_D = table_of(Duty)
_R = table_of(Repeat)
_S = table_of(AuditSlice)
_V = table_of(Verdict)
_EARLIER = _C.alias("earlier")
_LATER = _C.alias("later")
_PIECE = 2_000


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket as reports count it."""

    id: int
    ticket_id: str
    received_at: datetime
    created_at: datetime
    channel: str | None
    product: str | None
    unit: str | None
    prior_complaints_90d: int | None
    transfers: int | None
    group_size: int | None
    amount_cny: float | None
    state: str
    nature: str | None
    line: str | None
    subline: str | None
    abstained: bool
    owner_level: str | None
    owner_unit: str | None
    barred: bool | None
    flags: list[str]
    visited_branch: bool | None
    outlet_touchpoint: bool | None
    next_action: str | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened to a ticket of the period."""

    complaint_id: int
    kind: str
    at: datetime
    data: Facts


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A duty of a ticket of the period."""

    complaint_id: int
    code: str
    state: str
    due_at: datetime | None
    met_at: datetime | None


@dataclass(frozen=True, slots=True)
class RepeatRow:
    """A ticket of the period, and an earlier one of the same customer's matter."""

    complaint_id: int
    other_id: int
    other_received_at: datetime
    other_channel: str | None


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """What the first assessment of a ticket said; of the latest who answers, and what it read.

    `level` is that of the office to which the first ruling gave the ticket.
    """

    complaint_id: int
    band: str | None
    signals: frozenset[str]
    risk: float | None
    level: str | None
    accountable: str | None
    departments: tuple[str, ...]
    read: frozenset[str]


@dataclass(frozen=True, slots=True)
class CheckRow:
    """Whether chance drew a ticket to be checked, and whether its readers agreed, in order."""

    complaint_id: int
    drawn: bool
    agreed: tuple[bool, ...]


def tickets(session: Session, since: datetime, until: datetime) -> Iterator[TicketRow]:
    """Give the tickets received from a moment on and before another, oldest first."""
    statement = select(*(_C.c[f.name] for f in fields(TicketRow)))
    ordered = statement.where(*within(since, until)).order_by(_C.c.received_at, _C.c.id)
    for row in session.execute(ordered):
        yield TicketRow(*row)


def events(
    session: Session, since: datetime, until: datetime, *, kind: str | None = None
) -> Iterator[EventRow]:
    """Give what happened to those tickets, or what of a kind, in the order of its recording."""
    statement = select(_E.c.complaint_id, _E.c.kind, _E.c.at, _E.c.data)
    chosen = () if kind is None else (_E.c.kind == kind,)
    mine = statement.join(_C, _C.c.id == _E.c.complaint_id).where(*within(since, until), *chosen)
    for row in session.execute(mine.order_by(_E.c.id)):
        yield EventRow(*row)


def events_of(session: Session, complaint_ids: list[int]) -> Iterator[EventRow]:
    """Give what happened to some tickets, in the order in which it was recorded."""
    statement = select(_E.c.complaint_id, _E.c.kind, _E.c.at, _E.c.data)
    for start in range(0, len(complaint_ids), _PIECE):
        some = complaint_ids[start : start + _PIECE]
        chosen = statement.where(_E.c.complaint_id.in_(some)).order_by(_E.c.id)
        yield from (EventRow(*row) for row in session.execute(chosen))


def duties(session: Session, since: datetime, until: datetime) -> Iterator[DutyRow]:
    """Give the duties of those tickets."""
    statement = select(*(_D.c[f.name] for f in fields(DutyRow)))
    mine = statement.join(_C, _C.c.id == _D.c.complaint_id).where(*within(since, until))
    for row in session.execute(mine.order_by(_D.c.id)):
        yield DutyRow(*row)


def repeats(session: Session, since: datetime, until: datetime) -> Iterator[RepeatRow]:
    """Give which of those tickets repeat an earlier one of the same customer's matter."""
    earlier = (_EARLIER.c.received_at, _EARLIER.c.channel)
    statement = (
        select(_R.c.complaint_id, _R.c.other_id, *earlier)
        .join(_C, _C.c.id == _R.c.complaint_id)
        .join(_EARLIER, _EARLIER.c.id == _R.c.other_id)
        .where(_R.c.kind == "customer", *within(since, until))
    )
    for row in session.execute(statement.order_by(_R.c.id)):
        yield RepeatRow(*row)


def followed(session: Session, since: datetime, until: datetime) -> Iterator[int]:
    """Give which of those tickets a later complaint of the same customer's matter repeats."""
    statement = (
        select(_R.c.other_id)
        .distinct()
        .join(_C, _C.c.id == _R.c.other_id)
        .join(_LATER, _LATER.c.id == _R.c.complaint_id)
        .where(_R.c.kind == "customer", _LATER.c.nature == "complaint", *within(since, until))
    )
    yield from session.scalars(statement)


def intakes(session: Session, since: datetime, until: datetime) -> Iterator[IntakeRow]:
    """Give what the first and the latest assessment of each of those tickets said."""
    ends = (
        select(func.min(_A.c.id))
        .group_by(_A.c.complaint_id)
        .union(select(func.max(_A.c.id)).group_by(_A.c.complaint_id))
    )
    statement = (
        select(_A.c.complaint_id, _A.c.answer)
        .join(_C, _C.c.id == _A.c.complaint_id)
        .where(_A.c.id.in_(ends), *within(since, until))
    )
    rows = session.execute(statement.order_by(_A.c.complaint_id, _A.c.id))
    for ident, own in groupby(rows, key=itemgetter(0)):
        answers = [answer for _, answer in own]
        owner = answers[-1].get("owner") or {}
        read = frozenset(answers[-1].get("concepts") or ())
        told = owner.get("accountable"), tuple(owner.get("departments") or ())
        level = (answers[0].get("owner") or {}).get("level")
        yield IntakeRow(ident, *said_of(answers[0]), level, *told, read)


def checks(session: Session, since: datetime, until: datetime) -> Iterator[CheckRow]:
    """Give which of those tickets were drawn to be checked, and what their readers said."""
    mine = within(since, until)
    drawn = select(_S.c.complaint_id).join(_C, _C.c.id == _S.c.complaint_id).where(*mine)
    said = select(_V.c.complaint_id, _V.c.agrees).join(_C, _C.c.id == _V.c.complaint_id)
    agreed: dict[int, list[bool]] = {ident: [] for ident in session.scalars(drawn)}
    chance = frozenset(agreed)
    settled = (_V.c.undone_at.is_(None), _V.c.kind != "unsure")
    kept = said.where(*settled, *mine).order_by(_V.c.id)
    for ident, agrees in session.execute(kept):
        agreed.setdefault(ident, []).append(agrees)
    for ident, told in agreed.items():
        yield CheckRow(ident, ident in chance, tuple(told))


def texts(session: Session, ticket_ids: list[str]) -> dict[str, str]:
    """Give the masked narratives of a few tickets."""
    chosen = select(_C.c.ticket_id, _C.c.masked_text).where(_C.c.ticket_id.in_(ticket_ids))
    return {row.ticket_id: row.masked_text for row in session.execute(chosen)}


def said_of(answer: Any) -> tuple[str | None, frozenset[str], float | None]:
    """Give the band, the signals and the risk of an assessment."""
    risk = answer.get("escalation") or {}
    signals = frozenset(each["code"] for each in answer.get("signals") or ())
    return risk.get("band"), signals, risk.get("probability")


def within(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    """Give what holds of tickets received from a moment on and before another."""
    return _C.c.received_at >= since, _C.c.received_at < until
