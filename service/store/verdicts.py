"""What reviewers say of assessments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.store.records_review import VerdictRecord
from service.store.sql import add as add_row
from service.store.sql import table_of, values_of
from service.store.tables import Verdict

_T = table_of(Verdict)
_SHOWN = select(*(_T.c[f.name] for f in fields(VerdictRecord)))


def add(session: Session, verdict: VerdictRecord) -> int:
    """Keep a verdict (its `id` is not looked at); give its number. The note must be masked."""
    values = values_of(verdict)
    del values["id"]
    return add_row(session, _T, values)


def of(session: Session, complaint_id: int) -> list[VerdictRecord]:
    """Give the verdicts on a ticket, oldest first."""
    statement = _SHOWN.where(_T.c.complaint_id == complaint_id).order_by(_T.c.id)
    return [VerdictRecord(**row._mapping) for row in session.execute(statement)]


def every(session: Session, *, after: int = 0) -> Iterator[VerdictRecord]:
    """Give all verdicts later than `after`, oldest first."""
    statement = _SHOWN.where(_T.c.id > after).order_by(_T.c.id)
    for row in session.execute(statement, execution_options={"yield_per": 1000}):
        yield VerdictRecord(**row._mapping)


def read_twice(session: Session, *, since: datetime) -> list[VerdictRecord]:
    """Give what was said of tickets that were read by two, ticket by ticket, oldest first."""
    twice = select(_T.c.complaint_id).where(_T.c.second, _T.c.undone_at.is_(None), _T.c.at >= since)
    kept = _SHOWN.where(_T.c.complaint_id.in_(twice), _T.c.undone_at.is_(None))
    rows = session.execute(kept.order_by(_T.c.complaint_id, _T.c.id))
    return [VerdictRecord(**row._mapping) for row in rows]


def undo(session: Session, verdict_id: int, now: datetime) -> None:
    """Take a verdict back; it stays, and counts no more."""
    session.execute(update(_T).where(_T.c.id == verdict_id).values(undone_at=now))


def count_of(session: Session, who: str, *, since: datetime) -> int:
    """Count what a reviewer said since a moment and did not take back."""
    chosen = (_T.c.who == who, _T.c.at >= since, _T.c.undone_at.is_(None))
    return int(session.execute(select(func.count()).select_from(_T).where(*chosen)).scalar_one())
