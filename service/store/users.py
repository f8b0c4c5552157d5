"""Accounts that sign in by password."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from service.store.records_review import UserRecord
from service.store.sql import add_if_new, changed, table_of, values_of
from service.store.tables_review import Login, User

_T = table_of(User)
_L = table_of(Login)
_SHOWN = select(*(_T.c[f.name] for f in fields(UserRecord)))


def add(session: Session, user: UserRecord) -> bool:
    """Keep an account; False when its name is taken."""
    return add_if_new(session, _T, values_of(user), "name", give="name") is not None


def find(session: Session, name: str) -> UserRecord | None:
    """Give an account by its name."""
    row = session.execute(_SHOWN.where(_T.c.name == name)).one_or_none()
    return UserRecord(**row._mapping) if row else None


def every(session: Session) -> list[UserRecord]:
    """Give the accounts in the order of their names."""
    return [UserRecord(**row._mapping) for row in session.execute(_SHOWN.order_by(_T.c.name))]


def set_password(session: Session, name: str, password: str, now: datetime) -> bool:
    """Keep another password; the sessions of the account end. False when there is none."""
    ident = select(_T.c.ident).where(_T.c.name == name).scalar_subquery()
    session.execute(delete(_L).where(_L.c.ident == ident))
    values = {"password": password, "changed_at": now}
    return changed(session, update(_T).where(_T.c.name == name).values(values)) == 1
