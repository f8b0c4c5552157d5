"""`/v1/reports/governance`: the numbers of a period, each with the tickets behind it."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service.access.auth import Looking
from service.access.keys import Key
from service.alerts.api import FILE_TYPES
from service.alerts.finding import LONGEST_DAYS
from service.apart import while_waited
from service.complaints_api import actor_of
from service.docs import refusals
from service.governance.cases import Period
from service.governance.reporter import Wanted
from service.schemas import Date
from service.store import audit
from service.wiring import parts_of
from triage.errors import InvalidInput

router = APIRouter(tags=["governance"])
TYPES = {"json": "application/json", "html": FILE_TYPES["html"], "docx": FILE_TYPES["docx"]}
_WRITTEN = {
    TYPES[form].partition(";")[0]: {"schema": {"type": "string"}} for form in ("html", "docx")
}
_NAMED = {"content": {"text/csv": {"schema": {"type": "string"}}}}


class ReportAsked(BaseModel):
    """Days, both within; `province` is how many mediations the whole province had."""

    model_config = ConfigDict(extra="forbid")

    since: Date = Field(alias="from")
    until: Date = Field(alias="to")
    province: int | None = Field(default=None, ge=1, le=10**9)
    accountable: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="Tickets that this person answers for, and what he is to look at"
    )


class FormAsked(ReportAsked):
    """The same, and how it is written."""

    form: Literal["json", "html", "docx"] = Field(default="json", alias="format")


class TicketsAsked(ReportAsked):
    """The same, and one figure of it; all of them when it is left out."""

    figure: Annotated[str, Field(max_length=300)] | None = None


class FigureOut(BaseModel):
    """A number of the report with the tickets behind it."""

    name: str
    value: float | None
    unit: str = Field(description="count, share, days, hours or score")
    of: str | None = Field(description="The figure of which it is a share")
    low: float | None
    high: float | None
    ids: list[str]


class ReportOut(BaseModel):
    """The report as data: figures by code, and the parts that show them."""

    since: str = Field(alias="from")
    until: str = Field(alias="to")
    as_of: str
    figures: dict[str, FigureOut]
    parts: list[dict[str, Any]]


@router.get(
    "/v1/reports/governance",
    summary="The governance report of a period",
    response_model=None,
    responses={200: {"model": ReportOut, "content": _WRITTEN}, **refusals(401, 403, 422, 429, 503)},
)
async def report(request: Request, key: Looking, asked: Annotated[FormAsked, Query()]) -> Response:
    """Count the ledger as it stands now; as data, as one HTML page, or as Word.

    Of a ledger of more than 5,000 tickets it is made in a process of its own, one after the other,
    and ended when the caller has been refused for the time that it took.
    """
    content = await _written(request, key, asked, asked.form)
    headers = {"Cache-Control": "no-store"}
    if asked.form != "json":
        name = f"governance-{asked.since}-{asked.until}.{asked.form}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, media_type=TYPES[asked.form], headers=headers)


@router.get(
    "/v1/reports/governance/tickets",
    summary="The tickets behind the figures of a report",
    response_model=None,
    responses={200: {"description": "CSV", **_NAMED}, **refusals(401, 403, 404, 422, 429, 503)},
)
async def tickets(
    request: Request, key: Looking, asked: Annotated[TicketsAsked, Query()]
) -> Response:
    """List them as a table: figure, its name and value, ticket."""
    content = await _written(request, key, asked, "csv", asked.figure)
    return Response(content, media_type="text/csv; charset=utf-8")


def period_asked(since: date, until: date, now: datetime) -> Period:
    """Give a period that a report can be made of.

    Raises
    ------
    InvalidInput
        When it ends before it begins, or is longer than three years.
    """
    if not 0 <= (until - since).days <= LONGEST_DAYS:
        raise InvalidInput("the period must be 1 day to 3 years", cure="name other days")
    return Period(since, until, now)


async def _written(
    request: Request, key: Key, asked: ReportAsked, form: str, figure: str | None = None
) -> bytes:
    parts = parts_of(request)
    now = parts.ledger.now()
    period = period_asked(asked.since, asked.until, now)
    told = {"from": asked.since.isoformat(), "to": asked.until.isoformat()}
    if asked.accountable is not None:
        told["accountable"] = asked.accountable
    await parts.writer.write(
        partial(audit.note, actor=actor_of(request, key), what="report.made", at=now, data=told)
    )
    wanted = Wanted(period, asked.province, asked.accountable)
    return await while_waited(lambda left: parts.reports.written(wanted, form, figure, left=left))
