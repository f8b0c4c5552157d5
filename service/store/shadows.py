"""Challengers in the shadow: started, stopped, and what they said beside the champion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.store import audit
from service.store.records import Facts
from service.store.records_service import Actor
from service.store.sql import add as add_row
from service.store.sql import add_many, table_of, values_of
from service.store.tables import Assessment, Complaint
from service.store.tables_shadow import Shadow, ShadowAnswer

_A = table_of(Assessment)
_C = table_of(Complaint)
_S = table_of(Shadow)
_T = table_of(ShadowAnswer)
# Compared is what was said of a ticket when it came in: once of each, by both of the same text.
_INTAKE = "intake"


@dataclass(frozen=True, slots=True)
class ShadowRecord:
    """A challenger; see `tables_shadow.Shadow`. It runs until `stopped_at` is set."""

    id: int
    version: str
    model: str
    started_at: datetime
    started_by: str
    through: int
    stopped_at: datetime | None
    stopped_by: str | None
    why: str | None
    trouble: str | None
    report: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A decision that the challenger was not asked about yet, with the text it was made from."""

    assessment_id: int
    text: str
    context: Facts
    champion: str
    answer: Facts
    ruling: Facts


@dataclass(frozen=True, slots=True)
class Said:
    """What one model said; `line` is None where it gave none, `best` the most probable one."""

    line: str | None
    best: str | None
    band: str | None
    risk: float | None


@dataclass(frozen=True, slots=True)
class Pair:
    """What both said of one ticket; `challenger` is None where it failed."""

    ticket_id: str
    customer_ref: str | None
    received_at: datetime
    champion_version: str
    champion: Said
    challenger: Said | None


@dataclass(frozen=True, slots=True)
class Answered:
    """What is kept of a ticket."""

    assessment_id: int
    champion_version: str
    champion: Said
    challenger: Said | None


_SHOWN = select(*(_S.c[f.name] for f in fields(ShadowRecord)))


def running(session: Session) -> ShadowRecord | None:
    """Give the challenger that works in the shadow, if there is one."""
    found = last(session)
    return None if found is None or found.stopped_at is not None else found


def last(session: Session) -> ShadowRecord | None:
    """Give the challenger that was started last, running or not."""
    row = session.execute(_SHOWN.order_by(_S.c.id.desc()).limit(1)).one_or_none()
    return ShadowRecord(**row._mapping) if row else None


def start(session: Session, version: str, model: str, actor: Actor, *, at: datetime) -> int:
    """Start a challenger with the tickets that come in from now on; give its number."""
    through = session.execute(select(func.coalesce(func.max(_A.c.id), 0))).scalar_one()
    values = {"version": version, "model": model, "started_at": at, "started_by": actor.who}
    ident = add_row(session, _S, values | {"through": through})
    audit.note(session, actor, "shadow.started", at=at, data={"version": version})
    return ident


def stop(session: Session, shadow: ShadowRecord, actor: Actor, *, at: datetime, why: str) -> None:
    """Stop a challenger; what it said is kept."""
    values = {"stopped_at": at, "stopped_by": actor.who, "why": why}
    session.execute(update(_S).where(_S.c.id == shadow.id).values(values))
    told = {"version": shadow.version, "why": why}
    audit.note(session, actor, "shadow.stopped", at=at, data=told)


def waiting(
    session: Session, shadow: ShadowRecord, *, before: datetime, limit: int
) -> list[Waiting]:
    """Give decisions made `before` a moment that the challenger was not asked about, oldest first.

    What is erased is not read any more.
    """
    shown = select(_A.c.id, _A.c.context, _A.c.model_version, _A.c.answer, _A.c.ruling)
    statement = _later(shown.add_columns(_C.c.masked_text), shadow).where(_A.c.at <= before)
    rows = session.execute(statement.order_by(_A.c.id).limit(limit))
    return [
        Waiting(r.id, r.masked_text, r.context, r.model_version, r.answer, r.ruling) for r in rows
    ]


def behind(session: Session, shadow: ShadowRecord) -> int:
    """Count the tickets that the challenger was not asked about yet."""
    return int(session.execute(_later(select(func.count()), shadow)).scalar_one())


def keep(session: Session, ident: int, answers: Sequence[Answered]) -> None:
    """Keep what was said of some tickets, oldest first; they do not wait any more."""
    rows = [_values(ident, one) for one in answers]
    add_many(session, _T, rows, "assessment_id", "shadow_id")
    done = {"through": answers[-1].assessment_id, "trouble": None}
    session.execute(update(_S).where(_S.c.id == ident).values(done))


def trouble(session: Session, ident: int, message: str) -> None:
    """Note what keeps a challenger from its work."""
    session.execute(update(_S).where(_S.c.id == ident).values(trouble=message))


def reported(session: Session, ident: int, report: Facts) -> None:
    """Keep the last comparison."""
    session.execute(update(_S).where(_S.c.id == ident).values(report=dict(report)))


def pairs(session: Session, ident: int, *, limit: int) -> Iterator[Pair]:
    """Give what both said of tickets, newest first."""
    joined = _T.join(_A, _A.c.id == _T.c.assessment_id).join(_C, _C.c.id == _A.c.complaint_id)
    shown = select(_T, _C.c.ticket_id, _C.c.customer_ref, _C.c.received_at).select_from(joined)
    statement = shown.where(_T.c.shadow_id == ident).order_by(_T.c.id.desc()).limit(limit)
    for row in session.execute(statement, execution_options={"yield_per": 1000}):
        yield Pair(
            ticket_id=row.ticket_id,
            customer_ref=row.customer_ref,
            received_at=row.received_at,
            champion_version=row.champion,
            champion=Said(
                row.champion_line, row.champion_best, row.champion_band, row.champion_risk
            ),
            challenger=None if row.failed else Said(row.line, row.best, row.band, row.risk),
        )


def _later(statement: Any, shadow: ShadowRecord) -> Any:
    joined = statement.select_from(_A.join(_C, _C.c.id == _A.c.complaint_id))
    new = (_A.c.id > shadow.through, _A.c.reason == _INTAKE)
    return joined.where(*new, _C.c.erased_at.is_(None))


def _values(ident: int, one: Answered) -> dict[str, Any]:
    said = one.challenger or Said(None, None, None, None)
    before = {f"champion_{name}": value for name, value in values_of(one.champion).items()}
    return {
        "shadow_id": ident,
        "assessment_id": one.assessment_id,
        "champion": one.champion_version,
        "failed": one.challenger is None,
        **before,
        **values_of(said),
    }
