"""`GET /v1/model/drift`: what the last daily look saw of the tickets."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from service.access.auth import allow
from service.access.keys import Role
from service.docs import refusals
from service.wiring import parts_of

router = APIRouter(tags=["model"])


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


class ReviewedOut(BaseModel):
    """What reviewers said; what is reviewed is no random sample."""

    verdicts: int
    overridden: float | None = Field(description="Share of verdicts that changed anything")
    line_overridden: float | None = Field(description="Share that changed the line")


class DriftOut(BaseModel):
    """The last look; `at` is null before the first."""

    at: str | None = None
    tickets: int = 0
    tickets_before: int = 0
    estimated_accuracy: float | None = Field(
        default=None, description="Mean confidence of recent tickets"
    )
    reviewed: ReviewedOut | None = None
    views: list[ChangeOut] = []
    changed: list[str] = Field(default=[], description="Views that ring")
    phrases: list[PhraseOut] = []


@router.get(
    "/v1/model/drift",
    summary="Whether the tickets have changed, and which phrases are new",
    dependencies=[Depends(allow(Role.REVIEWER, Role.SCIENTIST, Role.ADMIN))],
    responses=refusals(401, 403),
)
async def drift(request: Request) -> DriftOut:
    """Give what the last daily look saw; nothing is computed for the call."""
    found = await to_thread.run_sync(parts_of(request).drift.last)
    return DriftOut() if found is None else DriftOut.model_validate(found)
