"""A ticket read from the store, and assessed again with what the customer wrote since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.ledger import refusals
from service.ledger.deciding import Answer, Basis, Versions
from service.ledger.detail import all_events
from service.ledger.history import history_from, history_of
from service.ledger.standing import Course, course_of
from service.ledger.texts import read_text
from service.serving import Assessor
from service.store import assessments, complaints
from service.store.database import Session
from service.store.records import ComplaintRecord, Decision, EventRecord
from triage.records import Assessment, Context
from triage.rules.calendar import local
from triage.wire import assessment_json, context_from

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as a work of the writer found it, and what is changed of it."""

    complaint: ComplaintRecord
    decision: Decision
    events: list[EventRecord]

    @classmethod
    def of(cls, session: Session, ticket_id: str) -> Ticket:
        """Read a ticket."""
        complaint = complaints.get(session, ticket_id)
        refusals.refuse_erased(complaint)
        decision = assessments.latest(session, complaint.id)
        if decision is None:
            raise LookupError("a ticket without an assessment")
        return cls(complaint, decision, all_events(session, complaint.id))

    def basis(self, happened: Sequence[EventRecord], course: Course) -> Basis:
        """Give what it is judged by after all that happened."""
        known = history_from(self.decision.history)
        return Basis(
            context=context_from(self.decision.context),
            history=history_of(happened, known, transfers=self.complaint.context.transfers),
            placed=course.placed,
            repeat_of=tuple(self.decision.history.get("repeat_of", ())),
        )

    @property
    def last_text(self) -> int | None:
        """The number of the last event with words of the customer."""
        return next((e.id for e in reversed(self.events) if e.text is not None), None)


@dataclass(frozen=True, slots=True)
class Reread:
    """A new assessment, and what it was made from.

    Attributes
    ----------
    context : Context
        With the days the ticket is open and what the ledger counted.
    answer : dict
        As JSON, judged without the history.
    versions : Versions
    assessment : Assessment
    last_text : int or None
        The last event of the store whose words were read.
    """

    context: Context
    answer: Answer
    versions: Versions
    assessment: Assessment
    last_text: int | None


def reread(
    session: Session,
    ticket_id: str,
    engine: Assessor,
    *,
    now: datetime,
    message: str | None = None,
) -> Reread:
    """Assess a ticket again.

    Parameters
    ----------
    session : Session
        For reading.
    ticket_id : str
    engine : Assessor
    now : datetime
    message : str, optional
        What the customer wrote just now, masked.

    Raises
    ------
    UnknownTicket, TicketErased
    """
    ticket = Ticket.of(session, ticket_id)
    texts = [ticket.complaint.masked_text, *(e.text for e in ticket.events if e.text is not None)]
    text = read_text([*texts, message] if message is not None else texts)
    context = _context(ticket, now)
    (assessment,) = engine.assess([text], [context], ruled=False)
    return Reread(
        context=context,
        answer=assessment_json(assessment, ticket_id),
        versions=Versions.of(engine.version, assessment.policy_version, engine.manifest),
        assessment=assessment,
        last_text=ticket.last_text,
    )


def _context(ticket: Ticket, now: datetime) -> Context:
    known = ticket.complaint.context
    history = ticket.basis(ticket.events, course_of(ticket.events)).history
    repeats, before = history.repeats_90d, known.days_open or 0.0
    days = max(0.0, (now - ticket.complaint.received_at) / _DAY)
    return replace(
        known,
        received_at=local(ticket.complaint.received_at),
        days_open=round(before + days, 2),
        transfers=known.transfers if history.transfers is None else history.transfers,
        prior_complaints_90d=known.prior_complaints_90d if repeats is None else repeats,
    )
