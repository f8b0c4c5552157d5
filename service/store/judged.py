"""The last assessments that people reviewed, with what they said of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.sql import table_of
from service.store.tables import Assessment, Verdict

_A = table_of(Assessment)
_V = table_of(Verdict)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An assessment and the last verdict on its ticket; `line` is None where it abstained."""

    at: datetime
    kind: str
    corrections: Mapping[str, Any]
    model_version: str
    line: str | None
    probability: float | None
    risk: float | None


def last(session: Session, *, limit: int) -> list[Reviewed]:
    """Give the last reviewed assessments, newest first; of a ticket its last verdict alone."""
    holding = _V.c.undone_at.is_(None)
    newest = (
        select(func.max(_V.c.id).label("id"))
        .where(holding)
        .group_by(_V.c.complaint_id)
        .order_by(func.max(_V.c.id).desc())
        .limit(limit)
        .subquery()
    )
    shown = select(_V.c.at, _V.c.kind, _V.c.corrections, _A.c.model_version, _A.c.answer)
    joined = _V.join(newest, newest.c.id == _V.c.id).join(_A, _A.c.id == _V.c.assessment_id)
    rows = session.execute(shown.select_from(joined).order_by(_V.c.id.desc()))
    return [_reviewed(row) for row in rows]


def _reviewed(row: Any) -> Reviewed:
    answer = row.answer
    return Reviewed(
        at=row.at,
        kind=row.kind,
        corrections=row.corrections,
        model_version=row.model_version,
        line=answer.get("line"),
        probability=answer.get("probability"),
        risk=(answer.get("escalation") or {}).get("probability"),
    )
