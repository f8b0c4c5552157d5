"""What the pages show, taken together from the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.desk.answers import item_body, review_body, verdict_body
from service.desk.lowering import Lower, lowered
from service.desk.marks import Stretch, stretches
from service.desk.readings import said
from service.desk.similar import Case, similar_cases
from service.ledger.answers import Body
from service.ledger.detail import detail
from service.store import assessments, complaints, queue, reviews, verdicts
from service.store.database import Session
from service.store.records import ComplaintRecord, Decision, Filters
from service.store.records_review import Asked, ReviewState, VerdictRecord
from service.store.workload import Intake, intake
from triage.repeats.settings import Settings
from triage.rules.calendar import local, midnight
from triage.taxonomy import Taxonomy

_OTHERS = 10
_BARS = 6


@dataclass(frozen=True, slots=True)
class QueueView:
    """A page of the queue."""

    items: list[Body]
    counts: dict[str, int]
    next_cursor: str | None
    today: int
    intake: Intake
    least_risk: float | None

    @property
    def total(self) -> int:
        """How many tickets wait."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class TicketView:
    """All that the page of a ticket shows."""

    ticket: Body
    decision: Decision
    text: list[Stretch]
    review: Body
    reasons: dict[str, list[Mapping[str, Any]]]
    rules: list[Mapping[str, Any]]
    timeline: list[Body]
    others: list[ComplaintRecord]
    similar: list[Case]
    lower: list[Lower]
    verdict: VerdictRecord | None
    readings: list[tuple[VerdictRecord, str | None]]
    next_id: str | None
    today: int
    now: datetime

    @property
    def bars(self) -> list[Mapping[str, Any]]:
        """The most probable leaves, the first in front."""
        first = {name: self.ticket[name] for name in ("line", "subline", "probability")}
        named = [] if self.ticket["line"] is None else [first]
        leaves = [*named, *self.ticket["alternatives"]]
        return sorted(leaves, key=lambda one: -one["probability"])[:_BARS]

    @property
    def signal_codes(self) -> list[str]:
        """The signals, each once."""
        return list(dict.fromkeys(signal["code"] for signal in self.ticket["signals"]))

    def late(self, due: str | None) -> bool:
        """Say whether a moment is over."""
        return due is not None and datetime.fromisoformat(due) < self.now


def queue_view(session: Session, asked: Asked, *, cursor: str | None, limit: int) -> QueueView:
    """Read a page of the queue."""
    asked = queue.narrowed(session, asked)
    found = queue.page(session, asked, cursor=cursor, limit=limit)
    return QueueView(
        items=[item_body(one, asked.weights, asked.who, asked.now) for one in found.items],
        counts={band or "none": n for band, n in queue.counts(session, asked).items()},
        next_cursor=found.next_cursor,
        today=reviewed_today(session, asked.who, asked.now),
        intake=intake(session, asked.now),
        least_risk=asked.filters.least_risk,
    )


def ticket_view(
    session: Session,
    ticket_id: str,
    asked: Asked,
    *,
    persons: bool,
    judges: bool,
    like: Settings,
) -> TicketView:
    """Read a ticket with all that happened to it; `like` says what makes texts alike.

    Who `judges`, and would be its second reader, does not see what the first one said.

    Raises
    ------
    UnknownTicket
    """
    complaint = complaints.get(session, ticket_id)
    body = detail(session, ticket_id, persons=persons)
    decisions = assessments.of(session, complaint.id)
    given = verdicts.of(session, complaint.id)
    kept = [one for one in given if one.undone_at is None]
    review = reviews.get(session, complaint.id)
    second = review.state is ReviewState.SECOND
    if judges and second and all(one.who != asked.who for one in kept):
        given, kept = [], []
    erased = complaint.erased_at is not None
    evidence = () if erased else body["evidence"]
    signals = () if erased else body["signals"]
    return TicketView(
        ticket=body,
        decision=decisions[-1],
        text=stretches(body["masked_text"], evidence=evidence, signals=signals),
        review=review_body(review, asked.who, asked.now),
        reasons=_reasons(body),
        rules=list(decisions[-1].ruling.get("fired", ())),
        timeline=_timeline(body, decisions, given, persons=persons),
        others=_others(session, complaint) if persons else [],
        similar=similar_cases(session, complaint, like),
        lower=lowered(body["escalation"]),
        verdict=kept[-1] if kept else None,
        readings=_readings(kept, decisions) if review.state is ReviewState.SPLIT else [],
        next_id=queue.after(session, asked, complaint.id),
        today=reviewed_today(session, asked.who, asked.now),
        now=asked.now,
    )


def reviewed_today(session: Session, who: str, now: datetime) -> int:
    """Count what somebody reviewed since midnight."""
    return verdicts.count_of(session, who, since=midnight(local(now).date()))


def leaves_of(taxonomy: Taxonomy) -> list[tuple[str, Any, Any]]:
    """Give every leaf: its code, its line, and its subline if it has one."""
    found: list[tuple[str, Any, Any]] = []
    for line in taxonomy.lines:
        if line.sublines:
            found += [(f"{line.code}.{sub.code}", line, sub) for sub in line.sublines]
        else:
            found.append((line.code, line, None))
    return found


def _reasons(body: Body) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {"text": [], "history": [], "rule": []}
    for reason in body["escalation"]["reasons"]:
        found.setdefault(str(reason.get("kind") or "text"), []).append(reason)
    return found


def _timeline(
    body: Body, decisions: list[Decision], given: list[VerdictRecord], *, persons: bool
) -> list[Body]:
    """Give what happened, the newest in front."""
    told: list[Body] = [{"kind": "received", "at": body["received_at"]}]
    told += [
        {"kind": "assessed", "at": local(one.at).isoformat(), "version": _version(one)}
        for one in decisions
    ]
    told += body["events"]
    for one in given:
        kind = "undone" if one.undone_at else "verdict"
        shown = verdict_body(one) if persons else {**verdict_body(one), "who": None}
        told.append({"kind": kind, "at": local(one.at).isoformat(), "verdict": shown})
    # Of one moment what was told first came first.
    ordered = sorted(enumerate(told), key=lambda one: (_at(one[1]), one[0]), reverse=True)
    return [one for _, one in ordered]


def _version(decision: Decision) -> str:
    """Give the version of the model, with that of its calibration where it had one."""
    calibration = decision.answer.get("calibration_version")
    return f"{decision.model_version}+{calibration}" if calibration else decision.model_version


def _at(one: Body) -> datetime:
    return datetime.fromisoformat(one["at"])


def _readings(
    kept: list[VerdictRecord], decisions: list[Decision]
) -> list[tuple[VerdictRecord, str | None]]:
    """Give the two verdicts that differ, with the leaf that each says."""
    answers = {one.id: one.answer for one in decisions}
    return [(one, said(one, answers[one.assessment_id])) for one in kept[-2:]]


def _others(session: Session, complaint: ComplaintRecord) -> list[ComplaintRecord]:
    if complaint.customer_ref is None:
        return []
    chosen = Filters(customer_ref=complaint.customer_ref)
    found = complaints.page(session, chosen, limit=_OTHERS + 1).items
    return [one for one in found if one.id != complaint.id][:_OTHERS]
