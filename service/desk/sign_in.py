"""Coming in, by key or by password, and leaving."""

from __future__ import annotations

import re
import secrets

from fastapi import APIRouter, Request, Response

from service.desk import sessions
from service.desk.forgery import ForgedRequest, from_here, is_of, masked
from service.desk.forms import own_form, read_form
from service.desk.pages import Here
from service.desk.render import PageRoute, desk_of, lead, page
from service.errors import Forbidden
from service.wiring import parts_of
from triage.errors import JiesuError, NotAuthenticated

router = APIRouter(include_in_schema=False, route_class=PageRoute)
COOKIE = "jiesu_form"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
# Where one was when the session ended: pages of the desk, and nothing that is another's address.
_ONWARD = re.compile(r"/desk/(?!sign-|.*\.\.)[A-Za-z0-9%._~/-]+(?:\?[A-Za-z0-9%._~&=+-]*)?")


@router.get("/desk/sign-in")
async def show_sign_in(request: Request) -> Response:
    """Show where one comes in."""
    return sign_in_page(request, onward=request.query_params.get("next", ""))


@router.post("/desk/sign-in")
async def sign_in(request: Request) -> Response:
    """Open a session and lead to the queue, or to where one was."""
    form = await read_form(request)
    kept = request.cookies.get(COOKIE, "")
    if not _TOKEN.fullmatch(kept) or not is_of(form.one("csrf"), kept) or not from_here(request):
        return sign_in_page(request, ForgedRequest("the form is too old"))
    onward = form.one("next")
    shown = sessions.Shown(form.one("key"), form.one("name"), form.one("password"))
    try:
        secret = await sessions.sign_in(request, shown, desk_of(request))
    except (sessions.LockedOut, NotAuthenticated, Forbidden) as exc:
        return sign_in_page(request, exc, onward=onward)
    answer = lead(onward_to(onward))
    sessions.set_cookie(request, answer, sessions.COOKIE, secret)
    answer.delete_cookie(COOKIE, path="/desk")
    return answer


@router.post("/desk/sign-out")
async def sign_out(request: Request, guest: Here) -> Response:
    """End the session."""
    await own_form(request, guest)
    await sessions.sign_out(request, guest.visitor)
    answer = lead("/desk/sign-in")
    answer.delete_cookie(sessions.COOKIE, path="/desk")
    return answer


def onward_to(onward: str) -> str:
    """Give where somebody goes who came in: where he was, if that is a page of the desk."""
    return onward if _ONWARD.fullmatch(onward) else "/desk/queue"


def sign_in_page(
    request: Request, refused: JiesuError | None = None, *, onward: str = ""
) -> Response:
    """Give the page, with why somebody was not let in."""
    # The same as before, if any: other tabs, and scripts led here, may have asked for it meanwhile.
    kept = request.cookies.get(COOKIE, "")
    token = kept if _TOKEN.fullmatch(kept) else secrets.token_urlsafe(32)
    if refused:
        request.state.error_code = refused.code
    provider = parts_of(request).provider
    answer = page(
        request,
        "sign_in.html",
        status=refused.status if refused else 200,
        why=f"error.{refused.code}" if refused else None,
        token=masked(token),
        onward=onward,
        provider=provider.name if provider else None,
    )
    sessions.set_cookie(request, answer, COOKIE, token)
    return answer
