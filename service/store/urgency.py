"""What a ticket of the queue is ordered by, as SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Label,
    Text,
    case,
    cast,
    exists,
    func,
    literal,
    type_coerce,
)

from service.store.columns import Moment
from service.store.records_review import Asked, ReviewState, Sort
from service.store.sql import table_of
from service.store.tables import Complaint
from service.store.tables_review import Review
from service.store.tables_slice import AuditSlice

LIFE, REPEAT = "human_now", "repeat"
_C = table_of(Complaint)
_R = table_of(Review)
_S = table_of(AuditSlice)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
# Probabilities lie below 1: whom two readers differ on stand before whom one is unsure of.
_SPLIT, _SECOND = -2.0, -1.0


def points_of(asked: Asked, as_of: datetime) -> Label[int]:
    """Give the points of a ticket's urgency at a moment."""
    weights, due = asked.weights, _C.c.next_due
    soon = as_of + weights.soon
    drawn = exists().where(_S.c.complaint_id == _C.c.id)
    risk = cast(func.round(func.coalesce(_C.c.risk, 0.0) * weights.risk), Integer)
    return (
        case((flagged(LIFE), weights.life), else_=0)
        + case((due < as_of, weights.overdue), (due < soon, weights.due_soon), else_=0)
        + case((flagged(REPEAT), weights.repeat), else_=0)
        + case(
            (_R.c.state == ReviewState.SECOND, weights.second),
            (_R.c.state == ReviewState.SPLIT, weights.split),
            else_=0,
        )
        + case((drawn, weights.audit), else_=0)
        + risk
    ).label("points")


def key_of(asked: Asked, as_of: datetime) -> ColumnElement[Any]:
    """Give what is ordered by, the smallest in front."""
    urgency: ColumnElement[Any] = -points_of(asked, as_of).element
    sure = func.coalesce(_C.c.probability, 0.0)
    if asked.sort is Sort.RISK:
        return -func.coalesce(_C.c.risk, 0.0)
    if asked.sort is Sort.DUE:
        return func.coalesce(_C.c.next_due, literal(_NEVER, Moment()))
    if asked.sort is Sort.UNCERTAIN:
        return sure
    if asked.sort is Sort.DISAGREEMENT:
        split = (_R.c.state == ReviewState.SPLIT, _SPLIT)
        return case(split, (_R.c.state == ReviewState.SECOND, _SECOND), else_=0.0) + sure
    if asked.sort is Sort.OLDEST:
        return _C.c.received_at
    return urgency


def flagged(flag: str) -> ColumnElement[bool]:
    """Say whether a ticket has a flag."""
    return type_coerce(_C.c.flags, Text).contains(f'"{flag}"', autoescape=True)
