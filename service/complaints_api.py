"""`/v1/complaints`: tickets taken into the ledger, one or many, and one of them shown."""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import Annotated, Any

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Request, Response

from service.access.auth import EVERYBODY, allow
from service.access.keys import Key, Role
from service.body import parse_json, read_body
from service.checking import checked, checked_context, refuse_long
from service.docs import refusals
from service.docs_ledger import BATCH_BODY, COMPLAINT_BODY
from service.errors import TooManyNarratives, request_id
from service.ledger.detail import detail
from service.ledger.orders import Order, Taken
from service.ledger_schemas import (
    TICKET_CHARS,
    TICKET_PATTERN,
    BatchOut,
    ComplaintDetail,
    ComplaintIn,
    ComplaintOut,
)
from service.logs import LOGGER
from service.settings import Settings
from service.store.errors import TicketConflict
from service.store.privacy import Privacy
from service.store.records import Outcome
from service.store.records_service import Actor
from service.wiring import Parts, parts_of
from triage.errors import InvalidInput, JiesuError

router = APIRouter(tags=["ledger"])
TAKING = (Role.INTAKE, Role.ADMIN)
_RESERVED = {"batch", "export"}
_COMPLAINTS = "complaints"
_LOG = logging.getLogger(LOGGER)


class _Fault(JiesuError):
    """A bug met by one ticket of a batch; says nothing of the ticket."""

    code = "internal_error"


_FAULT = _Fault("something went wrong here, not with the ticket", cure="send it again later")
TicketPath = Annotated[
    str,
    Path(max_length=TICKET_CHARS, pattern=TICKET_PATTERN, description="As it was sent at intake"),
]


def actor_of(request: Request, key: Key) -> Actor:
    """Give who acts."""
    return Actor(key.ident, key.role, request_id(request))


@router.post(
    "/v1/complaints",
    status_code=201,
    summary="Take a ticket into the ledger",
    response_model=None,
    responses={
        200: {"model": ComplaintOut, "description": "The same ticket was stored before"},
        201: {"model": ComplaintOut, "description": "Stored and assessed"},
        **refusals(401, 403, 408, 409, 413, 415, 422, 503),
    },
    openapi_extra=COMPLAINT_BODY,
)
async def take(request: Request, key: Annotated[Key, Depends(allow(*TAKING))]) -> Response:
    """Store and assess a ticket; the answer is sent after the commit.

    To send the same again is safe: the same `ticket_id` with the same body is answered 200 with
    what is stored, with another body 409.
    """
    parts = parts_of(request)
    raw = await _body(request, parts.settings.body_bytes_max)
    if len(raw) <= parts.settings.inline_bytes_max:
        order = _read_one(raw, parts)
    else:
        order = await to_thread.run_sync(_read_one, raw, parts, limiter=parts.models.threads)
    request.state.narratives = 1
    (taken,) = await parts.ledger.take([order], actor_of(request, key))
    if isinstance(taken, BaseException):
        raise taken
    return _answer(taken)


@router.post(
    "/v1/complaints/batch",
    summary="Take up to 1,000 tickets into the ledger, each on its own",
    response_model=None,
    responses={200: {"model": BatchOut}, **refusals(401, 403, 408, 413, 415, 422, 503)},
    openapi_extra=BATCH_BODY,
)
async def take_many(request: Request, key: Annotated[Key, Depends(allow(*TAKING))]) -> Response:
    """Send `{"complaints": [...]}`; each is answered with its own status, in the same order.

    One that is refused does not keep the others out.
    """
    parts = parts_of(request)
    raw = await _body(request, parts.settings.batch_bytes_max)
    aside = partial(to_thread.run_sync, limiter=parts.models.threads)
    orders = await aside(_read_many, raw, parts)
    good = [order for order in orders if isinstance(order, Order)]
    request.state.narratives = len(good)
    taken = iter(await parts.ledger.take(good, actor_of(request, key)) if good else ())
    results: list[Order | Taken | BaseException] = [
        next(taken) if isinstance(order, Order) else order for order in orders
    ]
    body = await aside(_batch_body, orders, results, request_id(request))
    return Response(body, media_type="application/json")


