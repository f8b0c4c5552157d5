"""Shapes of the calls about risk alerts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from service.event_schemas import Unit
from service.schemas import Date, Name, whole

Place = Annotated[int, Field(ge=1, le=2**63 - 1), BeforeValidator(whole)]


class Period(BaseModel):
    """Days, both within; the last thirty up to the newest ticket's when they are left out."""

    model_config = ConfigDict(extra="forbid")

    since: Date | None = Field(default=None, alias="from")
    until: Date | None = Field(default=None, alias="to")


class AlertsAsked(Period):
    """Which period, and which page of what is told of it."""

    after: int = Field(default=0, ge=0, le=10**6, description="`next_after` of the page before")
    limit: int = Field(default=50, ge=1, le=200)


class AlertIn(BaseModel):
    """A period of which an alert is to be drafted."""

    model_config = ConfigDict(extra="forbid", strict=True)

    since: Date | None = Field(default=None, alias="from")
    until: Date | None = Field(default=None, alias="to")


class ApprovalIn(BaseModel):
    """The approval of a draft."""

    model_config = ConfigDict(extra="forbid", strict=True)

    typical: Annotated[list[Name], Field(max_length=50)] | None = Field(
        default=None, description="Tickets taken for typical; those proposed when left out"
    )


class DistributionIn(BaseModel):
    """Whom an alert is sent to; it may be sent to more later."""

    model_config = ConfigDict(extra="forbid", strict=True)

    recipients: Annotated[list[Unit], Field(min_length=1, max_length=500)]


class ReceiptIn(BaseModel):
    """Who has read an alert."""

    model_config = ConfigDict(extra="forbid", strict=True)

    recipient: Unit


class FoundOut(BaseModel):
    """A surge, a major ticket or a typical one, with the tickets behind it."""

    model_config = ConfigDict(extra="allow")

    kind: str = Field(description="surge, major or typical")
    id: str
    tickets: list[str]


class AlertsOut(BaseModel):
    """What is told of a period."""

    since: str = Field(alias="from")
    until: str = Field(alias="to")
    tickets: int
    counted: int = Field(description="Repeats and templates counted once")
    items: list[FoundOut]
    next_after: int | None


class ReceiptOut(BaseModel):
    """Whom it was sent to, and when it was read."""

    recipient: str
    sent_at: str
    read_at: str | None
    read_by: str | None


class EventOut(BaseModel):
    """An event that nobody asked for: since when, how many, against how many expected."""

    headline: str
    since: str
    told: str
    again: list[str] = Field(description="Days on which it was told again")
    last: str
    closed: str | None
    count: int
    expected: float
    growth: float


class AlertRowOut(BaseModel):
    """An alert of the ledger."""

    id: int
    since: str = Field(alias="from")
    until: str = Field(alias="to")
    title: str
    state: str = Field(description="proposed, over, dismissed, draft, approved, distributed")
    created_at: str
    created_by: str
    approved_at: str | None
    approved_by: str | None
    distributed_at: str | None
    typical: list[str]
    event: EventOut | None = Field(description="Of an alert that nobody asked for, else null")
    receipts: list[ReceiptOut]


class AlertOut(AlertRowOut):
    """An alert with its text in sections and what was found, as numbers and identifiers."""

    found: dict[str, Any]
    sections: list[dict[str, Any]]


class AlertsKeptOut(BaseModel):
    """Alerts of the ledger, newest first."""

    items: list[AlertRowOut]
    next_before: int | None


BODIES: tuple[type[BaseModel], ...] = (AlertIn, ApprovalIn, DistributionIn, ReceiptIn)
