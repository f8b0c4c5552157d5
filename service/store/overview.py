"""The ledger as people read it: overdue tickets first, page by page, and counted in groups."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from service.store.columns import Moment
from service.store.complaints import by_ids, conditions, walk
from service.store.database import Database
from service.store.matters import Matter, concerns
from service.store.records import ComplaintRecord, Filters, Page
from service.store.sql import table_of
from service.store.tables import Complaint
from triage.errors import InvalidInput

_C = table_of(Complaint)
_LARGEST = 2**63
_EVER = datetime(1, 1, 1, tzinfo=UTC)
# What no ticket is called.
_NOBODY = "\x01"
GROUPS = ("line", "unit", "owner_unit")


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the ledger: which tickets, at which moment; `filters.overdue_at` is its `now`."""

    filters: Filters
    now: datetime
    matter: Matter | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Tickets counted together under a name: all, not ended, overdue, in the high band."""

    name: str | None
    total: int
    open: int
    overdue: int
    high: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page ended; `as_of` is the moment that says what was overdue on the first one."""

    as_of: datetime
    late: bool
    at: datetime
    id: int


def page(session: Session, look: Look, *, cursor: str | None = None, limit: int = 50) -> Page:
    """Give tickets: the overdue ones in front, longest first; then the others, newest first.

    Raises
    ------
    InvalidInput
        When the cursor is not one that was given.
    """
    place = _read(cursor) if cursor is not None else None
    as_of = place.as_of if place else look.now
    rows: list[Any] = []
    if place is None or place.late:
        rows = [*session.execute(_late(look, as_of, place).limit(limit + 1))]
    if len(rows) <= limit and look.filters.overdue_at is None:
        after = None if place is None or place.late else place
        rest = _others(look, as_of, after).limit(limit + 1 - len(rows))
        rows = [*rows, *session.execute(rest)]
    known = by_ids(session, [row.id for row in rows[:limit]])
    items = [known[row.id] for row in rows[:limit]]
    if len(rows) <= limit:
        return Page(items, None)
    last = rows[limit - 1]
    return Page(items, _cursor(_Place(as_of, bool(last.late), last.at, last.id)))


def every(database: Database, look: Look, *, size: int = 500) -> Iterator[ComplaintRecord]:
    """Give all chosen tickets in that order; see `complaints.walk`."""
    return walk(database, partial(page, look=look, limit=size))


def count(session: Session, look: Look) -> Tally:
    """Count the chosen tickets."""
    if _all(look):
        # Of all tickets an index answers each count, where one statement would read every row.
        counts = [select(func.count()).where(which) for which in _kinds(look.now)]
        whole = select(func.count()).select_from(_C)
        return Tally(None, *(session.execute(one).scalar_one() for one in (whole, *counts)))
    row = session.execute(select(*_counted(look.now)).where(*_chosen(look))).one()
    return _tally(None, row)


def groups(session: Session, look: Look, by: str, *, limit: int = 200) -> list[Tally]:
    """Count the chosen tickets by a column of `GROUPS`, the largest number in front."""
    if by not in GROUPS:
        raise ValueError(f"tickets are not counted by {by}")
    column, total = _C.c[by], func.count()
    if _all(look):
        return _all_groups(session, column, look.now)[:limit]
    statement = select(column.label("name"), *_counted(look.now)).where(*_chosen(look))
    ordered = statement.group_by(column).order_by(total.desc(), column).limit(limit)
    return [_tally(row.name, row) for row in session.execute(ordered)]


def _all(look: Look) -> bool:
    return look.matter is None and look.filters == Filters()


def _all_groups(session: Session, column: ColumnElement[Any], now: datetime) -> list[Tally]:
    """Count all tickets by a column, each number by the index that answers it."""
    # An expression, so that the index of the column does not lead through all rows.
    name = func.nullif(column, _NOBODY)
    asked = [select(column, func.count()).group_by(column)]
    asked += [select(name, func.count()).where(which).group_by(name) for which in _kinds(now)]
    total, *others = ({row[0]: int(row[1]) for row in session.execute(one)} for one in asked)
    found = [
        Tally(name, number, *(kind.get(name, 0) for kind in others))
        for name, number in total.items()
    ]
    return sorted(found, key=lambda one: (-one.total, one.name or ""))


def _kinds(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Say which tickets are counted besides all: not ended, overdue, in the high band."""
    late = and_(_C.c.next_due.is_not(None), _C.c.next_due < now)
    # Said of `looked_at`, below which lies the index of tickets that are not settled.
    return _C.c.looked_at >= _EVER, late, _C.c.band == "high"


def _counted(now: datetime) -> list[Any]:
    numbers = [func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in _kinds(now)]
    names = ("open", "overdue", "high")
    labelled = [number.label(name) for number, name in zip(numbers, names, strict=True)]
    return [func.count().label("total"), *labelled]


def _tally(name: str | None, row: Any) -> Tally:
    return Tally(name, int(row.total), int(row.open), int(row.overdue), int(row.high))


def _chosen(look: Look) -> Iterator[ColumnElement[bool]]:
    yield from conditions(look.filters)
    if look.matter is not None:
        yield concerns(look.matter, look.now)


def _late(look: Look, as_of: datetime, after: _Place | None) -> Select[Any]:
    plain = replace(look, filters=replace(look.filters, overdue_at=as_of))
    shown = (_C.c.id, _C.c.next_due.label("at"), literal(1).label("late"))
    statement = select(*shown).where(*_chosen(plain))
    if after is not None:
        statement = statement.where(tuple_(_C.c.next_due, _C.c.id) > _pair(after))
    return statement.order_by(_C.c.next_due, _C.c.id)


def _others(look: Look, as_of: datetime, after: _Place | None) -> Select[Any]:
    in_time = or_(_C.c.next_due.is_(None), _C.c.next_due >= as_of)
    shown = (_C.c.id, _C.c.received_at.label("at"), literal(0).label("late"))
    statement = select(*shown).where(*_chosen(look), in_time)
    if after is not None:
        statement = statement.where(tuple_(_C.c.received_at, _C.c.id) < _pair(after))
    return statement.order_by(_C.c.received_at.desc(), _C.c.id.desc())


def _pair(place: _Place) -> Any:
    return tuple_(literal(place.at, Moment()), literal(place.id))


def _cursor(place: _Place) -> str:
    told = orjson.dumps([place.as_of, place.late, place.at, place.id])
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _read(cursor: str) -> _Place:
    try:
        told = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        as_of, late, at, ident = orjson.loads(told)
        moments = [datetime.fromisoformat(one).astimezone(UTC) for one in (as_of, at)]
        if not isinstance(late, bool) or type(ident) is not int or not 0 <= ident < _LARGEST:
            raise _not_given()
    except (ValueError, TypeError, OverflowError):
        raise _not_given() from None
    return _Place(moments[0], late, moments[1], ident)


def _not_given() -> InvalidInput:
    return InvalidInput(
        "cursor is not one that was given", cure="use next_cursor of the page before, unchanged"
    )
