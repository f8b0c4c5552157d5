"""`GET /v1/model/shadow`: how the challenger in the shadow compares with the champion."""

from __future__ import annotations

from functools import partial
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from service.access.auth import allow
from service.access.keys import Role
from service.docs import refusals
from service.shadow.acts import described
from service.store import shadows
from service.store.database import Session
from service.wiring import parts_of

router = APIRouter(tags=["model"])


class FigureOut(BaseModel):
    """A figure with its 95 % interval over customers."""

    tickets: int
    value: float
    low: float
    high: float


class SidesOut(BaseModel):
    """A figure of both, and the paired change from champion to challenger."""

    champion: FigureOut | None
    challenger: FigureOut | None
    change: FigureOut | None


class AgreementOut(BaseModel):
    """Shares of tickets on which both say the same."""

    line: FigureOut | None = Field(description="Of tickets to which both gave a line")
    best_line: FigureOut | None = Field(description="The most probable line, given or not")
    band: FigureOut | None
    abstention: FigureOut | None


class MovedOut(BaseModel):
    """Tickets on which they differ in one way."""

    champion: str | None
    challenger: str | None
    tickets: int


class RiskOut(SidesOut):
    """Mean risks, how far they lie apart, and which bands differ."""

    distance: FigureOut | None
    bands: list[MovedOut]


class ReviewedOut(BaseModel):
    """Both beside what reviewers settled; they had the champion's answer before them."""

    tickets: int
    accuracy: SidesOut = Field(description="The most probable line is right, given or not")
    right: SidesOut = Field(description="A line is given and right")
    wrong: SidesOut = Field(description="A line is given and wrong")


class SaidOut(BaseModel):
    """What one of them said."""

    line: str | None
    best: str | None
    band: str | None
    risk: float | None


class ApartOut(BaseModel):
    """A ticket on which they differ."""

    ticket_id: str
    reviewed: str | None = Field(description="The line that reviewers settled, if they did")
    champion: SaidOut
    challenger: SaidOut


class ComparisonOut(BaseModel):
    """The last comparison; it is made anew every quarter of an hour."""

    at: str
    champion: str | None = Field(description="The version of the newest ticket")
    tickets: int
    failed: int = Field(description="Tickets that the challenger could not answer")
    other_champions: int = Field(description="Tickets that another champion answered")
    waiting: int = Field(description="Tickets that the challenger was not asked about yet")
    since: str | None
    until: str | None
    agreement: AgreementOut
    given: SidesOut = Field(description="Share of tickets to which a line is given")
    risk: RiskOut
    reviewed: ReviewedOut
    changes: list[MovedOut] = Field(description="Most probable lines that differ")
    apart: list[ApartOut] = Field(description="Tickets that differ most")


class ShadowOut(BaseModel):
    """The challenger that works in the shadow, or worked last; `version` is null before any."""

    version: str | None = None
    running: bool = False
    started_at: str | None = None
    stopped_at: str | None = None
    why: str | None = Field(default=None, description="stopped, or promoted")
    trouble: str | None = Field(default=None, description="What keeps it from its work")
    comparison: ComparisonOut | None = None


@router.get(
    "/v1/model/shadow",
    summary="How a challenger in the shadow compares with the champion",
    dependencies=[Depends(allow(Role.SCIENTIST, Role.ADMIN))],
    responses=refusals(401, 403, 503),
)
async def shadow(request: Request) -> ShadowOut:
    """Give the last comparison; nothing is computed for the call."""
    parts = parts_of(request)
    found = await to_thread.run_sync(partial(parts.database.ask, _shown))
    return ShadowOut() if found is None else ShadowOut.model_validate(found)


def _shown(session: Session) -> dict[str, Any] | None:
    found = shadows.last(session)
    return None if found is None else {**described(found), "comparison": found.report}
