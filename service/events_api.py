"""`POST /v1/complaints/{ticket_id}/events`: what happened to a ticket after intake."""

from __future__ import annotations

import json
from typing import Annotated, Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response

from service.access.auth import allow
from service.access.keys import Key, Role
from service.body import parse_json, read_body
from service.checking import checked, moment_of, refuse_long
from service.complaints_api import TicketPath, actor_of
from service.docs import refusals
from service.docs_ledger import EVENT_BODY
from service.errors import Forbidden
from service.event_schemas import EVENT, OF_INTAKE
from service.ledger.history import extension_from
from service.ledger.orders import Happening
from service.ledger_schemas import RecordedOut
from service.wiring import Parts, parts_of

router = APIRouter(tags=["ledger"])
_OWN = {"kind", "at", "key", "text"}


@router.post(
    "/v1/complaints/{ticket_id}/events",
    status_code=201,
    summary="Record what happened to a ticket",
    response_model=None,
    responses={
        200: {"model": RecordedOut, "description": "An event with this key was recorded before"},
        201: {"model": RecordedOut, "description": "Recorded"},
        **refusals(401, 403, 404, 408, 409, 413, 415, 422, 503),
    },
    openapi_extra=EVENT_BODY,
)
async def record(
    request: Request,
    ticket_id: TicketPath,
    key: Annotated[Key, Depends(allow(Role.INTAKE, Role.REVIEWER, Role.ADMIN))],
) -> Response:
    """Record an event; the answer is the ticket as it stands after it.

    What the customer wrote is assessed together with the complaint; after other events the rules
    are applied anew. With a `key` a repeated call is answered 200 and records nothing.
    """
    parts = parts_of(request)
    settings = parts.settings
    raw = await read_body(request, limit=settings.body_bytes_max, seconds=settings.body_timeout_s)
    if len(raw) <= settings.inline_bytes_max:
        happening = _read(raw, parts)
    else:
        happening = await to_thread.run_sync(_read, raw, parts, limiter=parts.models.threads)
    if key.role is Role.INTAKE and happening.kind not in OF_INTAKE:
        raise Forbidden(
            f"a key of the role intake may not record {happening.kind}",
            cure=f"it may record {', '.join(sorted(OF_INTAKE))}",
        )
    recorded = await parts.ledger.record(ticket_id, happening, actor_of(request, key))
    body = {"event_id": recorded.event_id, "complaint": recorded.body}
    status = 201 if recorded.new else 200
    return Response(orjson.dumps(body), status, media_type="application/json")


def _read(raw: bytes, parts: Parts) -> Happening:
    row = parse_json(raw)
    event = checked(EVENT, row)
    told: dict[str, Any] = event.model_dump(mode="json", exclude_none=True)
    if "text" in told:
        refuse_long(told["text"], parts.settings.narrative_chars_max)
    data = {name: value for name, value in told.items() if name not in _OWN}
    if "notified_at" in data:
        moment_of(data["notified_at"], "notified_at")
    if event.kind == "extension":
        extension_from(data)
    same = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    return Happening(
        kind=event.kind,
        data=data,
        at=moment_of(event.at, "at") if event.at is not None else None,
        text=told.get("text"),
        key=event.key,
        body_hash=parts.privacy.body_hash(same),
    )
