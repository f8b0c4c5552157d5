"""Tables of governance: searches, risk alerts and whom they were sent to, what is to be done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.columns import BIG, Base, Ident, Json, Number


class Alert(Base):
    """A risk alert of a period: drafted from the ledger, approved by a person, then sent.

    `since` and `until` are days, both within. `found` is what was found, as numbers and ticket
    identifiers; `draft` the text with customers' masked words; `typical` what a person picked.
    """

    __tablename__ = "alerts"

    id: Mapped[Ident]
    since: Mapped[str]
    until: Mapped[str]
    state: Mapped[str]
    title: Mapped[str]
    found: Mapped[dict[str, Any]]
    draft: Mapped[dict[str, Any]]
    typical: Mapped[list[str]] = mapped_column(Json())
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None]
    distributed_at: Mapped[datetime | None]


class AlertReceipt(Base):
    """Somebody whom an alert was sent to, and when it was marked as read, by which key."""

    __tablename__ = "alert_receipts"

    id: Mapped[Ident]
    alert_id: Mapped[Number] = mapped_column(ForeignKey("alerts.id"))
    recipient: Mapped[str]
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_by: Mapped[str | None]

    __table_args__ = (UniqueConstraint("alert_id", "recipient"),)


class Item(Base):
    """Something to be put right, supervised or taught: an owner, a day it is due, an end.

    `effective_on` is the day from which a measure works; `line` and `unit` say where it should.
    """

    __tablename__ = "items"

    id: Mapped[Ident]
    kind: Mapped[str]
    title: Mapped[str]
    owner: Mapped[str]
    unit: Mapped[str | None]
    line: Mapped[str | None]
    due_on: Mapped[str]
    effective_on: Mapped[str | None]
    alert_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("alerts.id"))
    tickets: Mapped[list[str]] = mapped_column(Json())
    state: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    evidence: Mapped[str | None]

    __table_args__ = (Index(None, "state", "due_on"),)


class Search(Base):
    """The days of which alerts are asked for, by which rules, and what came of it last.

    Questions are numbered, up to `wanted`; those up to `answered` have their answer, which is of
    the ledger with a `mark`: what was `found`, or why it `failed`.
    """

    __tablename__ = "searches"

    rules: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[Number]
    answered: Mapped[Number]
    wanted_at: Mapped[datetime]
    mark: Mapped[str | None]
    found: Mapped[dict[str, Any] | None] = mapped_column(Json())
    failed: Mapped[str | None]
