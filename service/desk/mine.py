"""What each person sets for himself: views of the queue under names, keys, a goal for the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request, Response

from service.desk.corrections import Form
from service.desk.forms import own_form
from service.desk.keymap import ACTS, keys_from
from service.desk.pages import Here, asked_of
from service.desk.render import Guest, PageRoute, lead, page
from service.store import choices
from service.store.database import Session
from service.store.records_review import Choices, View
from triage.errors import InvalidInput

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_VIEWS, _NAME = 20, 40
_GOAL = 1_000
Change = Callable[[Choices], Choices]


@router.get("/desk/mine")
async def show_mine(request: Request, guest: Here) -> Response:
    """Show what one has set."""
    saved = "saved" in request.query_params
    return page(request, "mine.html", guest.visitor, acts=ACTS, saved=saved)


@router.post("/desk/mine")
async def set_mine(request: Request, guest: Here) -> Response:
    """Keep keys and goal."""
    form = await own_form(request, guest)
    keys, goal = ({}, None) if form.one("usual") else (keys_from(form), _goal(form))
    await _change(guest, lambda known: replace(known, keys=keys, goal=goal))
    return lead("/desk/mine?saved=1")


@router.post("/desk/views")
async def save_view(request: Request, guest: Here) -> Response:
    """Keep a look at the queue; one of the same name is replaced."""
    form = await own_form(request, guest)
    name = " ".join(form.one("name").split())
    if not 0 < len(name) <= _NAME:
        raise InvalidInput(f"a name has 1 to {_NAME} characters", cure="write another")
    _, _, query = asked_of(guest, form.one("q"))
    await _change(guest, partial(_with, view=View(name, query)))
    return lead(f"/desk/queue?{query}")


@router.post("/desk/views/remove")
async def remove_view(request: Request, guest: Here) -> Response:
    """Remove a look."""
    form = await own_form(request, guest)
    _, _, query = asked_of(guest, form.one("q"))
    await _change(guest, partial(_without, name=form.one("name")))
    return lead(f"/desk/queue?{query}")


def _with(known: Choices, view: View) -> Choices:
    views = (*_without(known, view.name).views, view)
    if len(views) > _VIEWS:
        raise InvalidInput(f"there are {_VIEWS} views at most", cure="remove one")
    return replace(known, views=views)


def _without(known: Choices, name: str) -> Choices:
    return replace(known, views=tuple(one for one in known.views if one.name != name))


def _goal(form: Form) -> int | None:
    told = form.one("goal").strip()
    if not told:
        return None
    if not (told.isascii() and told.isdigit() and 0 < int(told[:9]) <= _GOAL):
        raise InvalidInput(f"a goal is a number from 1 to {_GOAL}", cure="leave it empty for none")
    return int(told)


async def _change(guest: Guest, change: Change) -> None:
    who = guest.visitor.key.ident

    def work(session: Session) -> None:
        choices.keep(session, who, change(choices.of(session, who)))

    await guest.room.parts.writer.write(work)
