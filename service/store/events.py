"""What happened to a ticket: rows are only ever added."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, bindparam, select
from sqlalchemy.orm import Session

from service.store.records import Added, EventRecord, NewEvent, Outcome
from service.store.sql import add_if_new, table_of, values_of
from service.store.tables import Event

_T = table_of(Event)
_SHOWN = select(*(_T.c[f.name] for f in fields(EventRecord)))
# Made once: to build a statement takes longer than to run it.
_OF = (
    _SHOWN.where(_T.c.complaint_id == bindparam("complaint_id"), _T.c.id > bindparam("after"))
    .order_by(_T.c.id)
    .limit(bindparam("most", type_=Integer()))
)


def append(session: Session, complaint_id: int, event: NewEvent, now: datetime) -> Added:
    """Add an event; one with a `key` that this ticket has is not added again.

    Its outcome is then `stored` if the bodies are the same, else `conflict`.
    """
    values = {**values_of(event), "complaint_id": complaint_id, "created_at": now}
    ident = add_if_new(session, _T, values, "complaint_id", "key")
    if ident is not None:
        return Added(Outcome.NEW, ident)
    row = session.execute(
        select(_T.c.id, _T.c.body_hash).where(
            _T.c.complaint_id == complaint_id, _T.c.key == event.key
        )
    ).one()
    same = row.body_hash == event.body_hash
    return Added(Outcome.STORED if same else Outcome.CONFLICT, row.id)


def of(
    session: Session, complaint_id: int, *, after: int = 0, limit: int = 1000
) -> list[EventRecord]:
    """Give the events of a ticket in the order in which they were added."""
    values = {"complaint_id": complaint_id, "after": after, "most": limit}
    return [_record(row) for row in session.execute(_OF, values)]


def get(session: Session, event_id: int) -> EventRecord:
    """Give an event by its number."""
    return _record(session.execute(_SHOWN.where(_T.c.id == event_id)).one())


def texts(session: Session, complaint_id: int, *, through: int | None = None) -> list[str]:
    """Give the masked words that came after intake, up to the event `through`, in order."""
    statement = select(_T.c.text).where(_T.c.complaint_id == complaint_id, _T.c.text.is_not(None))
    if through is not None:
        statement = statement.where(_T.c.id <= through)
    return list(session.execute(statement.order_by(_T.c.id)).scalars())


def _record(row: Row[Any]) -> EventRecord:
    return EventRecord(**row._mapping)
