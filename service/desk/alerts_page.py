"""Risk alerts at the desk: the list, one with its text, and the steps from draft to read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response

from service.alerts.acts import (
    approve,
    behind,
    dismiss,
    distribute,
    draft_of,
    event_of,
    keep,
    read,
    signer_of,
)
from service.alerts.api import file_of
from service.alerts.schemas import DistributionIn
from service.checking import checked
from service.desk.forms import own_form
from service.desk.pages import Here
from service.desk.render import Guest, PageRoute, lead, page
from service.errors import Forbidden
from service.store import alerts, items
from service.store.database import Session
from service.store.records_governance import AlertRecord, AlertState
from triage.errors import InvalidInput

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_SHOWN = 100
_Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("/desk/alerts")
async def show_alerts(request: Request, guest: Here) -> Response:
    """Show the alerts that are kept, newest first."""
    known = await guest.room.ask(partial(alerts.page, limit=_SHOWN))
    chosen = partial(alerts.page, limit=_SHOWN, state=AlertState.PROPOSED)
    events = [(one, event_of(one)) for one in await guest.room.ask(chosen)]
    return page(request, "alerts.html", guest.visitor, known=known, events=events, alert=None)


@router.post("/desk/alerts")
async def draft_alert(request: Request, guest: Here) -> Response:
    """Find what a period tells, keep it as a draft and lead to it."""
    form = await own_form(request, guest)
    _refuse_reader(guest)
    room = guest.room
    days = _day(form.one("from")), _day(form.one("to"))
    found = await to_thread.run_sync(room.parts.finder.find, *days)
    actor, now = room.actor, room.parts.ledger.now()
    ident = await room.parts.writer.write(lambda session: keep(session, found, actor, now))
    return lead(f"/desk/alerts/{ident}")


@router.get("/desk/alerts/{alert_id}")
async def show_alert(request: Request, alert_id: _Number, guest: Here) -> Response:
    """Show one alert; it quotes customers in masked words, so the look is noted."""
    alert = await guest.room.ask(partial(alerts.get, alert_id=alert_id))
    tickets = behind(alert.found)
    following = await guest.room.ask(partial(items.page, alert_id=alert_id, limit=_SHOWN))
    await guest.room.note("alert.opened", alert=alert_id)
    return page(
        request,
        "alerts.html",
        guest.visitor,
        alert=alert,
        event=event_of(alert),
        signer=signer_of(alert),
        draft=draft_of(alert),
        tickets=tickets,
        following=following,
        known=[],
    )


@router.get("/desk/alerts/{alert_id}/file")
async def load_alert(
    alert_id: _Number,
    guest: Here,
    form: Annotated[Literal["md", "html", "docx"], Query(alias="format")] = "docx",
) -> Response:
    """Give the text as a file."""
    alert: AlertRecord = await guest.room.ask(partial(alerts.get, alert_id=alert_id))
    await guest.room.note("alert.opened", alert=alert_id, format=form)
    return await file_of(alert, form)


@router.post("/desk/alerts/{alert_id}/approve")
async def approve_alert(request: Request, alert_id: _Number, guest: Here) -> Response:
    """Approve a draft with the typical tickets that were written down."""
    form = await own_form(request, guest)
    _refuse_reader(guest)
    return await _change(guest, alert_id, partial(approve, typical=form.one("typical").split()))


@router.post("/desk/alerts/{alert_id}/dismiss")
async def dismiss_alert(request: Request, alert_id: _Number, guest: Here) -> Response:
    """Take what was proposed for no event."""
    await own_form(request, guest)
    _refuse_reader(guest)
    return await _change(guest, alert_id, dismiss)


@router.post("/desk/alerts/{alert_id}/distribute")
async def send_alert(request: Request, alert_id: _Number, guest: Here) -> Response:
    """Send an approved alert to the recipients that were written down, one a line."""
    form = await own_form(request, guest)
    _refuse_reader(guest)
    lines = [line.strip() for line in form.one("recipients").splitlines()]
    sent = checked(DistributionIn, {"recipients": [line for line in lines if line]})
    return await _change(guest, alert_id, partial(distribute, recipients=sent.recipients))


@router.post("/desk/alerts/{alert_id}/receipt")
async def read_alert(request: Request, alert_id: _Number, guest: Here) -> Response:
    """Mark an alert as read for a recipient."""
    form = await own_form(request, guest)
    return await _change(guest, alert_id, partial(read, recipient=form.one("recipient")))


async def _change(guest: Guest, alert_id: int, act: Callable[..., None]) -> Response:
    room = guest.room
    actor, now = room.actor, room.parts.ledger.now()

    def work(session: Session) -> None:
        act(session, alert_id, actor=actor, now=now)

    await room.parts.writer.write(work)
    return lead(f"/desk/alerts/{alert_id}")


def _day(told: str) -> date | None:
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        raise InvalidInput("that is no day", cure="write 2026-11-30") from None


def _refuse_reader(guest: Guest) -> None:
    if not guest.visitor.judges:
        raise Forbidden("this role may read only", cure="sign in with a reviewer's key")
