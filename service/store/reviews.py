"""Whose turn a ticket is: claims that end by themselves, and what became of its review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from service.store.records_review import ReviewRecord, ReviewState
from service.store.sql import add_if_new, changed, table_of, values_of
from service.store.tables_review import Review

_T = table_of(Review)
_SHOWN = select(*(_T.c[f.name] for f in fields(ReviewRecord)))


def get(session: Session, complaint_id: int) -> ReviewRecord:
    """Give how a ticket stands in review."""
    row = session.execute(_SHOWN.where(_T.c.complaint_id == complaint_id)).one_or_none()
    return record_of(row) if row else ReviewRecord(complaint_id)


def many(session: Session, complaint_ids: Sequence[int]) -> dict[int, ReviewRecord]:
    """Give how several tickets stand; those that nobody touched are left out."""
    rows = session.execute(_SHOWN.where(_T.c.complaint_id.in_(complaint_ids)))
    return {row.complaint_id: record_of(row) for row in rows}


def claim(session: Session, complaint_id: int, who: str, *, now: datetime, until: datetime) -> bool:
    """Take a ticket, or hold it longer; False while somebody else holds it."""
    add_if_new(session, _T, values_of(ReviewRecord(complaint_id)), "complaint_id", give="state")
    free = _T.c.claimed_until.is_(None) | (_T.c.claimed_until <= now) | (_T.c.claimed_by == who)
    taken = update(_T).where(_T.c.complaint_id == complaint_id, free)
    return changed(session, taken.values(claimed_by=who, claimed_until=until)) == 1


def release(session: Session, complaint_id: int, who: str) -> bool:
    """Give up a ticket; False when one does not hold it."""
    held = (_T.c.complaint_id == complaint_id, _T.c.claimed_by == who)
    return changed(session, update(_T).where(*held).values(claimed_by=None, claimed_until=None)) > 0


def settle(
    session: Session,
    complaint_id: int,
    state: ReviewState,
    *,
    who: str | None,
    at: datetime | None,
) -> None:
    """Say how the review of a ticket stands and who read it last; its claim ends."""
    values: dict[str, Any] = {"state": state, "last_who": who, "reviewed_at": at}
    values |= {"claimed_by": None, "claimed_until": None}
    session.execute(update(_T).where(_T.c.complaint_id == complaint_id).values(values))


def record_of(row: Row[Any]) -> ReviewRecord:
    """Make the record of a row that has its columns."""
    facts = {f.name: getattr(row, f.name) for f in fields(ReviewRecord)}
    return ReviewRecord(**facts | {"state": ReviewState(facts["state"])})
