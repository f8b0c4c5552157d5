"""Tickets of the ledger: stored once, found, changed with care, listed by cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, literal, select, tuple_, update
from sqlalchemy.orm import Session

from service.store.columns import Moment
from service.store.cursor import Place, cursor_of, place_of
from service.store.database import Database
from service.store.errors import ChangedMeanwhile, UnknownTicket
from service.store.records import (
    SETTLED,
    ComplaintRecord,
    Filters,
    Page,
    Standing,
)
from service.store.sql import changed, table_of, values_of
from service.store.tables import Complaint
from triage.records import Context

_T = table_of(Complaint)
_OWN = (
    *("id", "ticket_id", "masked_text", "received_at", "created_at", "updated_at"),
    *("customer_ref", "erased_at", "version"),
)
# The customer's key is never kept; what a ticket has besides is kept under the same names.
CONTEXT = tuple(
    f.name for f in fields(Context) if f.name not in {"ticket_id", "received_at", "customer_key"}
)
_STANDING = tuple(f.name for f in fields(Standing))
_SHOWN = select(*(_T.c[name] for name in (*_OWN, *CONTEXT, *_STANDING)))
# Made once: to build a statement takes longer than to run it.
_ONE = _SHOWN.where(_T.c.ticket_id == bindparam("ticket_id"))
_EVER = datetime(1, 1, 1, tzinfo=UTC)
_EQUAL = tuple(
    f.name for f in fields(Filters) if f.name not in {"overdue_at", "received_from", "received_to"}
)


def find(session: Session, ticket_id: str) -> ComplaintRecord | None:
    """Give a ticket, or None."""
    row = session.execute(_ONE, {"ticket_id": ticket_id}).one_or_none()
    return _record(row) if row else None


def get(session: Session, ticket_id: str) -> ComplaintRecord:
    """Give a ticket.

    Raises
    ------
    UnknownTicket
        When there is none.
    """
    found = find(session, ticket_id)
    if found is None:
        raise UnknownTicket("no ticket has this identifier", cure="look for it in the ledger")
    return found


def by_id(session: Session, complaint_id: int) -> ComplaintRecord:
    """Give a ticket by its number."""
    return _record(session.execute(_SHOWN.where(_T.c.id == complaint_id)).one())


def by_ids(session: Session, complaint_ids: Sequence[int]) -> dict[int, ComplaintRecord]:
    """Give several tickets, by their numbers."""
    rows = session.execute(_SHOWN.where(_T.c.id.in_(complaint_ids)))
    return {row.id: _record(row) for row in rows}


def stand(
    session: Session,
    complaint_id: int,
    standing: Standing,
    now: datetime,
    *,
    expected: int | None = None,
    context: Mapping[str, Any] | None = None,
) -> None:
    """Change how a ticket stands, and facts of its context (transfers, days open) with it.

    Raises
    ------
    ChangedMeanwhile
        When its version is not the `expected` one.
    """
    unknown = set(context or {}) - set(CONTEXT)
    if unknown:
        raise ValueError(f"not facts of a context that is kept: {sorted(unknown)}")
    values = standing_values(standing) | dict(context or {})
    values["looked_at"] = looked(standing, now)
    statement = update(_T).where(_T.c.id == complaint_id)
    if expected is not None:
        statement = statement.where(_T.c.version == expected)
    statement = statement.values(**values, updated_at=now, version=_T.c.version + 1)
    if not changed(session, statement):
        raise ChangedMeanwhile(
            "the ticket was changed by somebody else meanwhile", cure="read it again, then repeat"
        )


def page(session: Session, filters: Filters, *, cursor: str | None = None, limit: int = 50) -> Page:
    """Give tickets, newest first.

    Raises
    ------
    InvalidInput
        When the cursor is not one that was given.
    """
    statement = _SHOWN.where(*conditions(filters))
    if cursor is not None:
        place = place_of(cursor)
        after = tuple_(literal(place.at, Moment()), literal(place.id))
        statement = statement.where(tuple_(_T.c.received_at, _T.c.id) < after)
    statement = statement.order_by(_T.c.received_at.desc(), _T.c.id.desc()).limit(limit + 1)
    items = [_record(row) for row in session.execute(statement)]
    if len(items) <= limit:
        return Page(items, None)
    last = items[limit - 1]
    return Page(items[:limit], cursor_of(Place(last.received_at, last.id)))


def walk(database: Database, some: Callable[..., Page]) -> Iterator[ComplaintRecord]:
    """Give the tickets of all pages; no connection is held while the caller works.

    `some` gives one page: of a session, and the cursor of where the page before ended.
    """
    cursor = None
    while True:
        with database.read() as session:
            found = some(session, cursor=cursor)
        yield from found.items
        cursor = found.next_cursor
        if cursor is None:
            return


def every(database: Database, filters: Filters, *, size: int = 1000) -> Iterator[ComplaintRecord]:
    """Give all chosen tickets, newest first; see `walk`."""
    return walk(database, partial(page, filters=filters, limit=size))


def count(session: Session, filters: Filters) -> int:
    """Count the chosen tickets."""
    statement = select(func.count()).select_from(_T).where(*conditions(filters))
    return int(session.execute(statement).scalar_one())


def unsettled(session: Session) -> dict[tuple[str, str | None], int]:
    """Count the tickets about which something is to be done, by state and band."""
    by = (_T.c.state, _T.c.band)  # below "not NULL", so said that SQLite takes the index
    statement = select(*by, func.count()).where(_T.c.looked_at >= _EVER).group_by(*by)
    return {(state, band): number for state, band, number in session.execute(statement)}


def long_unseen(session: Session, before: datetime, *, limit: int) -> list[tuple[int, str]]:
    """Give unsettled tickets, number and identifier, not looked at since a moment."""
    found = select(_T.c.id, _T.c.ticket_id).where(_T.c.looked_at <= before)
    rows = session.execute(found.order_by(_T.c.looked_at, _T.c.id).limit(limit))
    return [(row.id, row.ticket_id) for row in rows]


def seen(session: Session, complaint_ids: Sequence[int], now: datetime) -> None:
    """Note that unsettled tickets were looked at."""
    theirs = (_T.c.id.in_(complaint_ids), _T.c.looked_at.is_not(None))
    session.execute(update(_T).where(*theirs).values(looked_at=now))


def counts(session: Session, by: str) -> dict[str | None, int]:
    """Count the tickets by one of the columns that can be filtered (`state`, `band` ...)."""
    if by not in _EQUAL:
        raise ValueError(f"tickets are not counted by {by}")
    statement = select(_T.c[by], func.count()).group_by(_T.c[by])
    return {value: number for value, number in session.execute(statement)}  # noqa: C416 - typed


def looked(standing: Standing, now: datetime) -> datetime | None:
    """Give when a ticket was last looked at; None for one about which nothing is to be done."""
    return None if standing.state in SETTLED else now


def conditions(filters: Filters) -> Iterator[ColumnElement[bool]]:
    """Say which tickets are chosen."""
    for name in _EQUAL:
        value = getattr(filters, name)
        if value is not None:
            yield _T.c[name] == value
    if filters.overdue_at is not None:
        # NULL is not before anything; said once more for the index of those that are due.
        yield and_(_T.c.next_due.is_not(None), _T.c.next_due < filters.overdue_at)
    if filters.received_from is not None:
        yield _T.c.received_at >= filters.received_from
    if filters.received_to is not None:
        yield _T.c.received_at < filters.received_to


def standing_values(standing: Standing) -> dict[str, Any]:
    """Give how a ticket stands as columns."""
    return {**values_of(standing), "flags": list(standing.flags)}


def _record(row: Row[Any]) -> ComplaintRecord:
    own, rest = row[: len(_OWN)], row[len(_OWN) :]
    context = dict(zip(CONTEXT, rest, strict=False))
    standing = dict(zip(_STANDING, rest[len(CONTEXT) :], strict=True))
    standing["flags"] = tuple(standing["flags"])
    known_of = dict(zip(_OWN, own, strict=True))
    return ComplaintRecord(
        **known_of,
        context=Context(
            ticket_id=known_of["ticket_id"], received_at=known_of["received_at"], **context
        ),
        standing=Standing(**standing),
    )
