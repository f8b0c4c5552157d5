"""Decision records: every assessment of every ticket, kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from service.store.records import Decision, Facts, NewDecision
from service.store.sql import add as add_row
from service.store.sql import add_many as add_rows
from service.store.sql import table_of, values_of
from service.store.tables import Assessment

_T = table_of(Assessment)
_SHOWN = select(*(_T.c[f.name] for f in fields(Decision)))


def add(session: Session, decision: NewDecision) -> int:
    """Keep a decision; give its number.

    Without the masked text, which stands with the ticket, and without the customer's key.
    """
    return add_row(session, _T, _values(decision))


def add_many(session: Session, decisions: Sequence[NewDecision]) -> None:
    """Keep several decisions."""
    add_rows(session, _T, [_values(decision) for decision in decisions])


def _values(decision: NewDecision) -> dict[str, Any]:
    values = values_of(decision)
    values["answer"] = {k: v for k, v in decision.answer.items() if k != "masked_text"}
    values["context"] = {k: v for k, v in decision.context.items() if k != "customer_key"}
    return values


def get(session: Session, decision_id: int) -> Decision | None:
    """Give a decision."""
    row = session.execute(_SHOWN.where(_T.c.id == decision_id)).one_or_none()
    return _record(row) if row else None


def answers(session: Session, decision_ids: Sequence[int]) -> dict[int, Facts]:
    """Give what several decisions say, by their numbers."""
    statement = select(_T.c.id, _T.c.answer).where(_T.c.id.in_(decision_ids))
    return {row.id: row.answer for row in session.execute(statement)}


def latest(session: Session, complaint_id: int) -> Decision | None:
    """Give the latest decision on a ticket."""
    statement = _SHOWN.where(_T.c.complaint_id == complaint_id).order_by(_T.c.id.desc()).limit(1)
    row = session.execute(statement).one_or_none()
    return _record(row) if row else None


def of(session: Session, complaint_id: int) -> list[Decision]:
    """Give the decisions on a ticket, oldest first."""
    statement = _SHOWN.where(_T.c.complaint_id == complaint_id).order_by(_T.c.id)
    return [_record(row) for row in session.execute(statement)]


def _record(row: Row[Any]) -> Decision:
    return Decision(**row._mapping)
