"""Shapes of the ledger's requests and answers, for validation and for /docs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.schemas import EXAMPLE_TEXT, Assessed, ContextIn, DutyOut, ErrorFacts, OwnerOut

TICKET_CHARS = 100
TICKET_PATTERN = r"^[A-Za-z0-9一-龥][A-Za-z0-9一-龥._:-]*$"
TicketId = Annotated[
    str, Field(min_length=1, max_length=TICKET_CHARS, pattern=TICKET_PATTERN, examples=["T-1"])
]


class ComplaintIn(ContextIn):
    """A ticket for the ledger: `ticket_id` and `text` are needed."""

    ticket_id: TicketId = Field(
        description="Identifies the ticket: the same body again is answered with what is stored"
    )
    text: str = Field(description="The complaint as written down", examples=[EXAMPLE_TEXT])


class DutyStateOut(DutyOut):
    """Something the rules demand, and what became of it."""

    state: str = Field(description="open, met, attempted, missed or waived")
    met_at: str | None


class ComplaintOut(Assessed):
    """A ticket with its latest assessment; offsets point into `masked_text`."""

    duties: list[DutyStateOut]  # type: ignore[assignment]
    received_at: str
    state: str = Field(description="open, in_progress, replied, closed or withdrawn")
    next_action: str | None = Field(description="The open duty that is due first")
    next_due: str | None


class ContextOut(BaseModel):
    """What was known at intake."""

    model_config = ConfigDict(extra="forbid")

    channel: str | None
    product: str | None
    unit: str | None
    visited_branch: bool | None
    outlet_touchpoint: bool | None
    amount_cny: float | None
    prior_complaints_90d: int | None
    days_open: float | None
    transfers: int | None
    group_size: int | None
    customer_segment: str | None


class EventOut(BaseModel):
    """Something that happened to a ticket."""

    model_config = ConfigDict(extra="forbid")

    id: int
    kind: str
    at: str
    recorded_at: str
    actor: str
    text: str | None = Field(description="What the customer wrote, masked")
    data: dict[str, Any]


class RepeatOut(BaseModel):
    """Another ticket of the same matter, or with the same words."""

    model_config = ConfigDict(extra="forbid")

    ticket_id: str
    kind: Literal["same_matter", "template"]
    which: Literal["earlier", "later"]
    score: float


class ComplaintDetail(ComplaintOut):
    """A ticket with all that happened to it."""

    context: ContextOut
    events: list[EventOut]
    repeats: list[RepeatOut]
    assessments: int = Field(description="How often it was assessed")
    assignee: str | None = None
    customer_ref: str | None = Field(default=None, description="Stands for the customer")
    created_at: str
    updated_at: str
    erased_at: str | None


class BatchRow(BaseModel):
    """What became of one ticket of a batch: 201, 200, or a status of the 4xx and 5xx."""

    ticket_id: str | None
    status: int
    complaint: ComplaintOut | None = None
    error: ErrorFacts | None = None


class BatchOut(BaseModel):
    """Answers in the order of the tickets."""

    results: list[BatchRow]


class RecordedOut(BaseModel):
    """An event that was recorded, and the ticket as it stands after it."""

    event_id: int
    complaint: ComplaintOut


class OwnerShort(BaseModel):
    """Who handles a ticket."""

    level: str | None
    unit: str | None
    barred_from_outlet: bool | None


class RiskShort(BaseModel):
    """Escalation risk without its reasons."""

    probability: float | None
    band: str | None


class RowOut(BaseModel):
    """A ticket as a row of the ledger."""

    model_config = ConfigDict(extra="forbid")

    id: str
    received_at: str
    state: str
    next_action: str | None
    next_due: str | None
    overdue: bool
    line: str | None
    subline: str | None
    abstained: bool
    probability: float | None
    nature: str | None
    escalation: RiskShort
    owner: OwnerShort
    flags: list[str]
    channel: str | None
    product: str | None
    unit: str | None
    excerpt: str = Field(description="The beginning of the masked text")
    updated_at: str


class LedgerOut(BaseModel):
    """A page of the ledger."""

    items: list[RowOut]
    next_cursor: str | None = Field(description="null on the last page")


class FiredOut(BaseModel):
    """A rule that fired."""

    rule: str
    name: str
    mark: str
    basis: str
    facts: dict[str, Any]
    effect: dict[str, Any]


class RulesOut(BaseModel):
    """What the latest decision on a ticket rests on."""

    ticket_id: str
    decided_at: str
    reason: str = Field(description="intake, time, or the kind of the event")
    rules_version: str
    history: dict[str, Any]
    owner: OwnerOut | None
    flags: list[str]
    fired: list[FiredOut]


class EraseIn(BaseModel):
    """Whose data is erased."""

    model_config = ConfigDict(strict=True, extra="forbid")

    customer_key: Annotated[str, Field(min_length=1, max_length=200)]


class ErasedOut(BaseModel):
    """The tickets of which words and links to the person were erased."""

    tickets: int
    ticket_ids: list[str]
