"""What tickets are looked at for, as SQL: the board counts by it and the ledger chooses by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Text, and_, exists, or_, type_coerce

from service.store.records import DutyState
from service.store.sql import table_of
from service.store.tables import Complaint, Duty, Event, Repeat, Verdict

SAME_DAY = "contact_same_day"
GUIDED = "regulator_guided"
_C = table_of(Complaint)
_D = table_of(Duty)
_E = table_of(Event)
_R = table_of(Repeat)
_V = table_of(Verdict)


class Matter(StrEnum):
    """What a ticket is looked at for."""

    REPEAT = "repeat"  # the customer came before, for the same
    LEAK = "leak"  # the rules bar it from outlets, and it lies with one
    CONVERTED = "converted"  # guided by the regulator, and formal since
    CONTACT_LATE = "contact_late"  # not spoken to on the day, where that is owed
    LATE = "late"  # some duty was not met in its time
    CORRECTED = "corrected"  # a reviewer gave it another line


def concerns(matter: Matter, now: datetime) -> ColumnElement[bool]:
    """Say whether a ticket is one of them, at a moment."""
    return _CONDITIONS[matter](now)


def in_time() -> ColumnElement[bool]:
    """Say whether a duty was met in its time; never unknown, so it can be denied."""
    met_at = _D.c.met_at
    return and_(_D.c.state == DutyState.MET, met_at.is_not(None), met_at <= _D.c.due_at)


def counts(now: datetime) -> ColumnElement[bool]:
    """Say whether a duty can be told kept or not: it was settled, or its time is over."""
    over = or_(_D.c.state != DutyState.OPEN, _D.c.due_at < now)
    return and_(_D.c.due_at.is_not(None), _D.c.state != DutyState.WAIVED, over)


def gives_line() -> ColumnElement[bool]:
    """Say whether a verdict gave another line than the model."""
    return type_coerce(_V.c.corrections, Text).contains('"line":', autoescape=True)


def holds() -> ColumnElement[bool]:
    """Say whether a verdict was not taken back."""
    return _V.c.undone_at.is_(None)


def is_repeat() -> ColumnElement[bool]:
    """Say whether a ticket repeats an earlier one of its customer."""
    return exists().where(_R.c.complaint_id == _C.c.id, _R.c.kind == "customer")


def is_converted() -> ColumnElement[bool]:
    """Say whether a ticket that the regulator guided became formal."""
    became = exists().where(_E.c.complaint_id == _C.c.id, _E.c.kind == "conversion")
    return and_(_C.c.channel == GUIDED, became)


def leaks() -> ColumnElement[bool]:
    """Say whether a ticket lies with an outlet though the rules bar it from there."""
    return and_(_C.c.barred.is_(True), _C.c.owner_level == "outlet")


def _late(now: datetime, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_D.c.complaint_id == _C.c.id, counts(now), ~in_time(), *which)


def _corrected() -> ColumnElement[bool]:
    return exists().where(_V.c.complaint_id == _C.c.id, holds(), gives_line())


_CONDITIONS: dict[Matter, Callable[[datetime], ColumnElement[bool]]] = {
    Matter.REPEAT: lambda _now: is_repeat(),
    Matter.LEAK: lambda _now: leaks(),
    Matter.CONVERTED: lambda _now: is_converted(),
    Matter.CONTACT_LATE: lambda now: _late(now, _D.c.code == SAME_DAY),
    Matter.LATE: _late,
    Matter.CORRECTED: lambda _now: _corrected(),
}
