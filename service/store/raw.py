"""Narratives as submitted: kept encrypted where that is wanted, and every look at one noted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from service.store.errors import RawNotKept
from service.store.privacy import Vault
from service.store.records_service import AccessRecord, Actor
from service.store.sql import add as add_row
from service.store.sql import changed, table_of
from service.store.tables import Complaint
from service.store.tables_service import RawAccess, RawNarrative

_T = table_of(RawNarrative)
_A = table_of(RawAccess)
_C = table_of(Complaint)


def keep(
    session: Session,
    vault: Vault,
    complaint_id: int,
    narrative: str,
    *,
    now: datetime,
    days: int,
    event_id: int | None = None,
) -> None:
    """Keep the narrative of a ticket, or of one of its events, for some days."""
    kept = {"kept_at": now, "until": now + timedelta(days=days)}
    sealed = vault.seal(narrative)
    of = {"complaint_id": complaint_id, "event_id": event_id}
    add_row(session, _T, {**of, **kept, "sealed": sealed})


def read(
    session: Session, vault: Vault, ticket_id: str, actor: Actor, *, why: str, now: datetime
) -> list[str]:
    """Give the narratives of a ticket as submitted, the first one in front; noted as read.

    Raises
    ------
    RawNotKept
        When there is none (any more), or no key opens it.
    """
    statement = (
        select(_T.c.sealed)
        .join(_C, _C.c.id == _T.c.complaint_id)
        .where(_C.c.ticket_id == ticket_id, _T.c.until > now)
        .order_by(_T.c.id)
    )
    found = [vault.open(sealed) for sealed in session.execute(statement).scalars()]
    if not found:
        raise RawNotKept(
            "the narrative as submitted is not kept", cure="read the masked one of the ticket"
        )
    note(session, "read", actor, why=why, now=now, narratives=len(found), ticket_id=ticket_id)
    return found


def purge(session: Session, actor: Actor, *, now: datetime) -> int:
    """Remove what is kept long enough; give how many."""
    gone = changed(session, delete(_T).where(_T.c.until <= now))
    if gone:
        note(session, "purge", actor, why="retention", now=now, narratives=gone)
    return gone


def rotate(
    session: Session, vault: Vault, actor: Actor, *, now: datetime, after: int = 0, limit: int = 500
) -> int | None:
    """Encrypt with the first key; give the number of the last one done, None at the end.

    Raises
    ------
    RawNotKept
        When no key opens one.
    """
    statement = select(_T.c.id, _T.c.sealed).where(_T.c.id > after).order_by(_T.c.id).limit(limit)
    rows = session.execute(statement).all()
    for row in rows:
        sealed = vault.rotate(row.sealed)
        session.execute(update(_T).where(_T.c.id == row.id).values(sealed=sealed))
    if not rows:
        return None
    note(session, "rotate", actor, why="new key", now=now, narratives=len(rows))
    return int(rows[-1].id)


def erase(session: Session, complaint_ids: Sequence[int], actor: Actor, *, now: datetime) -> int:
    """Remove the narratives of tickets; give how many."""
    gone = changed(session, delete(_T).where(_T.c.complaint_id.in_(complaint_ids)))
    if gone:
        note(session, "erase", actor, why="deletion", now=now, narratives=gone)
    return gone


def note(
    session: Session,
    act: str,
    actor: Actor,
    *,
    why: str,
    now: datetime,
    narratives: int,
    ticket_id: str | None = None,
) -> None:
    """Note an access."""
    values = {"at": now, "act": act, "ticket_id": ticket_id, "who": actor.who, "role": actor.role}
    values |= {"why": why, "request_id": actor.request_id, "narratives": narratives}
    add_row(session, _A, values)


def accesses(
    session: Session, *, ticket_id: str | None = None, before: int | None = None, limit: int = 100
) -> list[AccessRecord]:
    """Give accesses, newest first; `before` is the number of the last one had."""
    statement = select(_A)
    if ticket_id is not None:
        statement = statement.where(_A.c.ticket_id == ticket_id)
    if before is not None:
        statement = statement.where(_A.c.id < before)
    rows = session.execute(statement.order_by(_A.c.id.desc()).limit(limit))
    return [AccessRecord(**row._mapping) for row in rows]
