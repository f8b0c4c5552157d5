"""What people send from the pages of the desk: signing in and out, claims, verdicts."""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode

import orjson
from fastapi import APIRouter, Request, Response

from service.body import read_body
from service.complaints_api import TicketPath
from service.desk import sessions
from service.desk.corrections import Form, opinion_from
from service.desk.pages import Here, asked_of
from service.desk.render import Guest, PageRoute, desk_of, lead, page, wants_json
from service.errors import Forbidden
from service.store import complaints, queue
from service.store.database import Session
from service.wiring import parts_of
from triage.errors import InvalidInput, JiesuError, NotAuthenticated

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_FORM_BYTES = 65_536
_FIELDS = 500
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
# Where one was when the session ended: pages of the desk, and nothing that is another's address.
_ONWARD = re.compile(r"/desk/(?!sign-|.*\.\.)[A-Za-z0-9%._~/-]+(?:\?[A-Za-z0-9%._~&=+-]*)?")


@router.get("/desk/sign-in")
async def show_sign_in(request: Request) -> Response:
    """Show where a key is pasted."""
    return _sign_in_page(request, onward=request.query_params.get("next", ""))


@router.post("/desk/sign-in")
async def sign_in(request: Request) -> Response:
    """Open a session and lead to the queue."""
    form = await read_form(request)
    kept = request.cookies.get(sessions.FORM_COOKIE, "")
    same = hmac.compare_digest(kept.encode(), form.one("csrf").encode())
    if not kept or not same or not sessions.from_here(request):
        return _sign_in_page(request, sessions.ForgedRequest("the form is too old"))
    onward = form.one("next")
    shown = sessions.Shown(form.one("key"), form.one("name"), form.one("password"))
    try:
        secret = await sessions.sign_in(request, shown, desk_of(request))
    except (sessions.LockedOut, NotAuthenticated, Forbidden) as exc:
        return _sign_in_page(request, exc, onward=onward)
    answer = lead(onward if _ONWARD.fullmatch(onward) else "/desk/queue")
    sessions.set_cookie(request, answer, sessions.COOKIE, secret)
    answer.delete_cookie(sessions.FORM_COOKIE, path="/desk")
    return answer


@router.post("/desk/sign-out")
async def sign_out(request: Request, guest: Here) -> Response:
    """End the session."""
    await own_form(request, guest)
    await sessions.sign_out(request, guest.visitor)
    answer = lead("/desk/sign-in")
    answer.delete_cookie(sessions.COOKIE, path="/desk")
    return answer


@router.post("/desk/tickets/{ticket_id}/claim")
async def claim(request: Request, ticket_id: TicketPath, guest: Here) -> Response:
    """Take a ticket, or hold it longer."""
    form = await own_form(request, guest)
    _refuse_reader(guest)
    review = await guest.room.claim(ticket_id)
    until = guest.words.moment(review.claimed_until)
    told = guest.words("verdict.claimed", until=until)
    return _back(request, form, ticket_id, told)


@router.post("/desk/tickets/{ticket_id}/release")
async def release(request: Request, ticket_id: TicketPath, guest: Here) -> Response:
    """Give a ticket up and lead to the queue."""
    form = await own_form(request, guest)
    _refuse_reader(guest)
    await guest.room.release(ticket_id)
    if wants_json(request):
        return _json({"id": ticket_id})
    return lead(f"/desk/queue?{_query(form)}")


@router.post("/desk/tickets/{ticket_id}/verdict")
async def verdict(request: Request, ticket_id: TicketPath, guest: Here) -> Response:
    """Keep a verdict and lead to the next ticket."""
    form = await own_form(request, guest)
    _refuse_reader(guest)
    opinion = await guest.room.ask(lambda s: opinion_from(s, ticket_id, form))
    await guest.room.give(ticket_id, opinion)
    asked, _, query = asked_of(guest, form.one("q"))

    def follow(session: Session) -> str | None:
        return queue.after(session, asked, complaints.get(session, ticket_id).id)

    following = await guest.room.ask(follow)
    told = urlencode({"done": ticket_id}) + (f"&{query}" if query else "")
    url = f"/desk/tickets/{following}?{told}" if following else f"/desk/end?{told}"
    return _json({"id": ticket_id, "next": url}) if wants_json(request) else lead(url)


@router.post("/desk/tickets/{ticket_id}/undo")
async def undo(request: Request, ticket_id: TicketPath, guest: Here) -> Response:
    """Take one's own last verdict back and lead to its ticket."""
    form = await own_form(request, guest)
    _refuse_reader(guest)
    await guest.room.undo(ticket_id)
    return _back(request, form, ticket_id)


async def read_form(request: Request) -> Form:
    """Read a form, urlencoded as browsers send it without files.

    Raises
    ------
    InvalidInput, BodyTooLarge, BodyTooSlow
    """
    seconds = parts_of(request).settings.body_timeout_s
    raw = await read_body(request, limit=_FORM_BYTES, seconds=seconds)
    try:
        found = parse_qs(
            raw.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"
        )
    except ValueError:
        raise InvalidInput("the form cannot be read", cure="send it from the page") from None
    return Form(found)


async def own_form(request: Request, guest: Guest) -> Form:
    """Read a form that was sent from a page of this session.

    Raises
    ------
    InvalidInput, BodyTooLarge, BodyTooSlow, ForgedRequest
    """
    form = await read_form(request)
    sessions.refuse_forged(request, guest.visitor, form.one("csrf"))
    return form


def _refuse_reader(guest: Guest) -> None:
    if not guest.visitor.judges:
        raise Forbidden("this role may read only", cure="sign in with a reviewer's key")


def _sign_in_page(
    request: Request, refused: JiesuError | None = None, *, onward: str = ""
) -> Response:
    # The same as before, if any: other tabs, and scripts led here, may have asked for it meanwhile.
    kept = request.cookies.get(sessions.FORM_COOKIE, "")
    token = kept if _TOKEN.fullmatch(kept) else secrets.token_urlsafe(32)
    why = f"error.{refused.code}" if refused else None
    status = refused.status if refused else 200
    if refused:
        request.state.error_code = refused.code
    answer = page(request, "sign_in.html", status=status, why=why, token=token, onward=onward)
    sessions.set_cookie(request, answer, sessions.FORM_COOKIE, token)
    return answer


def _back(request: Request, form: Form, ticket_id: str, told: str = "") -> Response:
    if wants_json(request):
        return _json({"id": ticket_id, "told": told})
    query = _query(form)
    return lead(f"/desk/tickets/{ticket_id}" + (f"?{query}" if query else ""))


def _query(form: Form) -> str:
    # Only filters of the queue lead anywhere; the page that is shown reads them with care.
    return urlencode(parse_qs(form.one("q")), doseq=True)


def _json(body: dict[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(orjson.dumps(body), headers=headers, media_type="application/json")
