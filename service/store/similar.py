"""Settled tickets that read like another, and the events that say how they ended."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from service.store.records import SETTLED, ComplaintRecord, EventRecord
from service.store.sql import table_of
from service.store.tables import Complaint, Event, RepeatKey

_C = table_of(Complaint)
_E = table_of(Event)
_K = table_of(RepeatKey)
_NEWEST, _SHARING = 200, 100
_ENDS = ("outcome", "withdrawal", "mediation", "plan_agreed")


def settled_near(session: Session, complaint: ComplaintRecord) -> dict[int, str]:
    """Give settled tickets of the same line that may read like one, number and masked text.

    Those that share a band of its sketch, and the newest besides; tickets of the same customer,
    which are shown elsewhere, and those that were erased are left out.
    """
    shown = select(_C.c.id, _C.c.masked_text).where(*_alike(complaint))
    bands = select(_K.c.band).where(_K.c.complaint_id == complaint.id)
    like = (
        select(_K.c.complaint_id)
        .where(_K.c.band.in_(bands))
        .order_by(_K.c.complaint_id.desc())
        .limit(_SHARING)
    )
    newest = shown.order_by(_C.c.received_at.desc(), _C.c.id.desc()).limit(_NEWEST)
    rows = [*session.execute(shown.where(_C.c.id.in_(like))), *session.execute(newest)]
    return {row.id: row.masked_text for row in rows}


def endings(session: Session, complaint_ids: Sequence[int]) -> dict[int, list[EventRecord]]:
    """Give the events that say how tickets ended, in the order in which they were recorded."""
    names = EventRecord.__dataclass_fields__
    statement = select(*(_E.c[name] for name in names)).where(
        _E.c.complaint_id.in_(complaint_ids), _E.c.kind.in_(_ENDS)
    )
    found: dict[int, list[EventRecord]] = {ident: [] for ident in complaint_ids}
    for row in session.execute(statement.order_by(_E.c.id)):
        found[row.complaint_id].append(EventRecord(**row._mapping))
    return found


def _alike(complaint: ComplaintRecord) -> list[ColumnElement[bool]]:
    conditions = [
        _C.c.line == complaint.standing.line,
        _C.c.state.in_(SETTLED),
        _C.c.erased_at.is_(None),
        _C.c.id != complaint.id,
    ]
    if complaint.customer_ref is not None:
        theirs: ColumnElement[bool] = _C.c.customer_ref.is_distinct_from(complaint.customer_ref)
        conditions.append(theirs)
    return conditions
