"""The queue, claims and verdicts as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from service.ledger.answers import Body, moment, row_body
from service.store.records_review import (
    QueueItem,
    ReviewRecord,
    ReviewState,
    VerdictRecord,
    Weights,
)
from service.store.urgency import LIFE, REPEAT


def item_body(item: QueueItem, weights: Weights, who: str, now: datetime) -> Body:
    """Give a ticket of the queue: a row of the ledger, its place explained, its review."""
    return {
        **row_body(item.complaint, now),
        "points": item.points,
        "why": why(item, weights, now),
        "review": review_body(item.review, who, now),
    }


def why(item: QueueItem, weights: Weights, now: datetime) -> list[dict[str, Any]]:
    """Say what the points of a ticket come from, the most in front."""
    standing = item.complaint.standing
    due = standing.next_due
    late = due is not None and due < now
    soon = due is not None and not late and due < now + weights.soon
    parts = {
        "life": weights.life * (LIFE in standing.flags),
        "overdue": weights.overdue * late,
        "due_soon": weights.due_soon * soon,
        "risk": round((standing.risk or 0) * weights.risk),
        "repeat": weights.repeat * (REPEAT in standing.flags),
        "second": weights.second * (item.review.state is ReviewState.SECOND),
        "split": weights.split * (item.review.state is ReviewState.SPLIT),
        "audit": weights.audit * item.drawn,
    }
    told = [{"what": name, "points": points} for name, points in parts.items() if points]
    return sorted(told, key=lambda one: -one["points"])


def review_body(review: ReviewRecord, who: str, now: datetime) -> Body:
    """Give how a ticket stands in review; who else holds it is told by the id of the key."""
    holder = review.holder(now)
    return {
        "state": review.state.value,
        "claimed_by": holder,
        "claimed_until": moment(review.claimed_until) if holder else None,
        "mine": holder == who,
        "reviewed_at": moment(review.reviewed_at),
    }


def verdict_body(verdict: VerdictRecord) -> Body:
    """Give a verdict."""
    return {
        "id": verdict.id,
        "assessment": verdict.assessment_id,
        "at": moment(verdict.at),
        "who": verdict.who,
        "verdict": verdict.kind,
        "corrections": dict(verdict.corrections),
        "note": verdict.note,
        "second_reader": verdict.second,
        "undone_at": moment(verdict.undone_at),
    }
