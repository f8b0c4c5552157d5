"""Duties and their clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, literal_column, select, update
from sqlalchemy.orm import Session

from service.store.records import SETTLED, DutyRecord, DutyState, NewDuty
from service.store.sql import add_many, changed, table_of, values_of
from service.store.tables import Complaint, Duty

_T = table_of(Duty)
_C = table_of(Complaint)
_KEPT_OF = tuple(f.name for f in fields(DutyRecord) if f.name != "ticket_id")
_SHOWN: Select[Any] = select(*(_T.c[name] for name in _KEPT_OF), _C.c.ticket_id).join(
    _C, _C.c.id == _T.c.complaint_id
)
# Made once: to build a statement takes longer than to run it.
_KEPT = select(_T.c.code, _T.c.rule, _T.c.due_at).where(
    _T.c.complaint_id == bindparam("complaint_id")
)
_OF = _SHOWN.where(_T.c.complaint_id.in_(bindparam("complaint_ids", expanding=True))).order_by(
    _T.c.due_at.is_(None), _T.c.due_at, _T.c.id
)
_LOOK_AGAIN = (
    update(_T)
    .where(_T.c.id == bindparam("ident"))
    .values(look_at=bindparam("at", type_=_T.c.look_at.type))
)
# Written out: for a value that comes with the call SQLite does not take a partial index.
_OPEN = _T.c.state == literal_column(f"'{DutyState.OPEN.value}'")
_MISSED = _T.c.state == literal_column(f"'{DutyState.MISSED.value}'")
_COUNT = select(func.count()).select_from(_T).join(_C, _C.c.id == _T.c.complaint_id)


def put(session: Session, complaint_id: int, duties: Iterable[NewDuty], now: datetime) -> None:
    """Open duties that are new; of open ones with another due time take the new one.

    One that was met, missed or waived stays as it is.
    """
    wanted = {(duty.code, duty.rule): duty for duty in duties}
    found = session.execute(_KEPT, {"complaint_id": complaint_id})
    kept = {(row.code, row.rule): row.due_at for row in found}
    for name in kept.keys() & wanted.keys():
        if kept[name] != wanted[name].due_at:
            _move(session, complaint_id, wanted[name], now)
    fresh = [duty for name, duty in wanted.items() if name not in kept]
    put_new(session, [(complaint_id, fresh, now)])


def put_new(session: Session, owed: Iterable[tuple[int, Iterable[NewDuty], datetime]]) -> None:
    """Open the first duties of tickets: number of the ticket, its duties, the moment."""
    same: dict[str, Any] = {"state": DutyState.OPEN, "met_at": None, "nudged": []}
    rows = [
        _clock(duty, now) | same | {"complaint_id": complaint_id, "opened_at": now}
        for complaint_id, duties, now in owed
        for duty in duties
    ]
    add_many(session, _T, rows, "complaint_id", "code", "rule")


def _move(session: Session, complaint_id: int, duty: NewDuty, now: datetime) -> None:
    same = (_T.c.complaint_id == complaint_id, _T.c.code == duty.code, _T.c.rule == duty.rule)
    # With a new due time everybody is to be reminded anew.
    new = _clock(duty, now) | {"nudged": []}
    session.execute(update(_T).where(*same, _OPEN).values(new))


def _clock(duty: NewDuty, now: datetime) -> dict[str, Any]:
    """Give what is kept of a duty; whoever watches looks at it at once, and says when again."""
    alarms = [alarm.isoformat() for alarm in duty.alarms]
    look_at = now if duty.due_at is not None else None
    return values_of(duty) | {"alarms": alarms, "look_at": look_at}


def of(session: Session, complaint_id: int) -> list[DutyRecord]:
    """Give the duties of a ticket, those due first in front."""
    return of_many(session, [complaint_id]).get(complaint_id, [])


def of_many(session: Session, complaint_ids: Sequence[int]) -> dict[int, list[DutyRecord]]:
    """Give the duties of several tickets, each list with those due first in front."""
    found: dict[int, list[DutyRecord]] = {}
    for row in session.execute(_OF, {"complaint_ids": list(complaint_ids)}):
        found.setdefault(row.complaint_id, []).append(_record(row))
    return found


def settle(session: Session, duty_id: int, state: DutyState, at: datetime) -> bool:
    """Say what became of an open duty (or of one that was only attempted, or missed).

    Gives False when it was met or waived before. `met_at` is set when it is met.
    """
    unsettled = _T.c.state.in_((DutyState.OPEN, DutyState.ATTEMPTED, DutyState.MISSED))
    met_at = at if state is DutyState.MET else None
    statement = update(_T).where(_T.c.id == duty_id, unsettled)
    return changed(session, statement.values(state=state, met_at=met_at)) == 1


def waiting(session: Session, now: datetime, *, limit: int = 500) -> list[DutyRecord]:
    """Give open duties that are to be looked at by now, those that wait longest in front."""
    statement = _SHOWN.where(_OPEN, _T.c.look_at <= now).order_by(_T.c.look_at, _T.c.id)
    return [_record(row) for row in session.execute(statement.limit(limit))]


def look_again(session: Session, next_at: Mapping[int, datetime | None]) -> None:
    """Say when open duties, by their numbers, are to be looked at next; None is never."""
    if next_at:
        rows = [{"ident": ident, "at": at} for ident, at in next_at.items()]
        session.connection().execute(_LOOK_AGAIN, rows)


def nudge(session: Session, duty_id: int, level: str) -> bool:
    """Note that somebody was reminded at a level; False when it was noted before."""
    nudged = session.execute(select(_T.c.nudged).where(_T.c.id == duty_id)).scalar_one()
    if level in nudged:
        return False
    session.execute(update(_T).where(_T.c.id == duty_id).values(nudged=[*nudged, level]))
    return True


def overdue(session: Session, at: datetime) -> int:
    """Count the duties of unsettled tickets that were missed, or whose time is over."""
    missed = _COUNT.where(_MISSED, _C.c.state.not_in(SETTLED))
    # Nobody looks later than the end, so the index of those to be looked at holds them all.
    late = _COUNT.where(_OPEN, _T.c.look_at <= at, _T.c.due_at < at, _C.c.state.not_in(SETTLED))
    return int(session.execute(missed).scalar_one() + session.execute(late).scalar_one())


def _record(row: Row[Any]) -> DutyRecord:
    facts = dict(row._mapping)
    alarms = tuple(datetime.fromisoformat(alarm) for alarm in facts["alarms"])
    state, nudged = DutyState(facts["state"]), tuple(facts["nudged"])
    return DutyRecord(**facts | {"state": state, "nudged": nudged, "alarms": alarms})
