"""Who did what; never a narrative, raw or masked."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.records import Facts
from service.store.records_service import Actor, AuditRecord
from service.store.sql import add as add_row
from service.store.sql import table_of
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
    values: dict[str, Any] = {"at": at, "who": actor.who, "role": actor.role, "what": what}
    values |= {"ticket_id": ticket_id, "request_id": actor.request_id, "data": dict(data or {})}
    return add_row(session, _T, values)


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
