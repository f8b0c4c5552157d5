"""The board: today and the trend, each picture a question with its number."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from service.desk.board_view import SPANS, BoardView, board_view
from service.desk.ledger_asked import PATH as LEDGER
from service.desk.once import MANY, Once
from service.desk.pages import Here, labels_of
from service.desk.render import PageRoute, page
from service.desk.room import Room

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_USUAL = 30
_LASTS, _LASTS_USUAL = timedelta(minutes=5), timedelta(minutes=1)
_COUNTED: Once[BoardView] = Once()


@router.get("/desk/board")
async def show_board(request: Request, guest: Here) -> Response:
    """Show the figures of the last 7, 30, 90 or 365 days; nobody is named in them."""
    days = request.query_params.get("days", "")
    chosen = int(days) if days in map(str, SPANS) else _USUAL
    room = guest.room
    view = await _view(room, chosen)
    await room.note("board.read", days=chosen)

    def to(**told: Any) -> str:
        """Give the address of the tickets that a figure counts."""
        own = {"since": view.since.isoformat(), "until": view.until.isoformat()}
        kept = {k: v for k, v in {**own, **told}.items() if v is not None}
        return f"{LEDGER}?{urlencode(kept)}"

    return page(
        request,
        "board.html",
        guest.visitor,
        view=view,
        days=chosen,
        spans=SPANS,
        to=to,
        labels=labels_of(guest),
    )


async def _view(room: Room, days: int) -> BoardView:
    """Give the figures; those of much are counted once in some minutes, and say when."""

    def lasts(view: BoardView) -> timedelta:
        if days > _USUAL:
            return _LASTS
        return _LASTS_USUAL if view.total >= MANY else timedelta()

    async def count() -> BoardView:
        return await room.ask(partial(board_view, asked=room.asked(), days=days))

    database, now = room.parts.database, room.parts.ledger.now()
    return (await _COUNTED.get(database, days, now, count=count, lasts=lasts))[0]
