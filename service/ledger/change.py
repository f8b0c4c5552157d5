"""The change of one ticket: judged anew, its duties settled, its standing kept, others told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from service.ledger import notices, refusals
from service.ledger.answers import Body, stored_by_id
from service.ledger.deciding import (
    Answer,
    Judged,
    Versions,
    decision_of,
    duties_of,
    judge,
    stopped_by,
)
from service.ledger.facts import assessment_facts
from service.ledger.history import CHANGING
from service.ledger.notices import Kind
from service.ledger.reread import Reread, Ticket
from service.ledger.settling import settled_by
from service.ledger.standing import ENDED, Course, course_of, standing_of
from service.store import assessments, complaints, duties
from service.store.database import Session
from service.store.records import Decision, DutyState, EventRecord, Facts, Standing
from triage.policy import load_policy
from triage.wire import held_json

if TYPE_CHECKING:
    from triage.rules.rulebook import Rulebook

_TOLD = ("line", "subline", "secondary", "nature", "abstained", "owner", "flags")
_RISK_STEP = 0.01
_TO_DO = {DutyState.OPEN, DutyState.MISSED, DutyState.ATTEMPTED}


class Change:
    """The change of one ticket by one event, or by the passing of time.

    Parameters
    ----------
    session : Session
    ticket : Ticket
    now : datetime
    rulebook : Rulebook
    """

    def __init__(self, session: Session, ticket: Ticket, now: datetime, rulebook: Rulebook) -> None:
        self._session = session
        self._ticket = ticket
        self._now = now
        self._rulebook = rulebook

    def apply(self, event: EventRecord, reread: Reread | None) -> str | None:
        """Judge the ticket after an event; give the band if it was raised."""
        happened = [*self._ticket.events, event]
        course = course_of(happened)
        judged = None
        if reread is not None or event.kind in CHANGING:
            reason = event.kind
            judged = self.judge(happened, course, reason=reason, reread=reread, event=event)
        self._settle(event, judged)
        return self._stand(course, judged, reread, event.kind)

    def catch_up(self, past: Sequence[EventRecord]) -> None:
        """Judge the ticket once, after several events of the past that no text belongs to."""
        happened = [*self._ticket.events, *past]
        course = course_of(happened)
        judged = self.judge(happened, course, reason=past[-1].kind, reread=None)
        owed = duties.of(self._session, self._ticket.complaint.id)
        for place, event in enumerate(past, len(self._ticket.events)):
            now = {duty.id: state for duty, state in settled_by(event, happened[:place], owed)}
            for ident, state in now.items():
                duties.settle(self._session, ident, state, event.at)
            owed = [replace(duty, state=now.get(duty.id, duty.state)) for duty in owed]
        self._waive_stopped(judged)
        self._stand(course, judged, None, past[-1].kind)

    def pass_time(self, reread: Reread, reason: str) -> bool:
        """Judge the ticket as it is now; say whether that changed anything."""
        course = course_of(self._ticket.events)
        basis = replace(self._ticket.basis(self._ticket.events, course), context=reread.context)
        found = judge(dict(reread.answer), basis, self._rulebook, self._now)
        if not differs(self._ticket.decision.answer, found.answer):
            return False
        judged = self.judge(self._ticket.events, course, reason=reason, reread=reread)
        self._waive_stopped(judged)
        self._stand(course, judged, reread, reason)
        return True

    def judge(
        self,
        happened: Sequence[EventRecord],
        course: Course,
        *,
        reason: str,
        reread: Reread | None,
        event: EventRecord | None = None,
    ) -> Judged:
        """Apply the rules anew and keep the decision with the duties it opens."""
        last, complaint = self._ticket.decision, self._ticket.complaint
        basis = self._ticket.basis(happened, course)
        answer: Answer = dict(last.answer)
        versions = Versions(
            last.model_version, last.policy_version, last.taxonomy_version, last.terms_version
        )
        through = last.through_event
        if reread is not None:
            basis = replace(basis, context=reread.context)
            answer, versions = reread.answer, reread.versions
            through = event.id if event is not None and event.text is not None else through
        judged = judge(answer, basis, self._rulebook, self._now)
        if event is not None:
            refusals.refuse_barred(event, barred=judged.answer["owner"]["barred_from_outlet"])
        record = decision_of(
            *(complaint.id, judged, basis, versions),
            at=self._now,
            reason=reason,
            through_event=through,
            carried=carried(last, judged),
            held=held_json(reread.assessment) if reread else last.ruling.get("held"),
        )
        self._decision_id = assessments.add(self._session, record)
        owed = duties.of(self._session, complaint.id)
        taken = {duty.code: duty.rule for duty in owed}
        fresh = [d for d in duties_of(judged) if taken.get(d.code, d.rule) == d.rule]
        duties.put(self._session, complaint.id, fresh, self._now)
        return judged

    def _settle(self, event: EventRecord, judged: Judged | None) -> None:
        owed = duties.of(self._session, self._ticket.complaint.id)
        for duty, state in settled_by(event, self._ticket.events, owed):
            duties.settle(self._session, duty.id, state, event.at)
        if judged is not None:
            self._waive_stopped(judged)

    def _waive_stopped(self, judged: Judged) -> None:
        stopped = stopped_by(judged.ruling)
        if not stopped:
            return
        for duty in duties.of(self._session, self._ticket.complaint.id):
            if duty.code in stopped and duty.state is DutyState.OPEN:
                duties.settle(self._session, duty.id, DutyState.WAIVED, self._now)

    def _stand(
        self, course: Course, judged: Judged | None, reread: Reread | None, reason: str
    ) -> str | None:
        complaint = self._ticket.complaint
        answer = judged.answer if judged is not None else self._ticket.decision.answer
        wanted = {DutyState.OPEN} if course.state in ENDED else _TO_DO
        owed = duties.of(self._session, complaint.id)
        to_do = [(d.code, d.due_at) for d in owed if d.state in wanted]
        standing = standing_of(answer, course, to_do)
        expected = complaint.version
        complaints.stand(self._session, complaint.id, standing, self._now, expected=expected)
        if reread is None or judged is None:
            return None
        facts = assessment_facts(judged.answer, standing, self._decision_id, reason)
        return self._tell(facts, complaint.standing, standing)

    def _tell(self, facts: Mapping[str, Any], before: Standing, after: Standing) -> str | None:
        post = partial(
            notices.post,
            self._session,
            ticket_id=self._ticket.complaint.ticket_id,
            now=self._now,
        )
        post(Kind.ASSESSMENT, facts=facts)
        if not raised(before.band, after.band):
            return None
        post(Kind.BAND_RAISED, facts={**facts, "previous_band": before.band})
        return after.band

    def body(self) -> Body:
        """Give the ticket as it stands after the change."""
        return stored_by_id(self._session, self._ticket.complaint.id)


def carried(last: Decision, judged: Judged) -> list[dict[str, Any]]:
    """Give the duties of before that the rules do not ask for any more: they are kept in sight.

    A model that changes its mind frees nobody from a duty; people, and rules that say so, do.
    """
    asked = {(duty["code"], duty["rule"]) for duty in judged.answer["duties"]}
    before = [*last.answer["duties"], *last.ruling.get("carried", ())]
    return [duty for duty in before if (duty["code"], duty["rule"]) not in asked]


def differs(before: Facts, after: Facts) -> bool:
    """Say whether two answers differ in what anybody would act on."""
    if any(before[name] != after[name] for name in _TOLD):
        return True
    risks = before["escalation"], after["escalation"]
    if risks[0]["band"] != risks[1]["band"]:
        return True
    if abs(risks[0]["probability"] - risks[1]["probability"]) >= _RISK_STEP:
        return True
    codes = [sorted(duty["code"] for duty in answer["duties"]) for answer in (before, after)]
    return codes[0] != codes[1]


def raised(before: str | None, after: str | None) -> bool:
    """Say whether a band is higher than the one before."""
    order = _bands()
    if before not in order or after not in order:
        return False
    return order.index(after) < order.index(before)


@lru_cache(maxsize=1)
def _bands() -> tuple[str, ...]:
    return tuple(rule.name for rule in load_policy().bands)
