"""Tables of the review desk: whose turn a ticket is, who may come in, what each one chose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.store.columns import BIG, Base


class Review(Base):
    """How a ticket stands in review; there is a row once somebody has touched it."""

    __tablename__ = "reviews"

    complaint_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("complaints.id"), primary_key=True, autoincrement=False
    )
    state: Mapped[str]
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[datetime | None]
    last_who: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]


class Login(Base):
    """A session of the desk, under the hash of what the cookie holds."""

    __tablename__ = "logins"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    ident: Mapped[str] = mapped_column(ForeignKey("keys.ident"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)


class LoginFailure(Base):
    """Failed tries to sign in from one place, or to one account, in a row; a keyed hash of it."""

    __tablename__ = "login_failures"

    place: Mapped[str] = mapped_column(primary_key=True)
    tries: Mapped[int]
    last_at: Mapped[datetime]


class User(Base):
    """An account that signs in by password; `ident` is the key that it acts as.

    Nobody holds that key: who it is, its role and whether it is revoked are told in one place.
    """

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(primary_key=True)
    ident: Mapped[str] = mapped_column(ForeignKey("keys.ident"), unique=True)
    password: Mapped[str]
    changed_at: Mapped[datetime]


class Identity(Base):
    """Somebody who signs in with a provider of the bank; `ident` is the key that he acts as."""

    __tablename__ = "identities"

    digest: Mapped[str] = mapped_column(primary_key=True)
    ident: Mapped[str] = mapped_column(ForeignKey("keys.ident"), unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Choice(Base):
    """What somebody set for himself at the desk: keys, views of the queue, a goal."""

    __tablename__ = "desk_choices"

    who: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]]
