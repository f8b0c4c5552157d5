"""Records of governance: risk alerts, and items to be put right, supervised or taught."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from service.store.records import Facts


class AlertState(StrEnum):
    """How far an alert has come; a person leads it from each to the next.

    `PROPOSED` is one that nobody asked for, of an event that goes on; it is `OVER` with the event,
    and `DISMISSED` when a person says that it is none.
    """

    PROPOSED = "proposed"
    OVER = "over"
    DISMISSED = "dismissed"
    DRAFT = "draft"
    APPROVED = "approved"
    DISTRIBUTED = "distributed"


@dataclass(frozen=True, slots=True)
class NewAlert:
    """A drafted alert; days as ISO dates, both within the period."""

    since: str
    until: str
    title: str
    found: Facts
    draft: Facts


@dataclass(frozen=True, slots=True)
class Receipt:
    """Whom an alert was sent to, and who marked it as read, when."""

    recipient: str
    sent_at: datetime
    read_at: datetime | None
    read_by: str | None


@dataclass(frozen=True, slots=True)
class AlertRecord(NewAlert):
    """An alert as it is kept."""

    id: int
    state: AlertState
    typical: tuple[str, ...]
    created_at: datetime
    created_by: str
    approved_at: datetime | None
    approved_by: str | None
    distributed_at: datetime | None
    receipts: tuple[Receipt, ...] = ()


class ItemKind(StrEnum):
    """What an item is about."""

    RECTIFICATION = "rectification"
    SUPERVISION = "supervision"
    TRAINING = "training"
    HAZARD = "hazard"
    ACCOUNTABILITY = "accountability"
    STAFF_CARE = "staff_care"
    HEARING = "hearing"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class NewItem:
    """Something to be done by an owner until a day; days are ISO dates."""

    kind: ItemKind
    title: str
    owner: str
    due_on: str
    unit: str | None = None
    line: str | None = None
    effective_on: str | None = None
    alert_id: int | None = None
    tickets: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ItemRecord(NewItem):
    """An item as it is kept; it is closed with the evidence that it was done."""

    id: int = 0
    state: str = "open"
    opened_at: datetime = datetime.min
    opened_by: str = ""
    closed_at: datetime | None = None
    closed_by: str | None = None
    evidence: str | None = None
