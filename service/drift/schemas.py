"""Shapes of the calls about drift."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict

from service.drift.terms import Choice


class PhraseIn(BaseModel):
    """What is decided of a phrase."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="As the last look offered it, or as it was decided upon"
    )
    choice: Annotated[Choice, Strict(strict=False)] = Field(
        description="`open` takes an earlier decision back"
    )


BODIES: tuple[type[BaseModel], ...] = (PhraseIn,)


class DecidedOut(BaseModel):
    """A decision as it is kept."""

    text: str
    choice: Choice
    decided_by: str = Field(description="Id of the key or of the account")
    decided_at: str


class ChangeOut(BaseModel):
    """How far one view of the tickets has moved."""

    view: str
    psi: float
    distance: float = Field(description="Jensen-Shannon, in bits")
    p: float = Field(description="How often chance alone moves it as far")
    moved: list[tuple[str, float, float]] = Field(description="Kind, share before, share now")


class PhraseOut(BaseModel):
    """A phrase that the time before hardly knew."""

    text: str
    recent: int
    before: int
    p: float
    tickets: list[str]
    cut_now: list[str] = Field(description="The words around it as they are cut")
    cut_then: list[str] = Field(description="The same with the phrase in the dictionary")
    recut: int = Field(default=0, description="Tickets that would be cut otherwise with it")
    looked_at: int = Field(default=0, description="Of so many")


class ReviewedOut(BaseModel):
    """What reviewers said of tickets of the serving model, with 95 % intervals."""

    verdicts: int
    named: int = Field(default=0, description="Verdicts on a line that was given")
    estimated: float | None = Field(
        default=None, description="Mean confidence of those very tickets"
    )
    verified: float | None = Field(default=None, description="Share of them whose line was right")
    verified_low: float | None = None
    verified_high: float | None = None
    overridden: float | None = Field(description="Share of verdicts that changed anything")
    overridden_low: float | None = None
    overridden_high: float | None = None
    line_overridden: float | None = Field(description="Share that changed the line")
    line_overridden_low: float | None = None
    line_overridden_high: float | None = None


class DriftOut(BaseModel):
    """The last look; `at` is null before the first."""

    at: str | None = None
    recent_days: int | None = Field(
        default=None, description="How far back `tickets` go: further where few come in"
    )
    tickets: int = 0
    tickets_before: int = 0
    lacks: dict[str, int] = Field(
        default={},
        description="Tickets wanting on a side (`recent`, `before`): nothing is compared then",
    )
    demonstration: int = Field(
        default=0, description="Tickets of `jiesu demo` among them: figures flatter the model"
    )
    model_version: str | None = Field(default=None, description="Whose answers are compared")
    calibration_version: str | None = None
    model_since: str | None = Field(default=None, description="Its first ticket that is looked at")
    estimated_accuracy: float | None = Field(
        default=None, description="Mean confidence of recent tickets that it gave a line"
    )
    reviewed: ReviewedOut | None = Field(
        default=None, description="All verdicts; what is reviewed is no random sample"
    )
    reviewed_weighted: ReviewedOut | None = Field(
        default=None, description="Each for the tickets like it that were not reviewed"
    )
    reviewed_audit: ReviewedOut | None = Field(
        default=None, description="The random slice alone, a fair sample"
    )
    compared_at: str | None = Field(
        default=None, description="When distances were looked at; less often than the rest"
    )
    views: list[ChangeOut] = []
    changed: list[str] = Field(default=[], description="Views that ring")
    left_out: dict[str, str] = Field(
        default={},
        description="Views not compared, and why: `new_model`, or the side that knows nothing",
    )
    phrases: list[PhraseOut] = Field(default=[], description="About which nothing is decided")
    terms: list[str] = Field(default=[], description="Accepted: lines for a file of data/terms")
    dismissed: list[str] = Field(default=[], description="Not to be offered again")
