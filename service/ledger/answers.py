"""What callers are told of a ticket: the assessed complaint, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from service.ledger.texts import text_of
from service.store import assessments, complaints, duties
from service.store.database import Session
from service.store.records import (
    ComplaintRecord,
    Decision,
    DutyRecord,
    DutyState,
    EventRecord,
    Facts,
    Link,
    Standing,
)
from triage.rules.calendar import local

Body = dict[str, Any]
_CONTEXT = (
    *("channel", "product", "unit", "visited_branch", "outlet_touchpoint", "amount_cny"),
    *("prior_complaints_90d", "days_open", "transfers", "group_size", "customer_segment"),
)
# Who did something and who is complained of: not for those who only study the ledger.
_OF_PERSONS = ("assignee", "employee", "approved_by")
_EXCERPT = 80


def new_body(answer: Facts, standing: Standing, received_at: datetime) -> Body:
    """Give a ticket that was just taken in; nothing of it has happened yet."""
    untouched = {"state": DutyState.OPEN.value, "met_at": None}
    owed = [{**duty, **untouched} for duty in answer["duties"]]
    return {**answer, "duties": owed, **_stands(standing, received_at)}


def stored_body(session: Session, complaint: ComplaintRecord) -> Body:
    """Give a ticket as it stands, with its latest assessment."""
    decision = assessments.latest(session, complaint.id)
    if decision is None:
        raise LookupError("a ticket without an assessment")
    owed, text = duties.of(session, complaint.id), text_of(session, complaint, decision)
    return body_of(complaint, decision, owed, text=text)


def stored_by_id(session: Session, complaint_id: int) -> Body:
    """Give a ticket by its number."""
    return stored_body(session, complaints.by_id(session, complaint_id))


def body_of(
    complaint: ComplaintRecord,
    decision: Decision,
    owed: Sequence[DutyRecord],
    *,
    text: str,
) -> Body:
    """Put a ticket together; `text` is what was read for the decision."""
    answer = dict(decision.answer)
    told = [*answer["duties"], *decision.ruling.get("carried", ())]
    answer["duties"] = duties_body(told, owed)
    answer["masked_text"] = text
    return {**answer, **_stands(complaint.standing, complaint.received_at)}


def duties_body(told: Iterable[Facts], owed: Sequence[DutyRecord]) -> list[dict[str, Any]]:
    """Give every duty that is kept, with what became of it."""
    kept = {(duty.code, duty.rule): duty for duty in owed}
    found = []
    for duty in told:
        record = kept.pop((duty["code"], duty["rule"]), None)
        if record is not None:
            due = moment(record.due_at)
            state = {"due_at": due, "state": record.state.value, "met_at": moment(record.met_at)}
            found.append({**duty, **state})
    return found


def _stands(standing: Standing, received_at: datetime) -> Body:
    return {
        "received_at": moment(received_at),
        "state": str(standing.state),
        "next_action": standing.next_action,
        "next_due": moment(standing.next_due),
    }


def context_body(complaint: ComplaintRecord) -> Body:
    """Give what was known at intake."""
    return {name: getattr(complaint.context, name) for name in _CONTEXT}


def event_body(event: EventRecord, *, persons: bool = True) -> Body:
    """Give an event; without `persons` not who did what to whom."""
    data = {k: v for k, v in event.data.items() if persons or k not in _OF_PERSONS}
    return {
        "id": event.id,
        "kind": event.kind,
        "at": moment(event.at),
        "recorded_at": moment(event.created_at),
        "actor": event.actor,
        "text": event.text,
        "data": data,
    }


def repeats_body(complaint: ComplaintRecord, links: Iterable[Link]) -> list[Body]:
    """Give what a ticket repeats (`earlier`) and what repeats it (`later`)."""
    told = []
    for link in links:
        later = link.complaint_id == complaint.id
        told.append(
            {
                "ticket_id": link.other_ticket_id if later else link.ticket_id,
                "kind": "same_matter" if link.kind == "customer" else link.kind,
                "which": "earlier" if later else "later",
                "score": round(link.score, 4),
            }
        )
    return told


def row_body(complaint: ComplaintRecord, now: datetime) -> Body:
    """Give a ticket as a row of the ledger."""
    standing = complaint.standing
    due = standing.next_due
    return {
        "id": complaint.ticket_id,
        **_stands(standing, complaint.received_at),
        "overdue": due is not None and due < now,
        "line": standing.line,
        "subline": standing.subline,
        "abstained": standing.abstained,
        "probability": standing.probability,
        "nature": standing.nature,
        "escalation": {"probability": standing.risk, "band": standing.band},
        "owner": owner_body(standing),
        "flags": list(standing.flags),
        **{name: getattr(complaint.context, name) for name in ("channel", "product", "unit")},
        "excerpt": complaint.masked_text[:_EXCERPT],
        "updated_at": moment(complaint.updated_at),
    }


def owner_body(standing: Standing) -> Body:
    """Give who handles a ticket, in short."""
    return {
        "level": standing.owner_level,
        "unit": standing.owner_unit,
        "barred_from_outlet": standing.barred,
    }


def moment(at: datetime | None) -> str | None:
    """Give a moment in Asia/Shanghai."""
    return local(at).isoformat() if at is not None else None
