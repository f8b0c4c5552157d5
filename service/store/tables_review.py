"""Tables of the review desk: whose turn a ticket is, who is signed in, who failed to."""

from __future__ import annotations

from datetime import datetime

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
    """Failed tries to sign in from one place (a keyed hash of its address), in a row."""

    __tablename__ = "login_failures"

    place: Mapped[str] = mapped_column(primary_key=True)
    tries: Mapped[int]
    last_at: Mapped[datetime]
