"""The pages on which a file of tickets is looked at, taken into the ledger, and taken back."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from service.access.keys import Role
from service.desk import importing
from service.desk.forgery import refuse_forged
from service.desk.forms import own_form
from service.desk.import_file import KINDS, ROWS_MAX, Fate
from service.desk.pages import Here
from service.desk.render import Guest, PageRoute, lead, page
from service.desk.upload import read_upload
from service.errors import Forbidden
from service.store import imports
from triage.errors import InvalidInput

router = APIRouter(include_in_schema=False, route_class=PageRoute)
PATH = "/desk/ledger/imports"
Number = Annotated[int, Path(ge=1, lt=2**62)]


@router.get(PATH)
async def show_imports(request: Request, guest: Here) -> Response:
    """Show where a file is chosen, and the files that came before."""
    return await _list(request, guest)


@router.post(PATH)
async def send_file(request: Request, guest: Here) -> Response:
    """Keep a file and lead to what would become of it; one that cannot be read is told."""
    _refuse_others(guest)
    limit = guest.room.parts.settings.batch_bytes_max
    sent = await read_upload(request, limit=limit)
    refuse_forged(request, guest.visitor.token, sent.form.one("csrf"))
    try:
        number = await importing.receive(guest.room, sent.name, sent.content)
    except InvalidInput as exc:
        return await _list(request, guest, refused=exc.message)
    return lead(f"{PATH}/{number}")


@router.get(PATH + "/{number}")
async def show_import(request: Request, number: Number, guest: Here) -> Response:
    """Show what would become of the rows of a file, or what became of them."""
    _refuse_others(guest)
    one, rows = await importing.look_at(guest.room, number)
    await guest.room.note("import.read", number=number)
    return page(
        request, "import.html", guest.visitor, one=one, rows=rows, fates=tuple(Fate), Fate=Fate
    )


@router.post(PATH + "/{number}/take")
async def take(request: Request, number: Number, guest: Here) -> Response:
    """Take the new tickets of a file into the ledger."""
    await _asked(request, guest)
    await importing.take(guest.room, number)
    return lead(f"{PATH}/{number}")


@router.post(PATH + "/{number}/drop")
async def drop(request: Request, number: Number, guest: Here) -> Response:
    """Forget a file that was not taken in."""
    await _asked(request, guest)
    await importing.drop(guest.room, number)
    return lead(PATH)


@router.post(PATH + "/{number}/undo")
async def undo(request: Request, number: Number, guest: Here) -> Response:
    """Take a file back."""
    await _asked(request, guest)
    await importing.undo(guest.room, number)
    return lead(f"{PATH}/{number}")


async def _list(request: Request, guest: Guest, refused: str = "") -> Response:
    _refuse_others(guest)
    now = guest.room.parts.ledger.now()
    known = await guest.room.ask(partial(imports.latest, now=now))
    return page(
        request,
        "imports.html",
        guest.visitor,
        status=422 if refused else 200,
        known=known,
        refused=refused,
        most=ROWS_MAX,
        kinds=KINDS,
        megabytes=guest.room.parts.settings.batch_bytes_max >> 20,
    )


async def _asked(request: Request, guest: Guest) -> None:
    await own_form(request, guest)
    _refuse_others(guest)


def _refuse_others(guest: Guest) -> None:
    if guest.visitor.key.role is not Role.ADMIN:
        raise Forbidden("files are read by administrators", cure="sign in with such a key")