@router.get(
    "/v1/complaints/{ticket_id}",
    summary="One ticket, with all that happened to it",
    response_model=None,
    responses={200: {"model": ComplaintDetail}, **refusals(401, 403, 404, 422, 503)},
)
async def show(
    request: Request, ticket_id: TicketPath, key: Annotated[Key, Depends(allow(*EVERYBODY))]
) -> Response:
    """Give the latest assessment, duties, events and repeats of a ticket."""
    parts = parts_of(request)
    work = partial(detail, ticket_id=ticket_id, persons=key.role is not Role.SCIENTIST)
    body = await to_thread.run_sync(parts.database.ask, work)
    return Response(orjson.dumps(body), media_type="application/json")


async def _body(request: Request, limit: int) -> bytes:
    seconds = parts_of(request).settings.body_timeout_s
    return await read_body(request, limit=limit, seconds=seconds)


def _read_one(raw: bytes, parts: Parts) -> Order:
    return order_of(parse_json(raw), parts.settings, parts.privacy, size=len(raw))


def _read_many(raw: bytes, parts: Parts) -> list[Order | JiesuError]:
    body = parse_json(raw)
    rows = body.get(_COMPLAINTS) if isinstance(body, dict) else None
    if not isinstance(body, dict) or len(body) > 1 or not isinstance(rows, list):
        raise InvalidInput(
            "the body must be an object with the list `complaints` alone",
            cure='send {"complaints": [{"ticket_id": ..., "text": ...}, ...]}',
        )
    most = parts.settings.complaints_max
    if len(rows) > most:
        raise TooManyNarratives(
            f"{len(rows)} complaints in one call, {most} are allowed", cure="send several calls"
        )
    return [_order_or_error(row, i, parts) for i, row in enumerate(rows)]


def _order_or_error(row: Any, place: int, parts: Parts) -> Order | JiesuError:
    try:
        return order_of(row, parts.settings, parts.privacy, where=f"{_COMPLAINTS}[{place}].")
    except JiesuError as exc:
        return exc


def order_of(
    row: Any, settings: Settings, privacy: Privacy, *, where: str = "", size: int = 0
) -> Order:
    """Check a ticket as it came in.

    Raises
    ------
    InvalidInput, NarrativeTooLong
        Naming the field; the text itself is not repeated.
    """
    sent = checked(ComplaintIn, row, where)
    refuse_long(sent.text, settings.narrative_chars_max, where)
    if sent.ticket_id in _RESERVED:
        raise InvalidInput(f"{where}ticket_id is a reserved word", cure="use another one")
    told = {name: value for name, value in row.items() if value is not None}
    same = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    return Order(
        ticket_id=sent.ticket_id,
        text=sent.text,
        context=checked_context(row, where),
        body_hash=privacy.body_hash(same),
        size=size,
    )


def _answer(taken: Taken) -> Response:
    if taken.body is None:
        raise conflict()
    status = 201 if taken.outcome is Outcome.NEW else 200
    return Response(orjson.dumps(taken.body), status, media_type="application/json")


def conflict() -> TicketConflict:
    """Give the refusal of a ticket whose identifier has another body."""
    return TicketConflict(
        "a ticket with this ticket_id and another body is stored",
        cure="use another ticket_id; what happened later is an event of the ticket",
    )


def _batch_body(orders: list[Order | JiesuError], results: list[Any], ident: str) -> bytes:
    rows = [
        _batch_row(order.ticket_id if isinstance(order, Order) else None, result, ident)
        for order, result in zip(orders, results, strict=True)
    ]
    return orjson.dumps({"results": rows})


def _batch_row(ticket_id: str | None, result: Any, ident: str) -> dict[str, Any]:
    if isinstance(result, Taken) and result.body is not None:
        status = 201 if result.outcome is Outcome.NEW else 200
        return {"ticket_id": ticket_id, "status": status, "complaint": result.body, "error": None}
    error = conflict() if isinstance(result, Taken) else result
    if not isinstance(error, JiesuError):
        _LOG.error("fault in a batch", exc_info=error, extra={"facts": {"request_id": ident}})
        error = _FAULT
    facts = {"code": error.code, "message": error.message, "cure": error.cure}
    row = {"ticket_id": ticket_id, "status": error.status, "complaint": None}
    return {**row, "error": {**facts, "request_id": ident}}
