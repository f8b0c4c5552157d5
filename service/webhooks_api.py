"""`/v1/webhooks`: who is told of what happens, and what did not arrive."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from service.access.auth import allow
from service.access.keys import Key, Role
from service.body import parse_json, read_body
from service.checking import checked
from service.docs import refusals
from service.docs_ledger import body_of, ref
from service.errors import NothingThere, request_id
from service.ledger.signing import new_secret
from service.ledger.targets import read_url
from service.store import audit, webhooks
from service.store.database import Session
from service.store.records_service import Actor, DeliveryRecord, DeliveryState, WebhookRecord
from service.webhooks_schemas import (
    EXAMPLE,
    DeliveriesOut,
    DeliveryOut,
    WebhookIn,
    WebhookMade,
    WebhookOut,
    WebhooksOut,
)
from service.wiring import parts_of

router = APIRouter(tags=["webhooks"])
_PAGE = 100
_Admin = Annotated[Key, Depends(allow(Role.ADMIN))]
_Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.post(
    "/v1/webhooks",
    status_code=201,
    summary="Have an address told of what happens",
    responses=refusals(401, 403, 408, 413, 415, 422, 429, 503),
    openapi_extra=body_of(ref("WebhookIn"), {"duties": {"summary": "Duties", "value": EXAMPLE}}),
)
async def add(request: Request, key: _Admin) -> WebhookMade:
    """Keep an address; the answer holds the secret of its signatures, this once."""
    parts = parts_of(request)
    settings = parts.settings
    raw = await read_body(request, limit=settings.body_bytes_max, seconds=settings.body_timeout_s)
    wanted = checked(WebhookIn, parse_json(raw))
    url = str(read_url(wanted.url, private=settings.webhook_private))
    secret, now = new_secret(), datetime.now(UTC)
    sealed, kinds = parts.privacy.seal(secret), tuple(dict.fromkeys(wanted.kinds))
    actor = _actor(request, key)

    def work(session: Session) -> int:
        ident = webhooks.add(
            session, url=url, kinds=kinds, secret=sealed, now=now, label=wanted.label
        )
        audit.note(session, actor, "webhook.added", at=now, data={"webhook": ident})
        return ident

    ident = await parts.writer.write(work)
    shown = _hook_out(WebhookRecord(ident, url, wanted.label, kinds, sealed, now, None))
    return WebhookMade(**shown.model_dump(), secret=secret)


@router.get(
    "/v1/webhooks",
    summary="Who is told of what",
    responses=refusals(401, 403, 429, 503),
)
async def every(request: Request, _key: _Admin) -> WebhooksOut:
    """List the addresses that are told, without their secrets."""
    found = await to_thread.run_sync(parts_of(request).database.ask, webhooks.hooks)
    return WebhooksOut(webhooks=[_hook_out(hook) for hook in found])


@router.delete(
    "/v1/webhooks/{webhook_id:int}",
    status_code=204,
    summary="Tell an address no more",
    responses=refusals(401, 403, 404, 422, 429, 503),
)
async def stop(request: Request, webhook_id: _Number, key: _Admin) -> Response:
    """Stop telling an address; what waits for it is given up."""
    now, actor = datetime.now(UTC), _actor(request, key)

    def work(session: Session) -> bool:
        stopped = webhooks.stop(session, webhook_id, now)
        if stopped:
            audit.note(session, actor, "webhook.stopped", at=now, data={"webhook": webhook_id})
        return stopped

    if not await parts_of(request).writer.write(work):
        raise NothingThere("no webhook that is told has this number", cure="see GET /v1/webhooks")
    return Response(status_code=204)


@router.get(
    "/v1/webhooks/deliveries",
    summary="Messages that wait, arrived, or are dead",
    responses=refusals(401, 403, 422, 429, 503),
)
async def deliveries(
    request: Request,
    _key: _Admin,
    state: DeliveryState = DeliveryState.DEAD,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = _PAGE,
) -> DeliveriesOut:
    """List messages, newest first; a dead one was tried as often as it is tried at all."""
    found = await to_thread.run_sync(
        parts_of(request).database.ask,
        lambda session: webhooks.deliveries(session, state, before=before, limit=limit + 1),
    )
    shown = found[:limit]
    more = len(found) > limit
    return DeliveriesOut(
        deliveries=[_delivery_out(one) for one in shown], next_before=shown[-1].id if more else None
    )


@router.post(
    "/v1/webhooks/deliveries/{delivery_id}/retry",
    summary="Send a dead message again",
    responses=refusals(401, 403, 404, 422, 429, 503),
)
async def retry(request: Request, delivery_id: _Number, key: _Admin) -> DeliveryOut:
    """Try a dead message again, as often as a new one."""
    now, actor = datetime.now(UTC), _actor(request, key)

    def work(session: Session) -> DeliveryRecord | None:
        if not webhooks.revive(session, delivery_id, now):
            return None
        audit.note(session, actor, "delivery.retried", at=now, data={"delivery": delivery_id})
        return webhooks.get(session, delivery_id)

    found = await parts_of(request).writer.write(work)
    if found is None:
        raise NothingThere(
            "no dead message to a webhook that is told has this number",
            cure="see GET /v1/webhooks/deliveries",
        )
    return _delivery_out(found)


def _actor(request: Request, key: Key) -> Actor:
    return Actor(key.ident, key.role, request_id(request))


def _hook_out(hook: WebhookRecord) -> WebhookOut:
    return WebhookOut(
        id=hook.id,
        url=hook.url,
        kinds=list(hook.kinds),
        label=hook.label,
        created_at=hook.created_at,
    )


def _delivery_out(one: DeliveryRecord) -> DeliveryOut:
    return DeliveryOut(**{name: getattr(one, name) for name in DeliveryOut.model_fields})
