"""What alerts read of the ledger: the tickets of a period, and what tells that one changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.reporting import within
from service.store.sql import table_of
from service.store.tables import Assessment, Complaint, Repeat

_C = table_of(Complaint)
_A = table_of(Assessment)
_R = table_of(Repeat)
_PIECE = 2_000
Mark = tuple[int, int, datetime | None]


@dataclass(frozen=True, slots=True)
class SeenRow:
    """A ticket as alerts count it."""

    id: int
    ticket_id: str
    received_at: datetime
    line: str | None
    subline: str | None
    abstained: bool
    product: str | None
    unit: str | None
    channel: str | None
    customer_ref: str | None
    group_size: int | None
    amount_cny: float | None
    masked_text: str
    updated_at: datetime
    version: int


class Sum(NamedTuple):
    """What differs as soon as a ticket of a period does: how many, their numbers and versions."""

    tickets: int
    numbers: int
    versions: int


def mark(session: Session) -> Mark:
    """Give what differs as soon as a ticket of the ledger does."""
    # Each by itself: so each is read from an index, and no ticket is.
    asked = func.count(), func.coalesce(func.max(_C.c.id), 0), func.max(_C.c.updated_at)
    told = (select(each).select_from(_C).scalar_subquery() for each in asked)
    count, newest, changed = session.execute(select(*told)).one()
    return int(count), int(newest), changed


def newest(session: Session) -> datetime | None:
    """Give the moment of the last receipt."""
    found: datetime | None = session.execute(select(func.max(_C.c.received_at))).scalar_one()
    return found


def seen(
    session: Session, since: datetime, until: datetime, *, changed: datetime | None = None
) -> Iterator[SeenRow]:
    """Give what alerts count of those tickets, oldest first, with their masked narratives.

    With `changed` only those that changed from that moment on.
    """
    chosen = within(since, until)
    if changed is not None:
        # By numbers: a range of receipts would be read from its first ticket to its last.
        lately = select(_C.c.id).where(_C.c.updated_at >= changed)
        chosen = (*chosen, _C.c.id.in_(lately))
    statement = select(*(_C.c[f.name] for f in fields(SeenRow)))
    ordered = statement.where(*chosen).order_by(_C.c.received_at, _C.c.id)
    for row in session.execute(ordered):
        yield SeenRow(*row)


def total(session: Session, since: datetime, until: datetime) -> Sum:
    """Sum up those tickets."""
    sums = (func.coalesce(func.sum(column), 0) for column in (_C.c.id, _C.c.version))
    row = session.execute(select(func.count(), *sums).where(*within(since, until))).one()
    return Sum(*(int(each) for each in row))


def erased(session: Session, ticket_ids: Sequence[str]) -> list[str]:
    """Give those of some tickets that were erased."""
    found: list[str] = []
    for start in range(0, len(ticket_ids), _PIECE):
        some = _C.c.ticket_id.in_(ticket_ids[start : start + _PIECE])
        chosen = select(_C.c.ticket_id).where(some, _C.c.erased_at.is_not(None))
        found += session.execute(chosen).scalars()
    return found


def links(session: Session, since: datetime, until: datetime) -> Iterator[tuple[int, int, str]]:
    """Give each of those tickets that repeats an earlier one, the earlier one, and how it does."""
    statement = select(_R.c.complaint_id, _R.c.other_id, _R.c.kind)
    mine = statement.join(_C, _C.c.id == _R.c.complaint_id).where(*within(since, until))
    for row in session.execute(mine.order_by(_R.c.id)):
        yield row.complaint_id, row.other_id, row.kind


def first_signals(
    session: Session, complaint_ids: Sequence[int]
) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Give the signals of the first assessment of some tickets, with their places and words."""
    for start in range(0, len(complaint_ids), _PIECE):
        some = complaint_ids[start : start + _PIECE]
        first = select(func.min(_A.c.id)).where(_A.c.complaint_id.in_(some))
        chosen = _A.c.id.in_(first.group_by(_A.c.complaint_id))
        for row in session.execute(select(_A.c.complaint_id, _A.c.answer).where(chosen)):
            yield row.complaint_id, row.answer.get("signals") or []
