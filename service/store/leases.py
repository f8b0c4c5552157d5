"""Leases: of many processes one does a thing, until it gives it up or falls silent."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from service.store.sql import add_if_new, changed, table_of
from service.store.tables_service import Lease

_T = table_of(Lease)


def acquire(session: Session, name: str, holder: str, *, now: datetime, seconds: float) -> bool:
    """Take or renew a lease; False while somebody else holds it."""
    until = now + timedelta(seconds=seconds)
    free = (_T.c.holder == holder) | (_T.c.until <= now)
    taken = update(_T).where(_T.c.name == name, free).values(holder=holder, until=until)
    if changed(session, taken):
        return True
    values = {"name": name, "holder": holder, "until": until}
    return add_if_new(session, _T, values, "name", give="name") is not None


def release(session: Session, name: str, holder: str) -> None:
    """Give up a lease that one holds."""
    session.execute(delete(_T).where(_T.c.name == name, _T.c.holder == holder))
