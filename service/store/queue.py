"""The queue of the review desk: what waits for a person, in the order of urgency.

A ticket waits until somebody gave a verdict, and again when the customer wrote after it, a second
reader is wanted (who read it first does not see it as the second), or two readers differ.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from service.store import complaints, reviews, slices, workload
from service.store.columns import Moment
from service.store.records_review import (
    ASKED,
    Asked,
    QueueItem,
    QueuePage,
    ReviewFilters,
    ReviewRecord,
    ReviewState,
    Sort,
)
from service.store.sql import table_of
from service.store.tables import Complaint, Event
from service.store.tables_review import Review
from service.store.urgency import LIFE, flagged, key_of, points_of
from triage.errors import InvalidInput

_C = table_of(Complaint)
_R = table_of(Review)
_E = table_of(Event)
_EVER = datetime(1, 1, 1, tzinfo=UTC)
_LARGEST = 2**63
_EQUAL = ("band", "line", "owner_unit", "channel")
_COUNT: ColumnElement[Any] = func.count().label("number")


def page(
    session: Session, asked: Asked, *, cursor: str | None = None, limit: int = 25
) -> QueuePage:
    """Give tickets that wait, those to be handled first in front.

    Pages of one cursor are ordered as of the moment of the first of them.

    Raises
    ------
    InvalidInput
        When the cursor is not one that was given for this order.
    """
    asked = narrowed(session, asked)
    place = _read(cursor, asked.sort) if cursor else None
    as_of = place[0] if place else asked.now
    key, points = key_of(asked, as_of), points_of(asked, as_of)
    statement = _waiting(select(_C.c.id, _C.c.received_at, key.label("key"), points), asked)
    order = (key, _C.c.received_at, _C.c.id)
    if place:
        after = (literal(place[1], key.type), literal(place[2], Moment()), literal(place[3]))
        statement = statement.where(tuple_(*order) > tuple_(*after))
    rows = session.execute(statement.order_by(*order).limit(limit + 1)).all()
    more = len(rows) > limit
    items = _items(session, {row.id: row.points for row in rows[:limit]})
    last = rows[limit - 1] if more else None
    return QueuePage(items, _cursor(asked.sort, as_of, last) if last else None)


def after(session: Session, asked: Asked, complaint_id: int) -> str | None:
    """Give the identifier of the ticket that follows one in the queue and nobody else holds."""
    asked = narrowed(session, asked)
    key = key_of(asked, asked.now)
    order = (key, _C.c.received_at, _C.c.id)
    here = session.execute(
        select(*order).select_from(_C.outerjoin(_R)).where(_C.c.id == complaint_id)
    ).one_or_none()
    free = _waiting(select(_C.c.ticket_id), asked).where(
        _C.c.id != complaint_id, or_(_unclaimed(asked), _R.c.claimed_by == asked.who)
    )
    chosen = free.order_by(*order).limit(1)
    if here is not None:
        passed = (literal(here[0], key.type), literal(here[1], Moment()), literal(here[2]))
        later = chosen.where(tuple_(*order) > tuple_(*passed))
        found: str | None = session.execute(later).scalar()
        if found is not None:
            return found
    first: str | None = session.execute(chosen).scalar()
    return first


def counts(session: Session, asked: Asked) -> dict[str | None, int]:
    """Count what waits by band; the band of the filters is not looked at."""
    asked = narrowed(session, asked)
    open_bands = {f.name: getattr(asked.filters, f.name) for f in fields(ReviewFilters)}
    wide = Asked(asked.who, asked.now, asked.weights, filters=ReviewFilters(**open_bands | _NONE))
    # Grouped by what no index is ordered by, so that SQLite reads the tickets that wait alone.
    band = func.coalesce(_C.c.band, literal_column("''"))
    counting: Select[Any] = _waiting(select(band.label("band")).add_columns(_COUNT), wide)
    rows = session.execute(counting.group_by(band))
    return {row.band or None: int(row.number) for row in rows}


_NONE: dict[str, Any] = {"band": None}


def narrowed(session: Session, asked: Asked) -> Asked:
    """Turn the riskiest so many a day, if they are asked for, into a risk."""
    top = asked.filters.top
    if top is None:
        return asked
    known = workload.intake(session, asked.now)
    least = workload.least_risk(session, asked.now, top=top, known=known)
    return replace(asked, filters=replace(asked.filters, top=None, least_risk=least))


def _items(session: Session, points: dict[int, int]) -> list[QueueItem]:
    found = reviews.many(session, list(points))
    tickets = complaints.by_ids(session, list(points))
    drawn = slices.among(session, list(points))
    return [
        QueueItem(tickets[ident], number, found.get(ident, ReviewRecord(ident)), ident in drawn)
        for ident, number in points.items()
    ]


def _waiting(statement: Select[Any], asked: Asked) -> Select[Any]:
    wrote = exists().where(
        _E.c.complaint_id == _C.c.id, _E.c.kind == "message", _E.c.created_at > _R.c.reviewed_at
    )
    second = and_(_R.c.state == ReviewState.SECOND, _R.c.last_who != asked.who)
    open_states = (ReviewState.WAITING, ReviewState.SPLIT)
    unread = or_(_R.c.state.is_(None), _R.c.state.in_(open_states), second, wrote)
    # Said of `looked_at`, below which lies the index of tickets that are not settled.
    statement = statement.select_from(_C.outerjoin(_R)).where(_C.c.looked_at >= _EVER, unread)
    return statement.where(_C.c.erased_at.is_(None), *_conditions(asked))


def _conditions(asked: Asked) -> Iterator[ColumnElement[bool]]:
    chosen = asked.filters
    for name in _EQUAL:
        if getattr(chosen, name) is not None:
            yield _C.c[name] == getattr(chosen, name)
    if chosen.overdue:
        yield _C.c.next_due < asked.now
    if chosen.least_risk is not None:
        # What a person must see in any case is not cut off by any score.
        asks = _R.c.state.in_(ASKED)
        yield or_(_C.c.risk >= chosen.least_risk, flagged(LIFE), asks)
    if chosen.life:
        yield flagged(LIFE)
    if chosen.state in ASKED:
        yield _R.c.state == chosen.state
    if chosen.claimed == "mine":
        yield and_(_R.c.claimed_by == asked.who, _R.c.claimed_until > asked.now)
    elif chosen.claimed == "free":
        yield _unclaimed(asked)
    elif chosen.claimed == "others":
        yield and_(_R.c.claimed_by != asked.who, _R.c.claimed_until > asked.now)


def _unclaimed(asked: Asked) -> ColumnElement[bool]:
    return or_(_R.c.claimed_until.is_(None), _R.c.claimed_until <= asked.now)


def _cursor(sort: Sort, as_of: datetime, row: Any) -> str:
    told = orjson.dumps([sort, as_of, row.key, row.received_at, row.id])
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _read(cursor: str, sort: Sort) -> tuple[datetime, Any, datetime, int]:
    try:
        told = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        kind, as_of, key, received_at, ident = orjson.loads(told)
        moments = [_moment(one) for one in (as_of, received_at)]
        if sort in (Sort.DUE, Sort.OLDEST):
            key = _moment(key)
        elif isinstance(key, bool) or not -_LARGEST < key < _LARGEST:
            raise _not_given()
        if kind != sort or not isinstance(ident, int) or not 0 <= ident < _LARGEST:
            raise _not_given()
    except (ValueError, TypeError, OverflowError):
        raise _not_given() from None
    return moments[0], key, moments[1], ident


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)


def _not_given() -> InvalidInput:
    return InvalidInput(
        "cursor is not one that was given", cure="use next_cursor of the page before, unchanged"
    )
