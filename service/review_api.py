"""`/v1/review`: what waits for a person, whose turn it is, and what was said of it."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from service.access.auth import Judging, Looking
from service.body import parse_json, read_body
from service.checking import checked
from service.complaints_api import TicketPath, actor_of
from service.desk.answers import item_body, review_body, verdict_body
from service.desk.opinion import Opinion
from service.desk.room import Room
from service.docs import refusals
from service.docs_ledger import body_of, ref
from service.review_schemas import (
    ClaimIn,
    ClaimOut,
    QueueOut,
    QueueQuery,
    VerdictIn,
    VerdictOut,
)
from service.store import queue
from service.wiring import parts_of

router = APIRouter(tags=["review"])
_CORRECTIONS = ("line", "subline", "secondary", "nature", "risk")
_SIGNAL = {"code": "repeat", "start": 4, "end": 10}
VERDICT_BODY = body_of(
    ref("VerdictIn"),
    {
        "confirm": {"summary": "All of it is right", "value": {"verdict": "confirm"}},
        "correct": {
            "summary": "Another line, one signal, less risk",
            "value": {
                "verdict": "correct",
                "line": "card_service",
                "signals": [_SIGNAL],
                "risk": "too_high",
            },
        },
    },
)
CLAIM_BODY = body_of(
    ref("ClaimIn"), {"take": {"value": {}}, "give_up": {"value": {"release": True}}}
)


@router.get(
    "/v1/review/queue",
    summary="What waits for a person, in the order of urgency",
    response_model=None,
    responses={200: {"model": QueueOut}, **refusals(401, 403, 422, 503)},
)
async def show_queue(
    request: Request,
    key: Looking,
    sent: Annotated[QueueQuery, Query()],
) -> Response:
    """Give the queue; `data/desk.yaml` holds the points that order it."""
    room = Room(parts_of(request), actor_of(request, key))
    asked = room.asked(sent.sort, sent.filters())
    page = await room.ask(partial(queue.page, asked=asked, cursor=sent.cursor, limit=sent.limit))
    counts = await room.ask(partial(queue.counts, asked=asked))
    items = [item_body(one, asked.weights, key.ident, asked.now) for one in page.items]
    await room.note("queue.read", tickets=len(items))
    told = {band or "": number for band, number in counts.items()}
    return _json({"items": items, "counts": told, "next_cursor": page.next_cursor})


@router.post(
    "/v1/review/{ticket_id}/claim",
    summary="Take a ticket for some minutes, or give it up",
    response_model=None,
    responses={200: {"model": ClaimOut}, **refusals(401, 403, 404, 409, 422, 503)},
    openapi_extra=CLAIM_BODY,
)
async def claim(request: Request, ticket_id: TicketPath, key: Judging) -> Response:
    """Nobody else can take it or judge it meanwhile; taking it again holds it longer."""
    room = Room(parts_of(request), actor_of(request, key))
    sent = checked(ClaimIn, parse_json(await _body(request) or b"{}"))
    review = await (room.release(ticket_id) if sent.release else room.claim(ticket_id))
    told = review_body(review, key.ident, room.by().now)
    return _json({"id": ticket_id, "review": told})


@router.post(
    "/v1/review/{ticket_id}/verdict",
    summary="Say whether the assessment is right",
    response_model=None,
    responses={200: {"model": VerdictOut}, **refusals(401, 403, 404, 409, 413, 422, 503)},
    openapi_extra=VERDICT_BODY,
)
async def verdict(request: Request, ticket_id: TicketPath, key: Judging) -> Response:
    """Confirm or correct the latest assessment; a claim of one's own ends with it.

    The same verdict again is kept once. Offsets of signals point into `masked_text`.
    """
    room = Room(parts_of(request), actor_of(request, key))
    opinion = opinion_of(checked(VerdictIn, parse_json(await _body(request))))
    return _json(verdict_body(await room.give(ticket_id, opinion)))


@router.delete(
    "/v1/review/{ticket_id}/verdict",
    summary="Take one's own last verdict back",
    response_model=None,
    responses={200: {"model": VerdictOut}, **refusals(401, 403, 404, 409, 422, 503)},
)
async def undo(request: Request, ticket_id: TicketPath, key: Judging) -> Response:
    """It stays on record as undone, and the ticket is one's own again."""
    room = Room(parts_of(request), actor_of(request, key))
    undone = await room.undo(ticket_id)
    return _json({**verdict_body(undone), "undone_at": room.by().now.isoformat()})


def opinion_of(sent: VerdictIn) -> Opinion:
    """Take a verdict as it was sent."""
    corrections = {name: getattr(sent, name) for name in _CORRECTIONS}
    if sent.signals is not None:
        corrections["signals"] = [signal.model_dump() for signal in sent.signals]
    return Opinion(
        kind=sent.verdict,
        corrections=corrections,
        note=sent.note,
        second=sent.second_reader,
        assessment=sent.assessment,
    )


async def _body(request: Request) -> bytes:
    settings = parts_of(request).settings
    return await read_body(request, limit=settings.body_bytes_max, seconds=settings.body_timeout_s)


def _json(body: object) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
