"""What people send from the pages of the desk: claims, verdicts."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode

import orjson
from fastapi import APIRouter, Request, Response

from service.body import read_body
from service.complaints_api import TicketPath
from service.desk.corrections import Form, opinion_from
from service.desk.forgery import refuse_forged
from service.desk.pages import Here, asked_of
from service.desk.render import Guest, PageRoute, lead, wants_json
from service.errors import Forbidden
from service.store import complaints, queue
from service.store.database import Session
from service.wiring import parts_of
from triage.errors import InvalidInput

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_FORM_BYTES = 65_536
_FIELDS = 500


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
    refuse_forged(request, guest.visitor.token, form.one("csrf"))
    return form


def _refuse_reader(guest: Guest) -> None:
    if not guest.visitor.judges:
        raise Forbidden("this role may read only", cure="sign in with a reviewer's key")


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
