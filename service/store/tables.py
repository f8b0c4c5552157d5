"""Tables of the ledger: complaints and what belongs to each of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.columns import BIG, Base, Ident, Json, Number

_DUE = text("next_due IS NOT NULL")
_NONE = text("'[]'")
_OPEN = text("state = 'open'")
_MISSED = text("state = 'missed'")
_LOOKED = text("looked_at IS NOT NULL")


class Complaint(Base):
    """A ticket of the ledger, with what the latest assessment says of it.

    `unit` is where it came in, `owner_unit` who handles it. `version` grows with every change.
    `looked_at` is when it was last assessed or considered, None once it is settled.
    """

    __tablename__ = "complaints"

    id: Mapped[Ident]
    ticket_id: Mapped[str] = mapped_column(unique=True)
    body_hash: Mapped[str]
    masked_text: Mapped[str]
    received_at: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    channel: Mapped[str | None]
    product: Mapped[str | None]
    unit: Mapped[str | None]
    visited_branch: Mapped[bool | None]
    outlet_touchpoint: Mapped[bool | None]
    amount_cny: Mapped[float | None]
    prior_complaints_90d: Mapped[int | None] = mapped_column(BIG)
    days_open: Mapped[float | None]
    transfers: Mapped[int | None] = mapped_column(BIG)
    group_size: Mapped[int | None] = mapped_column(BIG)
    customer_segment: Mapped[str | None]
    customer_ref: Mapped[str | None]
    state: Mapped[str]
    nature: Mapped[str | None]
    line: Mapped[str | None]
    subline: Mapped[str | None]
    abstained: Mapped[bool]
    probability: Mapped[float | None]
    band: Mapped[str | None]
    risk: Mapped[float | None]
    owner_level: Mapped[str | None]
    owner_unit: Mapped[str | None]
    barred: Mapped[bool | None]
    next_action: Mapped[str | None]
    next_due: Mapped[datetime | None]
    flags: Mapped[list[str]] = mapped_column(Json())
    sketch: Mapped[bytes | None]
    erased_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    version: Mapped[int]

    __table_args__ = (
        Index(None, "received_at", "id", "version"),
        Index(None, "updated_at"),
        Index(None, "line", "received_at", "id"),
        Index(None, "band", "received_at", "id"),
        Index(None, "unit", "received_at", "id"),
        Index(None, "owner_unit", "received_at", "id"),
        Index(None, "owner_level", "received_at", "id"),
        Index(None, "channel", "received_at", "id"),
        Index(None, "state", "received_at", "id"),
        Index(None, "customer_ref", "received_at"),
        Index(None, "next_due", sqlite_where=_DUE, postgresql_where=_DUE),
        Index(None, "looked_at", sqlite_where=_LOOKED, postgresql_where=_LOOKED),
    )


class Assessment(Base):
    """A decision record: all that is needed to come to the same answer again.

    The text is not repeated here: it is the ticket's `masked_text` and the texts of its events up
    to `through_event`. `answer` is the assessed complaint without it.
    """

    __tablename__ = "assessments"

    id: Mapped[Ident]
    complaint_id: Mapped[Number] = mapped_column(ForeignKey("complaints.id"))
    at: Mapped[datetime]
    reason: Mapped[str]
    through_event: Mapped[int | None] = mapped_column(BIG)
    model_version: Mapped[str]
    policy_version: Mapped[str]
    taxonomy_version: Mapped[str]
    terms_version: Mapped[str]
    rules_version: Mapped[str]
    context: Mapped[dict[str, Any]]
    history: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any]]
    ruling: Mapped[dict[str, Any]]

    __table_args__ = (Index(None, "complaint_id", "id"),)


class Event(Base):
    """What happened to a ticket later; rows are only ever added."""

    __tablename__ = "events"

    id: Mapped[Ident]
    complaint_id: Mapped[Number] = mapped_column(ForeignKey("complaints.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
    created_at: Mapped[datetime]
    actor: Mapped[str]
    text: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    key: Mapped[str | None]
    body_hash: Mapped[str | None]

    __table_args__ = (UniqueConstraint("complaint_id", "key"), Index(None, "complaint_id", "id"))


class Duty(Base):
    """Something a rule demands of a ticket, with its clock; `look_at` is when to look again."""

    __tablename__ = "duties"

    id: Mapped[Ident]
    complaint_id: Mapped[Number] = mapped_column(ForeignKey("complaints.id"))
    code: Mapped[str]
    rule: Mapped[str]
    basis: Mapped[str]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    state: Mapped[str]
    met_at: Mapped[datetime | None]
    nudged: Mapped[list[str]] = mapped_column(Json())
    alarms: Mapped[list[str]] = mapped_column(Json(), server_default=_NONE)
    look_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("complaint_id", "code", "rule"),
        Index("ix_duties_look", "look_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_duties_missed", "complaint_id", sqlite_where=_MISSED, postgresql_where=_MISSED),
    )


class Repeat(Base):
    """A later ticket (`complaint_id`) that repeats an earlier one (`other_id`)."""

    __tablename__ = "repeats"

    id: Mapped[Ident]
    complaint_id: Mapped[Number] = mapped_column(ForeignKey("complaints.id"))
    other_id: Mapped[Number] = mapped_column(ForeignKey("complaints.id"), index=True)
    kind: Mapped[str]
    score: Mapped[float]
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("complaint_id", "other_id", "kind"),)


class RepeatKey(Base):
    """A band of a ticket's sketch: tickets that share one are looked at more closely.

    No foreign key: a check for every band of every ticket would buy nothing.
    """

    __tablename__ = "repeat_keys"

    band: Mapped[Number]
    complaint_id: Mapped[Number]

    # The key is the whole row, so SQLite needs no second tree for it.
    __table_args__ = (
        PrimaryKeyConstraint("band", "complaint_id"),
        Index(None, "complaint_id"),
        {"sqlite_with_rowid": False},
    )


class Verdict(Base):
    """What a reviewer says of an assessment."""

    __tablename__ = "verdicts"

    id: Mapped[Ident]
    complaint_id: Mapped[Number] = mapped_column(ForeignKey("complaints.id"), index=True)
    assessment_id: Mapped[Number] = mapped_column(ForeignKey("assessments.id"), index=True)
    at: Mapped[datetime]
    who: Mapped[str]
    agrees: Mapped[bool]
    corrections: Mapped[dict[str, Any]]
    note: Mapped[str | None]
    kind: Mapped[str] = mapped_column(server_default=text("'confirm'"))
    second: Mapped[bool] = mapped_column(server_default=false())
    undone_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "who", "at"), Index(None, "at"))
