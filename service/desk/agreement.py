"""`/desk/agreement`: how far two readers of the same tickets agree."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from service.access.keys import Role
from service.desk.pages import Here, labels_of
from service.desk.readings import agreement, by_line, pairs_of
from service.desk.render import PageRoute, page
from service.errors import Forbidden
from service.store import assessments, verdicts
from service.store.database import Session

router = APIRouter(include_in_schema=False, route_class=PageRoute)
WINDOW = timedelta(days=365)


@router.get("/desk/agreement")
async def show_agreement(request: Request, guest: Here) -> Response:
    """Show the agreement of a year; no reader is told from another."""
    if guest.visitor.key.role not in (Role.ADMIN, Role.SCIENTIST):
        raise Forbidden("agreement is for scientists and administrators", cure="ask one of them")
    since = guest.room.parts.ledger.now() - WINDOW

    def work(session: Session) -> list[tuple[str, str]]:
        given = verdicts.read_twice(session, since=since)
        numbers = sorted({one.assessment_id for one in given})
        return pairs_of(given, assessments.answers(session, numbers))

    pairs = await guest.room.ask(work)
    await guest.room.note("agreement.read", pairs=len(pairs))
    return page(
        request,
        "agreement.html",
        guest.visitor,
        whole=agreement(pairs),
        lines=by_line(pairs),
        labels=labels_of(guest),
        share=guest.room.desk.second_share,
    )
