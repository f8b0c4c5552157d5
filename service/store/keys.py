"""Keys of callers, as hashes."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from service.store.records_service import KeyRecord, Role
from service.store.sql import add_if_new, changed, table_of, values_of
from service.store.tables_service import Key

_T = table_of(Key)
_SHOWN = select(*(_T.c[f.name] for f in fields(KeyRecord)))
_TOUCH_EVERY = timedelta(minutes=1)


def add(session: Session, key: KeyRecord) -> bool:
    """Keep a key; False when its id is taken."""
    return add_if_new(session, _T, values_of(key), "ident", give="ident") is not None


def every(session: Session) -> list[KeyRecord]:
    """Give the keys, oldest first, revoked ones too."""
    rows = session.execute(_SHOWN.order_by(_T.c.created_at, _T.c.ident))
    return [_record(row) for row in rows]


def find(session: Session, ident: str) -> KeyRecord | None:
    """Give a key by its id."""
    row = session.execute(_SHOWN.where(_T.c.ident == ident)).one_or_none()
    return _record(row) if row else None


def change(session: Session, ident: str, role: Role, label: str) -> None:
    """Give a key another role and label."""
    session.execute(update(_T).where(_T.c.ident == ident).values(role=role, label=label))


def revoke(session: Session, ident: str, now: datetime) -> None:
    """Make a key useless; one that is revoked stays so since then."""
    live = (_T.c.ident == ident, _T.c.revoked_at.is_(None))
    session.execute(update(_T).where(*live).values(revoked_at=now))


def rotate(session: Session, ident: str, sha256: str, old_until: datetime) -> bool:
    """Give a key another secret; the one before is good until a moment. Not a revoked key."""
    live = (_T.c.ident == ident, _T.c.revoked_at.is_(None))
    # The right sides are those of the row as it was.
    values = {"sha256": sha256, "old_sha256": _T.c.sha256, "old_until": old_until}
    return changed(session, update(_T).where(*live).values(values)) == 1


def touch(session: Session, ident: str, now: datetime) -> None:
    """Note that a key was used, once a minute at most."""
    long_ago = _T.c.last_used_at.is_(None) | (_T.c.last_used_at <= now - _TOUCH_EVERY)
    statement = update(_T).where(_T.c.ident == ident, long_ago)
    session.execute(statement.values(last_used_at=now))


def _record(row: Row[Any]) -> KeyRecord:
    facts = dict(row._mapping)
    return KeyRecord(**facts | {"role": Role(facts["role"])})
