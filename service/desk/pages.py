"""The pages of the desk that are read: queue, ticket, guide."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response

from service.access.keys import Role
from service.complaints_api import TicketPath
from service.desk.concepts import Spoken, finder_of, spoken
from service.desk.render import HTMX_HEADER, Guest, PageRoute, guest_of, lead, page
from service.desk.views import QueueView, TicketView, leaves_of, queue_view, ticket_view
from service.desk.workload import workload_of
from service.review_schemas import QueueQuery
from service.store.records_review import ASKED, Asked, Sort
from service.wiring import Parts
from triage.errors import JiesuError
from triage.records import CHANNELS

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Here = Annotated[Guest, Depends(guest_of)]
PRELOAD_HEADER = "x-desk-preload"
_FILTERS = ("band", "line", "owner_unit", "channel", "overdue", "life", "state", "claimed", "sort")
_NUMBERS = ("top",)


def asked_of(guest: Guest, query: str) -> tuple[Asked, QueueQuery, str]:
    """Read the filters of an address: the look at the queue, and the same as an address again.

    What cannot be read is left out: an address that was cut off still shows the queue.
    """
    told = dict(parse_qsl(query))
    kept = {name: told[name] for name in (*_FILTERS, *_NUMBERS) if told.get(name)}
    for name in list(kept):
        if not _readable(name, kept[name]):
            del kept[name]
    sent = QueueQuery.model_validate(kept)
    return guest.room.asked(sent.sort, sent.filters()), sent, urlencode(kept)


@router.get("/desk")
async def start() -> Response:
    """Lead to the queue."""
    return lead("/desk/queue")


@router.get("/desk/queue")
async def show_queue(request: Request, guest: Here) -> Response:
    """Show what waits, those to be handled first in front."""
    room = guest.room
    asked, sent, query = asked_of(guest, request.url.query)
    cursor = request.query_params.get("cursor") or None
    work = partial(queue_view, asked=asked, cursor=cursor, limit=room.desk.page)
    view: QueueView = await room.ask(work)
    if HTMX_HEADER not in request.headers:  # the page asks again by itself all day
        await room.note("queue.read", tickets=len(view.items))
    work_of = workload_of(_metrics(room.parts), per_day=view.intake.per_day)
    return page(
        request,
        "queue.html",
        guest.visitor,
        view=view,
        today=view.today,
        sent=sent,
        query=query,
        cursor=cursor or "",
        refresh_s=room.desk.refresh_s,
        workload=work_of,
        caught=work_of.at(sent.top or work_of.most) if work_of else None,
        views=guest.visitor.choices.views,
        standard=room.desk.sort,
        labels=labels_of(guest),
        channels=CHANNELS,
        sorts=tuple(Sort),
        states=ASKED,
        bands=("high", "medium", "low"),
    )


@router.get("/desk/tickets/{ticket_id}")
async def show_ticket(request: Request, ticket_id: TicketPath, guest: Here) -> Response:
    """Show a ticket; it stands in the audit log before anybody sees it."""
    room = guest.room
    asked, _, query = asked_of(guest, request.url.query)
    persons = guest.visitor.key.role is not Role.SCIENTIST
    work = partial(
        ticket_view,
        ticket_id=ticket_id,
        asked=asked,
        persons=persons,
        judges=guest.visitor.judges,
        like=room.like,
    )
    view: TicketView = await room.ask(work)
    concepts = await to_thread.run_sync(_concepts, room.parts, view)
    ahead: dict[str, object] = {"ahead": True} if PRELOAD_HEADER in request.headers else {}
    if view.similar:  # their first words are shown too
        ahead |= {"similar": [one.complaint.ticket_id for one in view.similar]}
    await room.note("ticket.read", ticket_id, **ahead)
    return page(
        request,
        "ticket.html",
        guest.visitor,
        view=view,
        ticket=view.ticket,
        today=view.today,
        query=query,
        done=request.query_params.get("done"),
        concepts=concepts,
        labels=labels_of(guest),
        leaves=leaves_of(room.taxonomy),
        taxonomy=room.taxonomy,
    )


def _concepts(parts: Parts, view: TicketView) -> list[Spoken]:
    codes = view.ticket.get("concepts")
    if not codes or view.ticket["erased_at"]:
        return []
    return spoken(view.ticket["masked_text"], codes, finder_of(parts.settings.data))


@router.get("/desk/guide")
async def show_guide(request: Request, guest: Here) -> Response:
    """Show what the labels mean."""
    return page(request, "guide.html", guest.visitor, taxonomy=guest.room.taxonomy)


@router.get("/desk/end")
async def show_end(request: Request, guest: Here) -> Response:
    """Show that nothing waits any more."""
    _, _, query = asked_of(guest, request.url.query)
    done = request.query_params.get("done")
    return page(request, "end.html", guest.visitor, query=query, done=done)


def labels_of(guest: Guest) -> dict[str, dict[str, str]]:
    """Give the names of lines, signals and natures, and those of sublines by their leaf.

    Lines and leaves that older tickets have and the taxonomy no more are among them, and `gone`.
    """
    taxonomy, words = guest.room.taxonomy, guest.words
    lines = {line.code: words.label(line) for line in taxonomy.lines}
    sublines = {
        f"{line.code}.{sub.code}": words.label(sub)
        for line in taxonomy.lines
        for sub in line.sublines
    }
    old = (*taxonomy.renamed, *taxonomy.dropped)
    gone = {code: taxonomy.name(code, language=words.language) for code in old}
    return {
        "line": lines | {code: name for code, name in gone.items() if "." not in code},
        "subline": gone | sublines,
        "gone": gone,
        "signal": {one.code: words.label(one) for one in taxonomy.signals},
        "nature": {one.code: words.label(one) for one in taxonomy.natures},
    }


def _readable(name: str, value: str) -> bool:
    try:
        QueueQuery.model_validate({name: value})
    except ValueError:
        return False
    return True


def _metrics(parts: Parts) -> dict[str, object] | None:
    try:
        metrics = parts.models.loaded.metrics
    except JiesuError:  # still loading; the queue does not wait for it
        return None
    return dict(metrics) if metrics is not None else None
