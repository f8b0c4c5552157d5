"""`/v1/alerts`: what flares up in the ledger, and risk alerts from the draft to who read them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

import orjson
from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response

from service.access.auth import Judging, Looking
from service.access.keys import Key
from service.alerts.acts import alert_body, approve, dismiss, distribute, draft_of, keep, read
from service.alerts.files import FORMATS
from service.alerts.schemas import (
    AlertIn,
    AlertOut,
    AlertsAsked,
    AlertsKeptOut,
    AlertsOut,
    ApprovalIn,
    DistributionIn,
    Place,
    ReceiptIn,
)
from service.body import parse_json, read_body
from service.checking import checked
from service.complaints_api import actor_of
from service.docs import refusals
from service.docs_ledger import body_of, ref
from service.store import alerts, audit
from service.store.database import Session
from service.store.records_governance import AlertRecord, AlertState
from service.wiring import parts_of

router = APIRouter(tags=["alerts"])
_Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
FILE_TYPES = {
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_FILE = {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in FILE_TYPES.values()}
_CHANGED = refusals(401, 403, 404, 408, 409, 413, 415, 422, 429, 503)
_PERIOD = {"from": "2026-11-01", "to": "2026-11-30"}


@router.get(
    "/v1/alerts",
    summary="Surges, major and typical tickets of a period",
    response_model=None,
    responses={200: {"model": AlertsOut}, **refusals(401, 403, 422, 429, 503)},
)
async def find(request: Request, key: Looking, asked: Annotated[AlertsAsked, Query()]) -> Response:
    """Look at the ledger as it is now; the same question is answered from memory until it changes.

    On a ledger of 60,000 tickets the first answer takes about half a minute of computing, and more
    the more there are; after another ticket a second is enough, as long as somebody asks every
    quarter of an hour. A ledger of more than 5,000 is searched in a process of its own.
    """
    parts = parts_of(request)
    found = await to_thread.run_sync(parts.finder.find, asked.since, asked.until)
    end = asked.after + asked.limit
    told = found.body
    await _note(request, key, "alerts.looked", {"from": told["since"], "to": told["until"]})
    body = {
        "from": told["since"],
        "to": told["until"],
        "tickets": told["tickets"],
        "counted": told["counted"],
        "items": found.items[asked.after : end],
        "next_after": end if end < len(found.items) else None,
    }
    return _json(body)


@router.post(
    "/v1/alerts/drafts",
    status_code=201,
    summary="Keep a risk alert as a draft",
    response_model=None,
    responses={201: {"model": AlertOut}, **refusals(401, 403, 408, 413, 415, 422, 429, 503)},
    openapi_extra=body_of(ref("AlertIn"), {"month": {"value": _PERIOD}}),
)
async def draft(request: Request, key: Judging) -> Response:
    """Find what a period tells and keep it with its text; nobody is sent anything."""
    parts = parts_of(request)
    wanted = checked(AlertIn, parse_json(await _body(request) or b"{}"))
    found = await to_thread.run_sync(parts.finder.find, wanted.since, wanted.until)
    actor, now = actor_of(request, key), parts.ledger.now()

    def work(session: Session) -> AlertRecord:
        return alerts.get(session, keep(session, found, actor, now))

    return _json(alert_body(await parts.writer.write(work), whole=True), 201)


@router.get(
    "/v1/alerts/drafts",
    summary="Risk alerts, newest first",
    response_model=None,
    responses={200: {"model": AlertsKeptOut}, **refusals(401, 403, 422, 429, 503)},
)
async def kept(
    request: Request,
    key: Looking,
    before: Annotated[Place | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    state: Annotated[AlertState | None, Query()] = None,
) -> Response:
    """List alerts in every state, or in one, without their text."""
    del key
    work = partial(alerts.page, before=before, limit=limit + 1, state=state)
    found = await to_thread.run_sync(parts_of(request).database.ask, work)
    shown = [alert_body(one) for one in found[:limit]]
    return _json({"items": shown, "next_before": shown[-1]["id"] if len(found) > limit else None})


@router.get(
    "/v1/alerts/drafts/{alert_id}",
    summary="A risk alert with its text",
    response_model=None,
    responses={200: {"model": AlertOut}, **refusals(401, 403, 404, 422, 429, 503)},
)
async def show(request: Request, alert_id: _Number, key: Looking) -> Response:
    """Show an alert; it quotes customers in masked words, so the look is noted."""
    alert = await _get(request, alert_id)
    await _note(request, key, "alert.opened", {"alert": alert_id})
    return _json(alert_body(alert, whole=True))


@router.get(
    "/v1/alerts/drafts/{alert_id}/file",
    summary="A risk alert as a file",
    response_model=None,
    responses={
        200: {"description": "Markdown, HTML or Word", "content": _FILE},
        **refusals(401, 403, 404, 422, 429, 503),
    },
)
async def file(
    request: Request,
    alert_id: _Number,
    key: Looking,
    form: Annotated[Literal["md", "html", "docx"], Query(alias="format")] = "docx",
) -> Response:
    """Give the text of an alert as it stands."""
    alert = await _get(request, alert_id)
    await _note(request, key, "alert.opened", {"alert": alert_id, "format": form})
    return await file_of(alert, form)


@router.post(
    "/v1/alerts/drafts/{alert_id}/approve",
    summary="Approve a draft or what was proposed",
    response_model=None,
    responses={200: {"model": AlertOut}, **_CHANGED},
    openapi_extra=body_of(ref("ApprovalIn"), {"as proposed": {"value": {}}}),
)
async def approval(request: Request, alert_id: _Number, key: Judging) -> Response:
    """Approve the text; it may be sent after that, and is not drafted anew."""
    sent = checked(ApprovalIn, parse_json(await _body(request) or b"{}"))
    return await _change(request, key, alert_id, partial(approve, typical=sent.typical))


@router.post(
    "/v1/alerts/drafts/{alert_id}/dismiss",
    summary="Dismiss what was proposed",
    response_model=None,
    responses={200: {"model": AlertOut}, **refusals(401, 403, 404, 409, 422, 429, 503)},
)
async def dismissal(request: Request, alert_id: _Number, key: Judging) -> Response:
    """Take a proposed alert for no event; it is not proposed again while the event goes on."""
    return await _change(request, key, alert_id, dismiss)


@router.post(
    "/v1/alerts/drafts/{alert_id}/distribute",
    summary="Send an approved alert",
    response_model=None,
    responses={200: {"model": AlertOut}, **_CHANGED},
    openapi_extra=body_of(
        ref("DistributionIn"), {"departments": {"value": {"recipients": ["信用卡部"]}}}
    ),
)
async def distribution(request: Request, alert_id: _Number, key: Judging) -> Response:
    """Put recipients on its list; who is on it already is not sent it again."""
    sent = checked(DistributionIn, parse_json(await _body(request)))
    return await _change(request, key, alert_id, partial(distribute, recipients=sent.recipients))


@router.post(
    "/v1/alerts/drafts/{alert_id}/receipts",
    summary="Mark an alert as read",
    response_model=None,
    responses={200: {"model": AlertOut}, **_CHANGED},
    openapi_extra=body_of(ref("ReceiptIn"), {"read": {"value": {"recipient": "信用卡部"}}}),
)
async def receipt(request: Request, alert_id: _Number, key: Looking) -> Response:
    """Mark it as read for a recipient; the key that did is kept, and the first time counts."""
    sent = checked(ReceiptIn, parse_json(await _body(request)))
    return await _change(request, key, alert_id, partial(read, recipient=sent.recipient))


async def file_of(alert: AlertRecord, form: str) -> Response:
    """Give the text of an alert as a download."""
    made = await to_thread.run_sync(FORMATS[f".{form}"], draft_of(alert))
    name = f"alert-{alert.id}-{alert.until}.{form}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(made, media_type=FILE_TYPES[form], headers=headers)


async def _change(request: Request, key: Key, alert_id: int, act: Callable[..., None]) -> Response:
    parts = parts_of(request)
    actor, now = actor_of(request, key), parts.ledger.now()

    def work(session: Session) -> AlertRecord:
        act(session, alert_id, actor=actor, now=now)
        return alerts.get(session, alert_id)

    return _json(alert_body(await parts.writer.write(work), whole=True))


async def _get(request: Request, alert_id: int) -> AlertRecord:
    work = partial(alerts.get, alert_id=alert_id)
    return await to_thread.run_sync(parts_of(request).database.ask, work)


async def _note(request: Request, key: Key, what: str, data: dict[str, Any]) -> None:
    parts = parts_of(request)
    noted = partial(
        audit.note, actor=actor_of(request, key), what=what, at=parts.ledger.now(), data=data
    )
    await parts.writer.write(noted)


async def _body(request: Request) -> bytes:
    settings = parts_of(request).settings
    return await read_body(request, limit=settings.body_bytes_max, seconds=settings.body_timeout_s)


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
