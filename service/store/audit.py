"""Who did what; never a narrative, raw or masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.records import Facts
from service.store.records_service import Actor, AuditRecord
from service.store.sql import add as add_row
from service.store.sql import add_many, table_of
from service.store.tables_service import Audit

_T = table_of(Audit)
_SHOWN = select(*(_T.c[f.name] for f in fields(AuditRecord)))


def note(
    session: Session,
    actor: Actor,
    what: str,
    *,
    at: datetime,
    ticket_id: str | None = None,
    data: Facts | None = None,
) -> int:
    """Note that somebody did something (`ticket.read`, `customer.erased` ...)."""
    return add_row(session, _T, _values(actor, what, at, ticket_id, data))


def note_many(session: Session, what: str, acts: Sequence[tuple[Actor, str, datetime]]) -> None:
    """Note that somebody did the same with several tickets: who, which, when."""
    rows = [_values(actor, what, at, ticket_id, None) for actor, ticket_id, at in acts]
    add_many(session, _T, rows)


def _values(
    actor: Actor, what: str, at: datetime, ticket_id: str | None, data: Facts | None
) -> dict[str, Any]:
    values: dict[str, Any] = {"at": at, "who": actor.who, "role": actor.role, "what": what}
    values |= {"ticket_id": ticket_id, "request_id": actor.request_id, "data": dict(data or {})}
    return values


def entries(
    session: Session, *, ticket_id: str | None = None, before: int | None = None, limit: int = 100
) -> list[AuditRecord]:
    """Give entries, newest first; `before` is the number of the last one had."""
    statement = _SHOWN
    if ticket_id is not None:
        statement = statement.where(_T.c.ticket_id == ticket_id)
    if before is not None:
        statement = statement.where(_T.c.id < before)
    rows = session.execute(statement.order_by(_T.c.id.desc()).limit(limit))
    return [AuditRecord(**row._mapping) for row in rows]
