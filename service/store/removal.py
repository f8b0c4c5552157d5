"""Tickets that nobody touched are removed as if they had never come; the audit log tells of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from service.store.records_service import DeliveryState
from service.store.sql import table_of
from service.store.tables import Assessment, Complaint, Duty, Event, Repeat, RepeatKey, Verdict
from service.store.tables_review import Review
from service.store.tables_service import Delivery, RawNarrative

_C = table_of(Complaint)
_LINKS = table_of(Repeat)
_SOME = 500
# A row in one of them means that somebody had to do with the ticket.
TOUCHES = (Event, Verdict, Review)
OWN = (Duty, RepeatKey, RawNarrative, Assessment)


def untouched(session: Session, ticket_ids: Sequence[str]) -> dict[str, int]:
    """Give those tickets, with their numbers, that nobody touched since they came.

    Touched: something was recorded or said of it, somebody took it for review, what is known of
    its customer was erased, or a ticket that is not one of these repeats it.
    """
    found: dict[str, int] = {}
    for some in _chunks(ticket_ids):
        touched = [exists().where(table_of(kind).c.complaint_id == _C.c.id) for kind in TOUCHES]
        statement = select(_C.c.ticket_id, _C.c.id).where(_C.c.ticket_id.in_(some))
        rows = session.execute(statement.where(_C.c.erased_at.is_(None), ~or_(*touched)))
        found |= {row.ticket_id: row.id for row in rows}
    return _not_repeated(session, found)


def remove(session: Session, tickets: dict[str, int]) -> None:
    """Remove tickets with all that belongs to them; messages about them that wait are given up."""
    for some in _chunks(list(tickets)):
        numbers = [tickets[ticket_id] for ticket_id in some]
        ends = or_(_LINKS.c.complaint_id.in_(numbers), _LINKS.c.other_id.in_(numbers))
        session.execute(delete(_LINKS).where(ends))
        for kind in OWN:
            table = table_of(kind)
            session.execute(delete(table).where(table.c.complaint_id.in_(numbers)))
        _give_up(session, some)
        session.execute(delete(_C).where(_C.c.id.in_(numbers)))


def _not_repeated(session: Session, found: dict[str, int]) -> dict[str, int]:
    """Leave out those that a ticket repeats which stays; that one was judged with them."""
    while True:
        staying = _repeated(session, found)
        if not staying:
            return found
        found = {name: number for name, number in found.items() if number not in staying}


def _repeated(session: Session, found: dict[str, int]) -> set[int]:
    going, staying = set(found.values()), set()
    for some in _chunks(list(found)):
        numbers = [found[name] for name in some]
        links = select(_LINKS.c.complaint_id, _LINKS.c.other_id)
        for later, earlier in session.execute(links.where(_LINKS.c.other_id.in_(numbers))):
            if later not in going:
                staying.add(earlier)
    return staying


def _give_up(session: Session, ticket_ids: Sequence[str]) -> None:
    table = table_of(Delivery)
    waiting = (table.c.ticket_id.in_(ticket_ids), table.c.state == DeliveryState.PENDING)
    given_up = {"state": DeliveryState.DEAD, "last_error": "the ticket was removed"}
    session.execute(update(table).where(*waiting).values(given_up))


def _chunks(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + _SOME] for start in range(0, len(names), _SOME)]
