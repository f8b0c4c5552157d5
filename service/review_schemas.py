"""Shapes of the review's requests and answers, for validation and for /docs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from service.schemas import whole
from service.store.records_review import ReviewFilters, ReviewState, Sort

_Code = Annotated[str, Field(max_length=100)]
_Name = Annotated[str, Field(max_length=200)]
_Offset = Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(whole)]
NOTE_CHARS = 2_000


class QueueQuery(BaseModel):
    """Which tickets of the queue, and in which order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    band: _Name | None = None
    line: _Name | None = None
    owner_unit: _Name | None = None
    channel: _Name | None = None
    overdue: bool = False
    life: bool = False
    state: ReviewState | None = None
    claimed: Literal["mine", "free", "others"] | None = None
    top: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        default=None, description="The riskiest so many a day, by the last 30 days"
    )
    sort: Sort | None = Field(default=None, description="As data/desk.yaml says when left out")
    cursor: Annotated[str, Field(max_length=1000)] | None = None
    limit: int = Field(default=50, ge=1, le=200)

    def filters(self) -> ReviewFilters:
        """Give them as the store takes them; what is empty does not choose."""
        names = (
            "band",
            "line",
            "owner_unit",
            "channel",
            "overdue",
            "life",
            "state",
            "claimed",
            "top",
        )
        return ReviewFilters(**{name: getattr(self, name) or None for name in names})


class SignalIn(BaseModel):
    """A signal and where the assessed text says it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    code: _Code
    start: _Offset
    end: _Offset


class VerdictIn(BaseModel):
    """What a reviewer says of the latest assessment."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    verdict: Literal["confirm", "correct", "not_complaint", "unsure"]
    line: _Code | None = Field(default=None, description="The right line; with its subline")
    subline: _Code | None = None
    secondary: list[_Code] | None = Field(default=None, max_length=14)
    nature: _Code | None = None
    signals: list[SignalIn] | None = Field(
        default=None, max_length=200, description="All that hold; those left out do not"
    )
    risk: Literal["too_high", "too_low"] | None = None
    second_reader: bool = Field(default=False, description="Somebody else is to read it too")
    note: Annotated[str, Field(max_length=NOTE_CHARS)] | None = None
    assessment: Annotated[int, BeforeValidator(whole)] | None = Field(
        default=None, description="Which assessment is meant; refused when there is a later one"
    )


class ClaimIn(BaseModel):
    """Takes a ticket (the default), or gives it up."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    release: bool = False


class ReviewOut(BaseModel):
    """How a ticket stands in review."""

    state: str = Field(description="waiting, second, split or done")
    claimed_by: str | None
    claimed_until: str | None
    mine: bool
    reviewed_at: str | None


class ClaimOut(BaseModel):
    """A ticket and its claim."""

    id: str
    review: ReviewOut


class VerdictOut(BaseModel):
    """A verdict as it is kept."""

    id: int
    assessment: int
    at: str
    who: str
    verdict: str
    corrections: dict[str, Any]
    note: str | None = Field(description="Masked")
    second_reader: bool
    undone_at: str | None


class WhyOut(BaseModel):
    """What points are for: life, overdue, due_soon, risk, repeat, second, split, audit."""

    what: str
    points: int


class QueueItemOut(BaseModel):
    """A ticket of the queue: a row of the ledger with its place and its review."""

    model_config = ConfigDict(extra="allow")

    id: str
    points: int
    why: list[WhyOut]
    review: ReviewOut


class QueueOut(BaseModel):
    """Tickets that wait for a person, those to be handled first in front."""

    items: list[QueueItemOut]
    counts: dict[str, int] = Field(description="Waiting tickets by band")
    next_cursor: str | None


BODIES: tuple[type[BaseModel], ...] = (VerdictIn, ClaimIn)
