"""One ticket with all that happened to it."""

from __future__ import annotations

from service.ledger.answers import (
    Body,
    body_of,
    context_body,
    event_body,
    moment,
    repeats_body,
)
from service.ledger.standing import course_of
from service.ledger.texts import text_of
from service.store import assessments, complaints, duties, events, repeats
from service.store.database import Session
from service.store.records import EventRecord

__all__ = ["all_events", "detail", "text_of"]

_PAGE = 1000


def detail(session: Session, ticket_id: str, *, persons: bool = True) -> Body:
    """Give a ticket; without `persons` nothing that stands for one.

    Raises
    ------
    UnknownTicket
    """
    complaint = complaints.get(session, ticket_id)
    decisions = assessments.of(session, complaint.id)
    happened = all_events(session, complaint.id)
    text = text_of(session, complaint, decisions[-1])
    owed = duties.of(session, complaint.id)
    body = body_of(complaint, decisions[-1], owed, text=text)
    body["context"] = context_body(complaint)
    body["events"] = [event_body(event, persons=persons) for event in happened]
    body["repeats"] = repeats_body(complaint, repeats.links(session, complaint.id))
    body["assessments"] = len(decisions)
    body["created_at"] = moment(complaint.created_at)
    body["updated_at"] = moment(complaint.updated_at)
    body["erased_at"] = moment(complaint.erased_at)
    if persons:
        body["assignee"] = course_of(happened).assignee
        body["customer_ref"] = complaint.customer_ref
    return body


def all_events(session: Session, complaint_id: int) -> list[EventRecord]:
    """Give every event of a ticket, in order."""
    found: list[EventRecord] = []
    while True:
        after = found[-1].id if found else 0
        some = events.of(session, complaint_id, after=after, limit=_PAGE)
        found += some
        if len(some) < _PAGE:
            return found
