"""`GET /v1/complaints/{ticket_id}/rules`: which rules fired, on what facts, on what basis."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import orjson
from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response

from service.access.auth import EVERYBODY, allow
from service.access.keys import Key
from service.complaints_api import TicketPath
from service.docs import refusals
from service.ledger.ruled import ruled
from service.ledger_schemas import RulesOut
from service.wiring import parts_of

router = APIRouter(tags=["ledger"])


@router.get(
    "/v1/complaints/{ticket_id}/rules",
    summary="Which rules fired for a ticket, on what facts, on what basis",
    response_model=None,
    responses={200: {"model": RulesOut}, **refusals(401, 403, 404, 422, 503)},
)
async def rules(
    request: Request, ticket_id: TicketPath, _key: Annotated[Key, Depends(allow(*EVERYBODY))]
) -> Response:
    """Tell what the latest decision on a ticket rests on, as it was recorded."""
    work = partial(ruled, ticket_id=ticket_id)
    body = await to_thread.run_sync(parts_of(request).database.ask, work)
    return Response(orjson.dumps(body), media_type="application/json")
