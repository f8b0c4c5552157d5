"""What the board shows, counted: each figure is one statement, bounded by a span of time.

Tickets belong to the span in which they were received, verdicts to the one in which they were
given. Days are those of Shanghai.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from service.store.days import day_of
from service.store.matters import (
    GUIDED,
    SAME_DAY,
    counts,
    gives_line,
    holds,
    in_time,
    is_converted,
    is_repeat,
    leaks,
)
from service.store.records import DutyState
from service.store.sql import table_of
from service.store.tables import Complaint, Duty, Verdict

_C = table_of(Complaint)
_D = table_of(Duty)
_V = table_of(Verdict)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to another, itself left out; `now` says whose time is over."""

    since: datetime
    until: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Volume:
    """Tickets under a name (a day, a line, a unit): all, in the high band, repeats."""

    name: str | None
    total: int
    high: int = 0
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """Duties under a name (a code, a day): those that count, and those met in time."""

    name: str
    total: int
    in_time: int
    attempted: int = 0

    @property
    def late(self) -> int:
        """Those that were not met in time."""
        return self.total - self.in_time

    @property
    def share(self) -> float | None:
        """The share met in time."""
        return self.in_time / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Overridden:
    """Verdicts on tickets of a line: all, those with another line, with any correction."""

    line: str | None
    total: int
    line_changed: int
    corrected: int


def volume(session: Session, span: Span, by: str | None = None) -> list[Volume]:
    """Count tickets by a column, the largest number in front; by day without one."""
    name = day_of(_C.c.received_at) if by is None else _C.c[by]
    shown = select(
        name.label("name"),
        func.count().label("total"),
        _number(_C.c.band == "high").label("high"),
        _number(is_repeat()).label("repeats"),
    )
    total: ColumnElement[Any] = func.count()
    order = (name,) if by is None else (total.desc(), name)
    statement = shown.where(*_received(span)).group_by(name).order_by(*order)
    rows = session.execute(statement)
    return [Volume(row.name, row.total, int(row.high), int(row.repeats)) for row in rows]


def total(session: Session, span: Span) -> int:
    """Count the tickets of a span."""
    return _count(session, *_received(span))


def repeats(session: Session, span: Span) -> int:
    """Count tickets that repeat an earlier one of their customer."""
    return _count(session, *_received(span), is_repeat())


def guided(session: Session, span: Span) -> tuple[int, int]:
    """Count the tickets that the regulator guided to the bank, and those that became formal."""
    theirs = (*_received(span), _C.c.channel == GUIDED)
    return _count(session, *theirs), _count(session, *theirs, is_converted())


def leaking(session: Session, span: Span) -> int:
    """Count tickets that lie with an outlet though the rules bar them from there."""
    return _count(session, *_received(span), leaks())


def kept(session: Session, span: Span) -> list[Kept]:
    """Count duties of the tickets of a span by code, the largest number in front."""
    number = func.count()
    return _kept(session, span, _D.c.code, (number.desc(), _D.c.code))


def contacts(session: Session, span: Span) -> list[Kept]:
    """Count the contacts owed on the same day, by the day the ticket was received."""
    day = day_of(_C.c.received_at)
    return _kept(session, span, day, (day,), _D.c.code == SAME_DAY)


def overridden(session: Session, span: Span) -> list[Overridden]:
    """Count the verdicts of a span by the line that the model gave."""
    number = func.count()
    shown = select(
        _C.c.line,
        number.label("total"),
        _number(gives_line()).label("line_changed"),
        _number(_V.c.agrees.is_(False)).label("corrected"),
    )
    theirs = (holds(), _V.c.at >= span.since, _V.c.at < span.until)
    joined = shown.select_from(_V.join(_C, _C.c.id == _V.c.complaint_id)).where(*theirs)
    ordered = joined.group_by(_C.c.line).order_by(number.desc(), _C.c.line)
    return [
        Overridden(row.line, row.total, int(row.line_changed), int(row.corrected))
        for row in session.execute(ordered)
    ]


def reviewed(session: Session, span: Span) -> list[Volume]:
    """Count the verdicts of a span by day; nobody is told apart."""
    day = day_of(_V.c.at)
    theirs = (holds(), _V.c.at >= span.since, _V.c.at < span.until)
    statement = select(day.label("name"), func.count().label("total")).where(*theirs)
    rows = session.execute(statement.group_by(day).order_by(day))
    return [Volume(row.name, row.total) for row in rows]


def _kept(
    session: Session, span: Span, name: Any, order: tuple[Any, ...], *which: ColumnElement[bool]
) -> list[Kept]:
    shown = select(
        name.label("name"),
        func.count().label("total"),
        _number(in_time()).label("in_time"),
        _number(_D.c.state == DutyState.ATTEMPTED).label("attempted"),
    )
    joined = shown.select_from(_C.join(_D, _D.c.complaint_id == _C.c.id))
    statement = joined.where(*_received(span), counts(span.now), *which)
    rows = session.execute(statement.group_by(name).order_by(*order))
    return [Kept(row.name, row.total, int(row.in_time), int(row.attempted)) for row in rows]


def _received(span: Span) -> tuple[ColumnElement[bool], ...]:
    return _C.c.received_at >= span.since, _C.c.received_at < span.until


def _count(session: Session, *which: ColumnElement[bool]) -> int:
    statement = select(func.count()).select_from(_C).where(*which)
    return int(session.execute(statement).scalar_one())


def _number(which: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0)
