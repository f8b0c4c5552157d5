"""Settled tickets that read like another, and the events that say how they ended."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from service.store.records import SETTLED, ComplaintRecord, EventRecord
from service.store.sql import table_of
from service.store.tables import Complaint, Event, RepeatKey

_C = table_of(Complaint)
_E = table_of(Event)
_K = table_of(RepeatKey)
_MOST_NEW, _MOST_SHARING = 200, 100
_ENDS = ("outcome", "withdrawal", "mediation", "plan_agreed")
# Made once: to build a statement takes longer than to run it.
_SETTLED = select(_C.c.id, _C.c.masked_text).where(
    _C.c.line == bindparam("line"),
    _C.c.state.in_(SETTLED),
    _C.c.erased_at.is_(None),
    _C.c.id != bindparam("own"),
    _C.c.customer_ref.is_distinct_from(bindparam("customer")),
)
_SHARING = (
    select(_K.c.complaint_id)
    .where(_K.c.band.in_(select(_K.c.band).where(_K.c.complaint_id == bindparam("own"))))
    .order_by(_K.c.complaint_id.desc())
    .limit(_MOST_SHARING)
)
_COPIES = _SETTLED.where(_C.c.id.in_(_SHARING))
_NEWEST = _SETTLED.order_by(_C.c.received_at.desc(), _C.c.id.desc()).limit(_MOST_NEW)
_ENDINGS = (
    select(*(_E.c[name] for name in EventRecord.__dataclass_fields__))
    .where(_E.c.complaint_id.in_(bindparam("idents", expanding=True)), _E.c.kind.in_(_ENDS))
    .order_by(_E.c.id)
)


def settled_near(session: Session, complaint: ComplaintRecord) -> dict[int, str]:
    """Give settled tickets of the same line that may read like one, number and masked text.

    Those that share a band of its sketch, and the newest besides; tickets of the same customer,
    which are shown elsewhere, and those that were erased are left out.
    """
    # No customer has an empty reference: of nobody's ticket none is left out.
    values = {
        "line": complaint.standing.line,
        "own": complaint.id,
        "customer": complaint.customer_ref or "",
    }
    rows = [*session.execute(_COPIES, values), *session.execute(_NEWEST, values)]
    return {row.id: row.masked_text for row in rows}


def endings(session: Session, complaint_ids: Sequence[int]) -> dict[int, list[EventRecord]]:
    """Give the events that say how tickets ended, in the order in which they were recorded."""
    found: dict[int, list[EventRecord]] = {ident: [] for ident in complaint_ids}
    for row in session.execute(_ENDINGS, {"idents": list(complaint_ids)}):
        found[row.complaint_id].append(EventRecord(**row._mapping))
    return found
