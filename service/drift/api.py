"""`/v1/model/drift`: what the last daily look saw, and what is decided of new phrases."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request

from service.access.auth import allow
from service.access.keys import Key, Role
from service.body import parse_json, read_body
from service.checking import checked
from service.complaints_api import actor_of
from service.docs import refusals
from service.docs_ledger import body_of, ref
from service.drift.deciding import DECIDING, decide
from service.drift.schemas import DecidedOut, DriftOut, PhraseIn
from service.wiring import parts_of

router = APIRouter(tags=["model"])
_EXAMPLE = {"text": "云护通", "choice": "accepted"}


@router.get(
    "/v1/model/drift",
    summary="Whether the tickets have changed, and which phrases are new",
    dependencies=[Depends(allow(Role.REVIEWER, Role.SCIENTIST, Role.ADMIN))],
    responses=refusals(401, 403),
)
async def drift(request: Request) -> DriftOut:
    """Give what the last daily look saw; nothing is computed for the call."""
    found = await to_thread.run_sync(parts_of(request).drift.last)
    return DriftOut() if found is None else DriftOut.model_validate(found)


@router.post(
    "/v1/model/drift/phrases",
    summary="Accept a new phrase as a term, dismiss it, or take that back",
    responses=refusals(401, 403, 404, 408, 413, 415, 422, 429, 503),
    openapi_extra=body_of(ref("PhraseIn"), {"accepted": {"value": _EXAMPLE}}),
)
async def phrase(request: Request, key: Annotated[Key, Depends(allow(*DECIDING))]) -> DecidedOut:
    """Keep a decision about a phrase, as the desk's model page does.

    404 when the last look does not offer it and nothing was decided of it before. The dictionary
    stays as it is: accepted phrases are `terms` of `GET /v1/model/drift`, for the next training.
    """
    parts = parts_of(request)
    settings = parts.settings
    raw = await read_body(request, limit=settings.body_bytes_max, seconds=settings.body_timeout_s)
    sent = checked(PhraseIn, parse_json(raw))
    kept = await decide(parts, sent.text, sent.choice, actor_of(request, key))
    return DecidedOut(text=kept.text, choice=kept.choice, decided_by=kept.who, decided_at=kept.at)
