"""Sessions of the desk, as hashes, and failed tries to open one."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from service.store.records_review import LoginRecord
from service.store.sql import add_if_new, changed, table_of, values_of
from service.store.tables_review import Login, LoginFailure

_T = table_of(Login)
_F = table_of(LoginFailure)
_SHOWN = select(*(_T.c[f.name] for f in fields(LoginRecord)))


def open_login(session: Session, login: LoginRecord) -> None:
    """Keep a session; those that are over go."""
    session.execute(delete(_T).where(_T.c.until <= login.created_at))
    add_if_new(session, _T, values_of(login), "sha256", give="sha256")


def find(session: Session, sha256: str) -> LoginRecord | None:
    """Give a session by its hash, even one that is over."""
    row = session.execute(_SHOWN.where(_T.c.sha256 == sha256)).one_or_none()
    return LoginRecord(**row._mapping) if row else None


def seen(session: Session, sha256: str, now: datetime) -> None:
    """Note that a session was used."""
    session.execute(update(_T).where(_T.c.sha256 == sha256).values(seen_at=now))


def close(session: Session, sha256: str) -> bool:
    """End a session; False when there is none."""
    return changed(session, delete(_T).where(_T.c.sha256 == sha256)) == 1


def close_all(session: Session, ident: str) -> int:
    """End the sessions of a key; give how many there were."""
    return changed(session, delete(_T).where(_T.c.ident == ident))


def tries(session: Session, place: str, now: datetime, within: timedelta) -> int:
    """Give how often in a row somebody failed from a place; older failures are forgotten."""
    chosen = (_F.c.place == place, _F.c.last_at > now - within)
    return session.execute(select(_F.c.tries).where(*chosen)).scalar_one_or_none() or 0


def failed(session: Session, place: str, now: datetime, within: timedelta) -> int:
    """Count a failure; give how many there are in a row."""
    session.execute(delete(_F).where(_F.c.last_at <= now - within))
    add_if_new(session, _F, {"place": place, "tries": 0, "last_at": now}, "place", give="place")
    more = {"tries": _F.c.tries + 1, "last_at": now}
    session.execute(update(_F).where(_F.c.place == place).values(more))
    return tries(session, place, now, within)


def forget(session: Session, place: str) -> None:
    """Forget the failures of a place."""
    session.execute(delete(_F).where(_F.c.place == place))
