"""What a reviewer says of an assessment, kept in one work of the writer, and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.desk.opinion import CONFIRM, UNSURE, Opinion, checked
from service.desk.readings import drawn, state_after
from service.desk.settings import Desk
from service.ledger.texts import text_of
from service.store import assessments, audit, complaints, reviews, verdicts
from service.store.database import Session
from service.store.errors import ChangedMeanwhile
from service.store.records import ComplaintRecord, Decision, Facts
from service.store.records_review import ReviewRecord, ReviewState, VerdictRecord
from service.store.records_service import Actor
from triage.errors import JiesuError
from triage.taxonomy import Taxonomy


class ClaimedByOther(JiesuError):
    """Somebody else works on the ticket."""

    code = "claimed_by_other"
    status = 409


class VerdictRefused(JiesuError):
    """A verdict, or its taking back, does not go with how the review stands."""

    code = "verdict_refused"
    status = 409


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who reviews, when, and by which settings."""

    actor: Actor
    now: datetime
    desk: Desk

    @property
    def who(self) -> str:
        """The id of the key."""
        return self.actor.who


def claim(session: Session, ticket_id: str, by: Reviewer) -> ReviewRecord:
    """Take a ticket, or hold it longer.

    Raises
    ------
    UnknownTicket, ClaimedByOther
    """
    complaint = complaints.get(session, ticket_id)
    before = reviews.get(session, complaint.id).holder(by.now)
    _take(session, complaint.id, by)
    if before != by.who:
        audit.note(session, by.actor, "review.claimed", at=by.now, ticket_id=ticket_id)
    return reviews.get(session, complaint.id)


def release(session: Session, ticket_id: str, by: Reviewer) -> ReviewRecord:
    """Give a ticket up; one that one does not hold stays as it is.

    Raises
    ------
    UnknownTicket
    """
    complaint = complaints.get(session, ticket_id)
    if reviews.release(session, complaint.id, by.who):
        audit.note(session, by.actor, "review.released", at=by.now, ticket_id=ticket_id)
    return reviews.get(session, complaint.id)


def give(
    session: Session, ticket_id: str, opinion: Opinion, by: Reviewer, taxonomy: Taxonomy
) -> VerdictRecord:
    """Keep a verdict; the same again, of the same reviewer, is kept once.

    Raises
    ------
    UnknownTicket, ClaimedByOther, VerdictRefused, ChangedMeanwhile, InvalidInput
    """
    complaint = complaints.get(session, ticket_id)
    decision = _judged(session, complaint, opinion)
    corrections = checked(opinion, taxonomy, text_of(session, complaint, decision))
    before = [one for one in verdicts.of(session, complaint.id) if one.undone_at is None]
    first = all(one.who == by.who for one in before)
    chance = first and drawn(ticket_id, by.desk.second_share)
    second = opinion.second or opinion.kind == UNSURE or chance
    verdict = VerdictRecord(
        complaint_id=complaint.id,
        assessment_id=decision.id,
        at=by.now,
        who=by.who,
        agrees=opinion.kind == CONFIRM,
        corrections=corrections,
        note=opinion.note,
        kind=opinion.kind,
        second=second,
    )
    if before and _same(before[-1], verdict):
        return before[-1]
    review = reviews.get(session, complaint.id)
    if review.state is ReviewState.SECOND and review.last_who == by.who:
        raise VerdictRefused("the second reader must be somebody else", cure="leave it to others")
    _take(session, complaint.id, by)
    number = verdicts.add(session, verdict)
    state = state_after([*before, verdict], _answers(session, complaint.id))
    reviews.settle(session, complaint.id, state, who=by.who, at=by.now)
    told: dict[str, object] = {
        "verdict": number,
        "kind": opinion.kind,
        "corrected": sorted(corrections),
    }
    told |= {"drawn": True} if chance and not opinion.second else {}
    audit.note(session, by.actor, "verdict.given", at=by.now, ticket_id=ticket_id, data=told)
    (kept,) = [one for one in verdicts.of(session, complaint.id) if one.id == number]
    return kept


def undo(session: Session, ticket_id: str, by: Reviewer) -> VerdictRecord:
    """Take one's own last verdict on a ticket back; the ticket is one's own again.

    Raises
    ------
    UnknownTicket, VerdictRefused, ClaimedByOther
    """
    complaint = complaints.get(session, ticket_id)
    kept = [one for one in verdicts.of(session, complaint.id) if one.undone_at is None]
    if not kept or kept[-1].who != by.who:
        raise VerdictRefused(
            "the last verdict on this ticket is not yours", cure="give another verdict"
        )
    if kept[-1].at + by.desk.undo < by.now:
        raise VerdictRefused("the time to take it back is over", cure="give another verdict")
    if reviews.get(session, complaint.id).holder(by.now) not in (None, by.who):
        raise _held()
    verdicts.undo(session, kept[-1].id, by.now)
    state = state_after(kept[:-1], _answers(session, complaint.id))
    who, at = (kept[-2].who, kept[-2].at) if len(kept) > 1 else (None, None)
    reviews.settle(session, complaint.id, state, who=who, at=at)
    _take(session, complaint.id, by)
    told = {"verdict": kept[-1].id}
    audit.note(session, by.actor, "verdict.undone", at=by.now, ticket_id=ticket_id, data=told)
    return kept[-1]


def _judged(session: Session, complaint: ComplaintRecord, opinion: Opinion) -> Decision:
    if complaint.erased_at is not None:
        raise VerdictRefused("what the ticket says was erased", cure="there is nothing to judge")
    decision = assessments.latest(session, complaint.id)
    if decision is None:
        raise LookupError("a ticket without an assessment")
    if opinion.assessment not in (None, decision.id):
        raise ChangedMeanwhile("the ticket was assessed again meanwhile", cure="read it again")
    return decision


def _take(session: Session, complaint_id: int, by: Reviewer) -> None:
    until = by.now + by.desk.claim
    if not reviews.claim(session, complaint_id, by.who, now=by.now, until=until):
        raise _held()


def _held() -> ClaimedByOther:
    return ClaimedByOther("somebody else works on this ticket", cure="take the next one")


def _same(one: VerdictRecord, other: VerdictRecord) -> bool:
    names = ("assessment_id", "who", "kind", "corrections", "note", "second")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _answers(session: Session, complaint_id: int) -> dict[int, Facts]:
    return {one.id: one.answer for one in assessments.of(session, complaint_id)}
