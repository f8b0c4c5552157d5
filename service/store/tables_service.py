"""Tables of the service itself: who may come in, who was told, who looked, whose turn it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.columns import BIG, Base, Ident, Json, Number

_PENDING = text("state = 'pending'")


class Audit(Base):
    """Who did what to which ticket; never a narrative."""

    __tablename__ = "audit"

    id: Mapped[Ident]
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str]
    role: Mapped[str]
    what: Mapped[str]
    ticket_id: Mapped[str | None] = mapped_column(index=True)
    request_id: Mapped[str | None]
    data: Mapped[dict[str, Any]]


class Key(Base):
    """A key that lets somebody in, as hashes; `old_sha256` still does until `old_until`."""

    __tablename__ = "keys"

    ident: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    label: Mapped[str]
    sha256: Mapped[str]
    old_sha256: Mapped[str | None]
    old_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class Webhook(Base):
    """An address that is told of what happens; its signing secret is encrypted."""

    __tablename__ = "webhooks"

    id: Mapped[Ident]
    url: Mapped[str]
    label: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(Json())
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]


class Delivery(Base):
    """A message to a webhook: written with what it tells of, sent later."""

    __tablename__ = "deliveries"

    id: Mapped[Ident]
    webhook_id: Mapped[Number] = mapped_column(ForeignKey("webhooks.id"))
    message_id: Mapped[str]
    kind: Mapped[str]
    ticket_id: Mapped[str | None] = mapped_column(index=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str]
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("webhook_id", "message_id"),
        Index(
            "ix_deliveries_pending",
            "next_try_at",
            "id",
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index(None, "state", "id"),
    )


class Lease(Base):
    """Who may do a thing that only one process does at a time, and until when."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]


class RawNarrative(Base):
    """A narrative as submitted, encrypted; of the ticket itself, or of one of its events."""

    __tablename__ = "raw_narratives"

    id: Mapped[Ident]
    complaint_id: Mapped[Number] = mapped_column(ForeignKey("complaints.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(BIG)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)


class RawAccess(Base):
    """Every look at narratives as submitted, every purge and every change of the key."""

    __tablename__ = "raw_access"

    id: Mapped[Ident]
    at: Mapped[datetime]
    act: Mapped[str]
    ticket_id: Mapped[str | None] = mapped_column(index=True)
    who: Mapped[str]
    role: Mapped[str]
    why: Mapped[str]
    request_id: Mapped[str | None]
    narratives: Mapped[int]
