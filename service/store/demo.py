"""Tickets of the demonstration: told by their identifier, and the only ones ever removed."""

from __future__ import annotations

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.orm import Session

from service.store.sql import changed, table_of
from service.store.tables import (
    Assessment,
    Complaint,
    Duty,
    Event,
    Repeat,
    RepeatKey,
    Verdict,
)
from service.store.tables_review import Review
from service.store.tables_service import Audit, Delivery, RawNarrative

LOADED, REMOVED = "demo.loaded", "demo.removed"
PREFIX = "DEMO-"
_C = table_of(Complaint)
_OURS = _C.c.ticket_id.startswith(PREFIX, autoescape=True)
# In this order: a row goes before what it points to.
_BELONGS = tuple(
    table_of(kind) for kind in (RawNarrative, Verdict, Review, Duty, Event, Assessment, RepeatKey)
)


def known(session: Session) -> set[str]:
    """Give the identifiers of the demonstration's tickets."""
    return set(session.execute(select(_C.c.ticket_id).where(_OURS)).scalars())


def empty(session: Session) -> bool:
    """Say whether the ledger holds no ticket at all."""
    return session.execute(select(_C.c.id).limit(1)).one_or_none() is None


def remove(session: Session) -> int:
    """Remove the demonstration's tickets with all that belongs to them; give how many."""
    ours: Select[tuple[int]] = select(_C.c.id).where(_OURS)
    links, sent = table_of(Repeat), table_of(Delivery)
    session.execute(
        delete(links).where(or_(links.c.complaint_id.in_(ours), links.c.other_id.in_(ours)))
    )
    for table in _BELONGS:
        session.execute(delete(table).where(table.c.complaint_id.in_(ours)))
    session.execute(delete(sent).where(sent.c.ticket_id.startswith(PREFIX, autoescape=True)))
    return changed(session, delete(_C).where(_OURS))


def loaded(session: Session) -> bool:
    """Say whether a year was loaded to its end, and not removed since."""
    audit = table_of(Audit)
    last = select(audit.c.what).where(audit.c.what.in_((LOADED, REMOVED)))
    return session.execute(last.order_by(audit.c.id.desc()).limit(1)).scalar() == LOADED
