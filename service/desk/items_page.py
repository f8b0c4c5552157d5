"""Items at the desk: what is to be put right, supervised or taught, from opening to evidence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Path, Request, Response
from pydantic import ValidationError

from service.checking import checked
from service.desk.corrections import Form
from service.desk.forms import own_form
from service.desk.pages import Here, labels_of
from service.desk.render import Guest, PageRoute, lead, page
from service.errors import Forbidden
from service.governance.item_acts import close_item, item_from, open_item, today
from service.governance.items_schemas import CloseIn, ItemIn, ItemsAsked
from service.store import items
from service.store.database import Session
from service.store.errors import UnknownAlert, UnknownTicket
from service.store.records_governance import ItemKind, ItemRecord
from triage.errors import InvalidInput

router = APIRouter(include_in_schema=False, route_class=PageRoute)
PATH = "/desk/items"
_SHOWN = 50
_Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
_ASKED = ("kind", "state", "overdue", "alert")
_PLAIN = ("kind", "title", "owner", "due_on", "unit", "line", "effective_on")


@router.get(PATH)
async def show_items(request: Request, guest: Here) -> Response:
    """Show items, newest first; what cannot be read of an address is left out."""
    asked, told = _asked(request.query_params)
    day = today(guest.room.parts.ledger.now())

    def work(session: Session) -> tuple[list[ItemRecord], tuple[int, int]]:
        found = items.page(
            session,
            kind=asked.kind,
            state=asked.state,
            overdue_on=day if asked.overdue else None,
            alert_id=asked.alert,
            before=asked.before,
            limit=_SHOWN + 1,
        )
        return found, items.counts(session, day)

    found, (opened, late) = await guest.room.ask(work)
    shown = found[:_SHOWN]
    return page(
        request,
        "items.html",
        guest.visitor,
        shown=shown,
        opened=opened,
        late=late,
        asked=asked,
        query=urlencode(told),
        onward=shown[-1].id if len(found) > _SHOWN else None,
        day=day,
        kinds=tuple(ItemKind),
        labels=labels_of(guest),
    )


@router.get(f"{PATH}/new")
async def show_new(request: Request, guest: Here) -> Response:
    """Show the form of a new item, begun from an alert, from tickets or from nothing."""
    _refuse_reader(guest)
    told = {"alert_id": "alert", "tickets": "ticket", "line": "line", "unit": "unit"}
    begun = {name: request.query_params.get(asked, "") for name, asked in told.items()}
    return _form_page(request, guest, begun)


@router.post(PATH)
async def add_item(request: Request, guest: Here) -> Response:
    """Open an item and lead to it; what cannot be used is shown again with the reason."""
    form = await own_form(request, guest)
    _refuse_reader(guest)
    room = guest.room
    try:
        new = await to_thread.run_sync(item_from, _sent(form), room.parts.settings.data)
        work = partial(open_item, new=new, actor=room.actor, now=room.parts.ledger.now())
        made = await room.parts.writer.write(work)
    except (InvalidInput, UnknownAlert, UnknownTicket) as exc:
        request.state.error_code = exc.code
        written = {name: form.one(name) for name in (*_PLAIN, "alert_id", "tickets")}
        return _form_page(request, guest, written, f"error.{exc.code}", exc.status)
    return lead(f"{PATH}/{made.id}")


@router.get(PATH + "/{item_id}")
async def show_item(request: Request, item_id: _Number, guest: Here) -> Response:
    """Show one item with its evidence, or with the form to close it."""
    item = await guest.room.ask(partial(items.get, item_id=item_id))
    return page(
        request,
        "item.html",
        guest.visitor,
        item=item,
        day=today(guest.room.parts.ledger.now()),
        labels=labels_of(guest),
    )


@router.post(PATH + "/{item_id}/close")
async def end_item(request: Request, item_id: _Number, guest: Here) -> Response:
    """Close an item with the evidence that was written down."""
    form = await own_form(request, guest)
    _refuse_reader(guest)
    room = guest.room
    sent = checked(CloseIn, {"evidence": form.one("evidence").strip()})
    work = partial(
        close_item,
        item_id=item_id,
        evidence=sent.evidence,
        actor=room.actor,
        now=room.parts.ledger.now(),
    )
    await room.parts.writer.write(work)
    return lead(f"{PATH}/{item_id}")


def _form_page(
    request: Request,
    guest: Guest,
    written: Mapping[str, str],
    why: str | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "item_new.html",
        guest.visitor,
        status=status,
        written={name: written.get(name, "") for name in (*_PLAIN, "alert_id", "tickets")},
        why=why,
        kinds=tuple(ItemKind),
        labels=labels_of(guest),
    )


def _sent(form: Form) -> ItemIn:
    """Read the form of an item; a field that was left empty is not told."""
    told: dict[str, Any] = {name: form.one(name).strip() for name in _PLAIN}
    told = {name: value for name, value in told.items() if value}
    number = form.one("alert_id").strip()
    if number:
        if not (number.isascii() and number.isdigit()):
            raise InvalidInput("alert_id is no number", cure="write the number of an alert")
        told["alert_id"] = int(number)
    return checked(ItemIn, {**told, "tickets": form.one("tickets").split()})


def _asked(address: Mapping[str, str]) -> tuple[ItemsAsked, dict[str, str]]:
    told = {}
    for name in (*_ASKED, "before"):
        try:
            if address.get(name):
                ItemsAsked.model_validate({name: address[name]})
                told[name] = address[name]
        except ValidationError:  # an address that was cut off still shows items
            continue
    asked = ItemsAsked.model_validate(told)
    return asked, {name: value for name, value in told.items() if name in _ASKED}


def _refuse_reader(guest: Guest) -> None:
    if not guest.visitor.judges:
        raise Forbidden("this role may read only", cure="sign in with a reviewer's key")
