"""People who sign in with a provider of the bank."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.store.records_review import IdentityRecord
from service.store.sql import add_if_new, table_of, values_of
from service.store.tables_review import Identity

_T = table_of(Identity)
_SHOWN = select(*(_T.c[f.name] for f in fields(IdentityRecord)))


def add(session: Session, identity: IdentityRecord) -> bool:
    """Keep somebody; False when he is known."""
    return add_if_new(session, _T, values_of(identity), "digest", give="digest") is not None


def find(session: Session, digest: str) -> IdentityRecord | None:
    """Give somebody by the hash of who he is."""
    row = session.execute(_SHOWN.where(_T.c.digest == digest)).one_or_none()
    return IdentityRecord(**row._mapping) if row else None


def every(session: Session) -> list[IdentityRecord]:
    """Give all, the first to come first."""
    rows = session.execute(_SHOWN.order_by(_T.c.created_at, _T.c.digest))
    return [IdentityRecord(**row._mapping) for row in rows]


def seen(session: Session, digest: str, now: datetime) -> None:
    """Note that somebody signed in."""
    session.execute(update(_T).where(_T.c.digest == digest).values(seen_at=now))
