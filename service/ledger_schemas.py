"""Shapes of the ledger's requests and answers, for validation and for /docs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.schemas import EXAMPLE_TEXT, Assessed, ContextIn, DutyOut, ErrorFacts

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
