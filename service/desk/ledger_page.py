"""The ledger page: all tickets, the overdue ones first; counts; assignment; files to take away."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from service.access.keys import Role
from service.checking import checked
from service.desk.corrections import Form
from service.desk.forms import own_form
from service.desk.ledger_asked import PATH, VIEWS, LedgerAsked
from service.desk.once import MANY, Once
from service.desk.pages import Here, labels_of
from service.desk.render import Guest, PageRoute, page
from service.desk.room import Room
from service.errors import Forbidden
from service.event_schemas import EVENT
from service.ledger.answers import Body, row_body
from service.ledger.export import written
from service.ledger.orders import Happening
from service.ledger.standing import State
from service.store import overview
from service.store.database import Database, Session
from service.store.matters import Matter
from service.store.overview import Look, Tally
from triage.errors import InvalidInput, JiesuError
from triage.records import CHANNELS
from triage.rules.rulefile import LEVELS

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_PAGE = 50
_LASTS = timedelta(minutes=1)
_MOST_ASSIGNED = 200
_FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


@dataclass(frozen=True, slots=True)
class LedgerView:
    """A page of the ledger, or its counts."""

    count: Tally
    items: list[Body] = field(default_factory=list)
    groups: list[Tally] = field(default_factory=list)
    next_cursor: str | None = None


_COUNTED: Once[LedgerView] = Once()


@dataclass(frozen=True, slots=True)
class Assigned:
    """What became of an assignment: how many took it, and who did not, with the reason."""

    assignee: str
    done: int
    refused: list[tuple[str, str]]


@router.get(PATH)
async def show_ledger(request: Request, guest: Here) -> Response:
    """Show tickets, or how many there are of which."""
    asked = LedgerAsked.of(request.query_params)
    cursor = request.query_params.get("cursor") or None
    return await _shown(request, guest, asked, cursor=cursor)


@router.get(f"{PATH}/export")
async def export(request: Request, guest: Here) -> Response:
    """Give all chosen tickets as a file, in the order of the page."""
    asked = LedgerAsked.of(request.query_params)
    form = request.query_params.get("format", "csv")
    if form not in _FORMATS:
        raise InvalidInput("there is no such kind of file", cure="use csv or jsonl")
    parts = guest.room.parts
    look = asked.look(parts.ledger.now())
    await guest.room.note("ledger.exported", **dict(asked.told), format=form)
    name = f"complaints-{look.now:%Y%m%d-%H%M%S}.{form}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    pieces = _pieces(parts.database, look, form)
    return StreamingResponse(pieces, media_type=_FORMATS[form], headers=headers)


@router.post(f"{PATH}/assign")
async def assign(request: Request, guest: Here) -> Response:
    """Give several tickets to one person: each is an event of its ticket, or is refused."""
    form = await own_form(request, guest)
    if not guest.visitor.judges:
        raise Forbidden("this role may read only", cure="sign in with a reviewer's key")
    done = await _assign(guest, form)
    return await _shown(request, guest, LedgerAsked.of(dict(parse_qsl(form.one("q")))), done=done)


async def _shown(
    request: Request,
    guest: Guest,
    asked: LedgerAsked,
    *,
    cursor: str | None = None,
    done: Assigned | None = None,
) -> Response:
    room = guest.room
    view, at = await _seen(room, asked, cursor)
    await room.note("ledger.read", tickets=len(view.items), view=asked.view)
    return page(
        request,
        "ledger.html",
        guest.visitor,
        view=view,
        at=at,
        asked=asked,
        sent=asked.chosen,
        days=asked.days,
        query=asked.query,
        cursor=cursor,
        done=done,
        nonce=secrets.token_hex(8),
        imports=guest.visitor.key.role is Role.ADMIN,
        labels=labels_of(guest),
        channels=CHANNELS,
        states=tuple(State),
        levels=LEVELS,
        matters=tuple(Matter),
        views=VIEWS,
        bands=("high", "medium", "low"),
    )


async def _seen(room: Room, asked: LedgerAsked, cursor: str | None) -> tuple[LedgerView, datetime]:
    """Give what is to be shown, and as of when; counts of many tickets last for a minute."""
    now = room.parts.ledger.now()

    async def count() -> LedgerView:
        return await room.ask(partial(_view, asked=asked, now=now, cursor=cursor))

    def lasts(view: LedgerView) -> timedelta:
        return _LASTS if view.groups and view.count.total >= MANY else timedelta()

    return await _COUNTED.get(room.parts.database, asked.query, now, count=count, lasts=lasts)


def _view(session: Session, asked: LedgerAsked, now: datetime, cursor: str | None) -> LedgerView:
    look = asked.look(now)
    count = overview.count(session, look)
    if asked.view != VIEWS[0]:
        return LedgerView(count, groups=overview.groups(session, look, asked.view))
    found = overview.page(session, look, cursor=cursor, limit=_PAGE)
    rows = [row_body(one, now) for one in found.items]
    return LedgerView(count, items=rows, next_cursor=found.next_cursor)


async def _assign(guest: Guest, form: Form) -> Assigned:
    who, chosen = form.one("assignee").strip(), list(dict.fromkeys(form.all("ticket")))
    if not chosen or len(chosen) > _MOST_ASSIGNED:
        raise InvalidInput("no tickets were chosen, or too many", cure="choose some of the page")
    checked(EVENT, {"kind": "assignment", "assignee": who})
    parts, done, refused = guest.room.parts, 0, []
    # The page sent again assigns nothing twice; the same page with another person does.
    same = hashlib.sha256(f"{form.one('nonce')} {who}".encode("utf-8", "replace")).hexdigest()
    happening = Happening("assignment", {"assignee": who}, key=f"desk-{same[:24]}")
    for ticket_id in chosen:
        try:
            await parts.ledger.record(ticket_id, happening, guest.room.actor)
            done += 1
        except JiesuError as exc:
            refused.append((ticket_id, exc.code))
    return Assigned(who, done, refused)


def _pieces(database: Database, look: Look, form: str) -> Iterator[bytes]:
    return written(overview.every(database, look), form=form, now=look.now)
