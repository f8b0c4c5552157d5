"""What may not be recorded of a ticket, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.ledger.settling import CONTACT
from service.ledger.standing import ENDED, Course, State
from service.store.records import ComplaintRecord, DutyRecord, EventRecord
from triage.errors import InvalidInput, JiesuError

_SKEW = timedelta(minutes=5)
_WORK = frozenset(
    ("assignment", "transfer", "sent_down", "extension", "plan_agreed", "difficult", "withdrawal")
)
FREEZE = "transfer_freeze"


class EventRefused(JiesuError):
    """An event does not go with how the ticket stands."""

    code = "event_refused"
    status = 409


class EventConflict(JiesuError):
    """The same idempotency key was given before, with another event."""

    code = "event_conflict"
    status = 409


class TicketErased(JiesuError):
    """What is known of the customer was erased; nothing more is recorded."""

    code = "ticket_erased"
    status = 409


def refuse_moment(at: datetime, now: datetime) -> None:
    """Refuse an event of the future.

    Raises
    ------
    InvalidInput
    """
    if at > now + _SKEW:
        raise InvalidInput("at lies in the future", cure="leave it out, or mend the clock")


def refuse_erased(complaint: ComplaintRecord) -> None:
    """Refuse anything about a ticket that was erased.

    Raises
    ------
    TicketErased
    """
    if complaint.erased_at is not None:
        raise TicketErased("the ticket was erased", cure="nothing more can be recorded of it")


def refuse(
    event: EventRecord, complaint: ComplaintRecord, course: Course, owed: Sequence[DutyRecord]
) -> None:
    """Refuse an event that does not go with how the ticket stood before it.

    Raises
    ------
    EventRefused
    """
    if event.kind in _WORK and course.state in ENDED:
        raise EventRefused(
            f"the ticket is {course.state}", cure="record `reopened` with a reason first"
        )
    if event.kind == "reopened" and course.state not in (*ENDED, State.REPLIED):
        raise EventRefused(f"the ticket is {course.state}", cure="there is nothing to reopen")
    if event.kind == "assignment" and event.data["assignee"] == course.employee:
        raise EventRefused(
            "the employee complained of may not work on the ticket", cure="assign somebody else"
        )
    if event.kind == "transfer" and FREEZE in complaint.standing.flags:
        _refuse_frozen(event)
    if event.kind == "duty":
        _refuse_duty(event, owed)


def refuse_barred(event: EventRecord, *, barred: bool) -> None:
    """Refuse to send down a ticket that may not lie with an outlet.

    Raises
    ------
    EventRefused
    """
    if event.kind == "sent_down" and barred:
        raise EventRefused(
            "the rules bar the ticket from outlets",
            cure="transfer it to a department; GET /v1/complaints/{ticket_id}/rules says why",
        )


def _refuse_frozen(event: EventRecord) -> None:
    if not event.data.get("approved_by"):
        raise EventRefused(
            "the ticket was transferred too often",
            cure="have the consumer-protection office approve it: approved_by",
        )


def _refuse_duty(event: EventRecord, owed: Sequence[DutyRecord]) -> None:
    code = event.data["code"]
    if code not in {duty.code for duty in owed}:
        raise EventRefused("the ticket has no such duty", cure="see `duties` of the ticket")
    if code in CONTACT and event.data["act"] == "met":
        raise EventRefused(
            "a contact is met by a two-way conversation alone", cure="record `contact`"
        )
