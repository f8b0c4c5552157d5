"""Pages made from templates; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import Receive, Scope, Send

from service.desk.room import Room, settings_of
from service.desk.sessions import Visitor, visitor_of
from service.desk.settings import Desk
from service.desk.words import LANGUAGES, Words, messages
from service.errors import on_jiesu_error, on_validation_error, request_id
from service.static_files import versioned
from service.wiring import parts_of
from triage.errors import JiesuError, NotAuthenticated

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGE_COOKIE = "jiesu_lang"
PART_HEADER, HTMX_HEADER = "x-desk-part", "hx-request"
_NO_STORE = {"Cache-Control": "no-store"}
_A_YEAR_S = 365 * 86_400
# A third of a millisecond a page; the highest level takes three times that for a twentieth less.
_LEAST_BYTES, _LEVEL = 1000, 5


@cache
def environment() -> Environment:
    """Give the templates."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["asset"] = versioned
    return found


@dataclass(frozen=True, slots=True)
class Guest:
    """A request by somebody who is signed in."""

    request: Request
    visitor: Visitor
    room: Room

    @property
    def words(self) -> Words:
        """The words of his language."""
        return words_of(self.request)


async def guest_of(request: Request) -> Guest:
    """Give who is signed in.

    Raises
    ------
    SignInFirst
    """
    parts = parts_of(request)
    visitor = await visitor_of(request, desk_of(request))
    if visitor is None:
        raise SignInFirst("nobody is signed in", cure="sign in at /desk/sign-in")
    return Guest(request, visitor, Room(parts, visitor.actor(request)))


class SignInFirst(NotAuthenticated):
    """Nobody is signed in; pages lead to where one can be."""

    code = "not_signed_in"


def desk_of(request: Request) -> Desk:
    """Give the settings of the desk."""
    return settings_of(parts_of(request))[0]


def words_of(request: Request) -> Words:
    """Give the words of the language that a request asks for: Chinese unless it says another."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    language = asked if asked in LANGUAGES else LANGUAGES[0]
    return Words(language, parts_of(request).ledger.now())


def page(
    request: Request, name: str, visitor: Visitor | None = None, *, status: int = 200, **told: Any
) -> Response:
    """Make a page; with the header `X-Desk-Part` only what is inside it."""
    words = words_of(request)
    part = PART_HEADER in request.headers or HTMX_HEADER in request.headers
    html = (
        environment()
        .get_template(name)
        .render(
            t=words,
            visitor=visitor,
            part=part,
            path=request.url.path,
            other_language=str(request.url.include_query_params(lang=_other(words)).query),
            pause_minutes=desk_of(request).pause_minutes,
            # Named on every page, so that nobody has to go and look.
            alarms=0 if part or visitor is None else parts_of(request).drift.alarms(),
            **{"today": None, "refresh_s": 0, **told},
        )
    )
    answer = HTMLResponse(html, status, _NO_STORE)
    if request.query_params.get("lang") in LANGUAGES:
        answer.set_cookie(
            *(LANGUAGE_COOKIE, words.language), max_age=_A_YEAR_S, samesite="lax", path="/desk"
        )
    return answer


def lead(url: str) -> Response:
    """Lead to another page after a change."""
    return RedirectResponse(url, 303, _NO_STORE)


def wants_json(request: Request) -> bool:
    """Say whether a script asks."""
    return "application/json" in request.headers.get("accept", "")


class Packed(Response):
    """An answer that is sent compressed to whom takes that; no other route pays for it.

    What a page must keep secret is masked in it (`service.desk.forgery`).
    """

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self._packing = GZipMiddleware(answer, _LEAST_BYTES, _LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await self._packing(scope, receive, send)


class PageRoute(APIRoute):
    """Answers refusals as a page, or to scripts in the one shape of errors; sends compressed."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                answer = await handle(request)
            except (JiesuError, RequestValidationError) as exc:
                answer = await _refusal(request, exc)
            return Packed(answer)

        return handled


async def _refusal(request: Request, exc: JiesuError | RequestValidationError) -> Response:
    if wants_json(request):
        if isinstance(exc, JiesuError):
            return await on_jiesu_error(request, exc)
        return await on_validation_error(request, exc)
    if isinstance(exc, SignInFirst):
        return _to_sign_in(request)
    status, code = (
        (exc.status, exc.code) if isinstance(exc, JiesuError) else (404, "unknown_ticket")
    )
    request.state.error_code = code
    known = f"error.{code}" in messages("zh")
    visitor = None if isinstance(exc, NotAuthenticated) else await _visitor(request)
    return page(
        request,
        "error.html",
        visitor,
        status=status,
        why=f"error.{code}" if known else "error.other",
        ident=request_id(request),
    )


async def _visitor(request: Request) -> Visitor | None:
    try:
        return await visitor_of(request, desk_of(request))
    except JiesuError:
        return None


def _to_sign_in(request: Request) -> Response:
    if HTMX_HEADER in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": "/desk/sign-in", **_NO_STORE})
    return RedirectResponse("/desk/sign-in" + _onward(request), 303, _NO_STORE)


def _onward(request: Request) -> str:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    away = request.method != "GET" or here in ("/desk", "/desk/queue")
    return "" if away else "?" + urlencode({"next": here})


def _other(words: Words) -> str:
    return LANGUAGES[1 - LANGUAGES.index(words.language)]
