"""`GET /v1/complaints`: the ledger, filtered, page by page or as a file; erasure of a customer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import StreamingResponse

from service.access.auth import EVERYBODY, allow
from service.access.keys import Key, Role
from service.body import parse_json, read_body
from service.checking import checked, in_time
from service.complaints_api import actor_of
from service.docs import refusals
from service.docs_ledger import ERASE_BODY
from service.ledger.answers import row_body
from service.ledger.export import FORMATS, exported
from service.ledger.standing import State
from service.ledger_schemas import ErasedOut, EraseIn, LedgerOut
from service.schemas import Name
from service.store import audit, complaints, deletion
from service.store.records import Filters
from service.wiring import Parts, parts_of
from triage.records import CHANNELS
from triage.rules.rulefile import LEVELS

router = APIRouter(tags=["ledger"])
_EXPORTING = (Role.REVIEWER, Role.SCIENTIST, Role.ADMIN)


def _written(value: Any) -> Any:
    # A bare number would be read as seconds since 1970.
    if isinstance(value, str) and not _DATE.match(value):
        raise ValueError("a moment in ISO 8601 with a zone")
    return value


_DATE = re.compile("[0-9]{4}-", re.ASCII)
Moment = Annotated[AwareDatetime, BeforeValidator(_written)]


class Chosen(BaseModel):
    """Which tickets; what is left out does not choose."""

    model_config = ConfigDict(extra="forbid")

    line: Name | None = None
    band: Name | None = None
    unit: Name | None = Field(default=None, description="Where it came in")
    channel: Literal[CHANNELS] | None = None  # type: ignore[valid-type]
    owner: Name | None = Field(default=None, description="The unit that handles it")
    owner_level: Literal[LEVELS] | None = None  # type: ignore[valid-type]
    state: State | None = None
    overdue: bool = Field(default=False, description="Only those whose next duty is overdue")
    received_from: Moment | None = None
    received_to: Moment | None = Field(default=None, description="Itself left out")

    def filters(self, now: datetime) -> Filters:
        """Give them as the store knows them."""
        since, until = self.received_from, self.received_to
        return Filters(
            line=self.line,
            band=self.band,
            unit=self.unit,
            channel=self.channel,
            owner_unit=self.owner,
            owner_level=self.owner_level,
            state=self.state,
            overdue_at=now if self.overdue else None,
            received_from=in_time(since, "received_from") if since else None,
            received_to=in_time(until, "received_to") if until else None,
        )


class PageAsked(Chosen):
    """Which tickets, and which page of them."""

    cursor: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="`next_cursor` of the page before"
    )
    limit: int = Field(default=50, ge=1, le=200)


class FileAsked(Chosen):
    """Which tickets, and how they are written."""

    format: Literal["csv", "jsonl"] = "csv"


@router.get(
    "/v1/complaints",
    summary="The ledger, newest first",
    response_model=None,
    responses={200: {"model": LedgerOut}, **refusals(401, 403, 422, 503)},
)
async def ledger(
    request: Request,
    asked: Annotated[PageAsked, Query()],
    _key: Annotated[Key, Depends(allow(*EVERYBODY))],
) -> Response:
    """Give a page of tickets; tickets that come in meanwhile do not move the pages that follow."""
    parts = parts_of(request)
    now = parts.ledger.now()
    work = partial(
        complaints.page, filters=asked.filters(now), cursor=asked.cursor, limit=asked.limit
    )
    page = await to_thread.run_sync(parts.database.ask, work)
    rows = [row_body(item, now) for item in page.items]
    body = orjson.dumps({"items": rows, "next_cursor": page.next_cursor})
    return Response(body, media_type="application/json")


@router.get(
    "/v1/complaints/export",
    summary="The ledger as a file",
    response_model=None,
    responses={
        200: {"description": "CSV for Excel, or one JSON object a line", "content": FORMATS},
        **refusals(401, 403, 422, 503),
    },
)
async def export(
    request: Request,
    asked: Annotated[FileAsked, Query()],
    key: Annotated[Key, Depends(allow(*_EXPORTING))],
) -> Response:
    """Give all chosen tickets with their masked text, newest first, as they are read."""
    parts = parts_of(request)
    now = parts.ledger.now()
    told = asked.model_dump(mode="json", exclude_none=True)
    await parts.writer.write(
        partial(audit.note, actor=actor_of(request, key), what="ledger.exported", at=now, data=told)
    )
    pieces = _pieces(parts, asked, now)
    name = f"complaints-{now:%Y%m%d-%H%M%S}.{asked.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    kind = "text/csv; charset=utf-8" if asked.format == "csv" else "application/x-ndjson"
    return StreamingResponse(pieces, media_type=kind, headers=headers)


@router.post(
    "/v1/customers/erase",
    summary="Erase what is known of a customer",
    response_model=None,
    responses={200: {"model": ErasedOut}, **refusals(401, 403, 408, 413, 415, 422, 503)},
    openapi_extra=ERASE_BODY,
)
async def erase(request: Request, key: Annotated[Key, Depends(allow(Role.ADMIN))]) -> Response:
    """Erase words and links to a person; counts, times and who did what stay, and it is audited."""
    parts = parts_of(request)
    settings = parts.settings
    raw = await read_body(request, limit=settings.body_bytes_max, seconds=settings.body_timeout_s)
    asked = checked(EraseIn, parse_json(raw))
    work = partial(
        deletion.erase_customer,
        customer_ref=parts.privacy.customer_ref(asked.customer_key),
        actor=actor_of(request, key),
        now=parts.ledger.now(),
    )
    tickets = await parts.writer.write(work)
    await to_thread.run_sync(deletion.overwrite, parts.database)
    body: dict[str, Any] = {"tickets": len(tickets), "ticket_ids": tickets}
    return Response(orjson.dumps(body), media_type="application/json")


def _pieces(parts: Parts, asked: FileAsked, now: datetime) -> Iterator[bytes]:
    return exported(parts.database, asked.filters(now), form=asked.format, now=now)
