"""`/v1/items`: what is to be put right, supervised or taught, until it is done and shown to be."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response

from service.access.auth import Judging, Looking
from service.body import parse_json, read_body
from service.checking import checked
from service.complaints_api import actor_of
from service.docs import refusals
from service.docs_ledger import body_of, ref
from service.governance.item_acts import close_item, item_from, open_item, today
from service.governance.items_schemas import CloseIn, ItemIn, ItemOut, ItemsAsked, ItemsOut
from service.ledger.answers import moment
from service.store import items
from service.store.database import Session
from service.store.records_governance import ItemRecord
from service.wiring import parts_of

router = APIRouter(tags=["governance"])
_Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
_EXAMPLE = {
    "kind": "rectification",
    "title": "年费收取前以短信逐户告知",
    "owner": "信用卡部",
    "due_on": "2026-12-31",
    "line": "fee_dispute",
    "effective_on": "2026-12-01",
    "tickets": ["T-1"],
}
_CHANGED = refusals(401, 403, 404, 408, 413, 415, 422, 429, 503)


@router.post(
    "/v1/items",
    status_code=201,
    summary="Open an item",
    response_model=None,
    responses={201: {"model": ItemOut}, **_CHANGED},
    openapi_extra=body_of(ref("ItemIn"), {"rectification": {"value": _EXAMPLE}}),
)
async def add(request: Request, key: Judging) -> Response:
    """Open an item of any kind with its owner and the day it is due."""
    parts = parts_of(request)
    sent = checked(ItemIn, parse_json(await _body(request)))
    new = await to_thread.run_sync(item_from, sent, parts.settings.data)
    actor, now = actor_of(request, key), parts.ledger.now()

    def work(session: Session) -> ItemRecord:
        return open_item(session, new, actor, now)

    return _json(item_body(await parts.writer.write(work)), 201)


@router.get(
    "/v1/items",
    summary="Items, newest first",
    response_model=None,
    responses={200: {"model": ItemsOut}, **refusals(401, 403, 422, 429, 503)},
)
async def every(request: Request, key: Looking, asked: Annotated[ItemsAsked, Query()]) -> Response:
    """List items."""
    del key
    parts = parts_of(request)
    work = partial(
        items.page,
        kind=asked.kind,
        state=asked.state,
        overdue_on=today(parts.ledger.now()) if asked.overdue else None,
        alert_id=asked.alert,
        before=asked.before,
        limit=asked.limit + 1,
    )
    found = await to_thread.run_sync(parts.database.ask, work)
    shown = [item_body(one) for one in found[: asked.limit]]
    return _json(
        {"items": shown, "next_before": shown[-1]["id"] if len(found) > asked.limit else None}
    )


@router.get(
    "/v1/items/{item_id}",
    summary="An item",
    response_model=None,
    responses={200: {"model": ItemOut}, **refusals(401, 403, 404, 422, 429, 503)},
)
async def show(request: Request, item_id: _Number, key: Looking) -> Response:
    """Show an item with its evidence, if it is closed."""
    del key
    work = partial(items.get, item_id=item_id)
    return _json(item_body(await to_thread.run_sync(parts_of(request).database.ask, work)))


@router.post(
    "/v1/items/{item_id}/close",
    summary="Close an item with its evidence",
    response_model=None,
    responses={200: {"model": ItemOut}, **_CHANGED, **refusals(409)},
    openapi_extra=body_of(
        ref("CloseIn"), {"done": {"value": {"evidence": "短信模板及发送记录，档案号2026-118"}}}
    ),
)
async def close(request: Request, item_id: _Number, key: Judging) -> Response:
    """Close an open item; nothing closes it but a person who says what shows that it was done."""
    parts = parts_of(request)
    sent = checked(CloseIn, parse_json(await _body(request)))
    actor, now = actor_of(request, key), parts.ledger.now()

    def work(session: Session) -> ItemRecord:
        return close_item(session, item_id, sent.evidence, actor, now)

    return _json(item_body(await parts.writer.write(work)))


def item_body(item: ItemRecord) -> dict[str, Any]:
    """Give an item."""
    told = {name: getattr(item, name) for name in ItemOut.model_fields}
    moments = {"opened_at": moment(item.opened_at), "closed_at": moment(item.closed_at)}
    return {**told, **moments, "kind": item.kind.value, "tickets": list(item.tickets)}


async def _body(request: Request) -> bytes:
    settings = parts_of(request).settings
    return await read_body(request, limit=settings.body_bytes_max, seconds=settings.body_timeout_s)


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
