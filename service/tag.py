"""`POST /v1/tag`: narratives in, assessed complaints out, nothing stored."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from service.access.auth import EVERYBODY, allow, let_in
from service.access.keys import Key
from service.body import parse_json, read_body
from service.checking import checked, checked_context, refuse_long
from service.docs import TAG_BODY, refusals
from service.errors import TooManyNarratives
from service.schemas import Assessed, NarrativeIn, TagResults
from service.settings import Settings
from service.tagging import Order, answer
from service.wiring import parts_of
from triage.errors import InvalidInput

_BATCH = "narratives"
_allowed = allow(*EVERYBODY)


class _Direct(APIRoute):
    """Calls the endpoint itself: to resolve its one dependency took FastAPI a third of a call.

    What the dependency says stands in the description all the same.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give what answers a request."""

        async def handled(request: Request) -> Response:
            return await tag(request, await let_in(request, _allowed))

        return handled


router = APIRouter(tags=["tag"], route_class=_Direct)


@router.post(
    "/v1/tag",
    summary="Tag one narrative, or many; nothing is stored",
    response_model=None,
    responses={
        200: {"model": Assessed | TagResults},
        **refusals(401, 403, 408, 413, 415, 422, 503),
    },
    openapi_extra=TAG_BODY,
)
async def tag(request: Request, _key: Annotated[Key, Depends(_allowed)]) -> Response:
    """Send `{"text": ...}` with any context fields, or `{"narratives": [{"text": ...}, ...]}`.

    The first answers one assessed complaint, the second `{"results": [...]}` in the same order.
    A text that cannot be read (no Chinese, noise) is answered with `abstained: true`.
    """
    parts = parts_of(request)
    settings = parts.settings
    raw = await read_body(request, limit=settings.body_bytes_max, seconds=settings.body_timeout_s)
    aside = partial(to_thread.run_sync, limiter=parts.models.threads)
    small = len(raw) <= settings.inline_bytes_max
    order = read_order(raw, settings) if small else await aside(read_order, raw, settings)
    request.state.narratives = len(order.texts)
    if small and not order.batch:
        body = await parts.tagger(order)
    else:
        body = await aside(answer, order, parts.models.loaded.engine, parts.meters)
    return Response(body, media_type="application/json")


def read_order(raw: bytes, settings: Settings) -> Order:
    """Read and check a body.

    Raises
    ------
    InvalidInput, NarrativeTooLong, TooManyNarratives
        Naming the field and, in a batch, the position; the text itself is not repeated.
    """
    body = parse_json(raw)
    if not isinstance(body, dict):
        raise InvalidInput(
            "the body must be a JSON object", cure='send {"text": ...} or {"narratives": [...]}'
        )
    if _BATCH not in body:
        return _checked([(body, "")], settings, batch=False)
    rows = body[_BATCH]
    if len(body) > 1 or not isinstance(rows, list):
        raise InvalidInput(
            "`narratives` must be a list and stand alone",
            cure="put `text`, `id` and the context fields into its objects",
        )
    if len(rows) > settings.narratives_max:
        raise TooManyNarratives(
            f"{len(rows)} narratives in one call, {settings.narratives_max} are allowed",
            cure="send them in several calls, or use `jiesu score` for files",
        )
    named = [(row, f"{_BATCH}[{i}].") for i, row in enumerate(rows)]
    return _checked(named, settings, batch=True)


def _checked(rows: list[tuple[Any, str]], settings: Settings, *, batch: bool) -> Order:
    order = Order([], [], [], batch=batch)
    for row, where in rows:
        narrative = checked(NarrativeIn, row, where)
        refuse_long(narrative.text, settings.narrative_chars_max, where)
        order.texts.append(narrative.text)
        order.idents.append(narrative.id if narrative.id is not None else narrative.ticket_id)
        order.contexts.append(checked_context(row, where))
    return order
