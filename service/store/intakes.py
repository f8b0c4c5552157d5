"""Tickets with what was said of them when they came in, and what reviewers said of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.orm import Session

from service.store.columns import Moment
from service.store.database import Database
from service.store.sql import table_of
from service.store.tables import Assessment, Complaint, Verdict

_A = table_of(Assessment)
_C = table_of(Complaint)
_V = table_of(Verdict)
_HELD = "held"


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said; of a line in shadow mode the record alone tells.

    `line` is the most probable one, `named` says whether it was given, `probability` is its;
    `calibration` is the version of a bank's own, if there was one.
    """

    model_version: str
    calibration: str | None
    line: str | None
    named: bool
    probability: float | None
    risk: float | None
    band: str | None

    @property
    def scorer(self) -> tuple[str, str | None]:
        """What it was said with; what another says cannot be compared with it."""
        return self.model_version, self.calibration


@dataclass(frozen=True, slots=True)
class Intake:
    """A ticket as it came in, and what was said then, whatever came later."""

    id: int
    ticket_id: str
    received_at: datetime
    masked_text: str
    customer_ref: str | None
    channel: str | None
    sketch: bytes | None
    said: Said


@dataclass(frozen=True, slots=True)
class Opinion:
    """The last verdict on a ticket, and what it was a verdict on."""

    kind: str
    agrees: bool
    corrections: Mapping[str, Any]
    said: Said


def every(
    database: Database, since: datetime, until: datetime, *, size: int = 1000
) -> Iterator[Intake]:
    """Give the tickets that were assessed and not erased, oldest first; see `complaints.walk`."""
    theirs = _A.alias()
    first = select(func.min(theirs.c.id)).where(theirs.c.complaint_id == _C.c.id).scalar_subquery()
    own = ("id", "ticket_id", "received_at", "masked_text", "customer_ref", "channel", "sketch")
    shown = (
        select(*(_C.c[name] for name in own), _A.c.model_version, _A.c.answer, _A.c.ruling)
        .join_from(_C, _A, _A.c.id == first)
        .where(_C.c.received_at >= since, _C.c.received_at < until, _C.c.erased_at.is_(None))
        .order_by(_C.c.received_at, _C.c.id)
        .limit(size)
    )
    statement = shown
    while True:
        with database.read() as session:
            rows = session.execute(statement).all()
        found = [
            Intake(**{name: getattr(row, name) for name in own}, said=_said(row)) for row in rows
        ]
        yield from found
        if len(found) < size:
            return
        after = tuple_(literal(found[-1].received_at, Moment()), literal(found[-1].id))
        statement = shown.where(tuple_(_C.c.received_at, _C.c.id) > after)


def newest(session: Session, until: datetime, number: int) -> datetime | None:
    """Tell when the so-manieth newest ticket of `every` came in; None where there are fewer."""
    assessed = select(_A.c.id).where(_A.c.complaint_id == _C.c.id).exists()
    shown = (
        select(_C.c.received_at)
        .where(_C.c.received_at < until, _C.c.erased_at.is_(None), assessed)
        .order_by(_C.c.received_at.desc())
        .offset(number - 1)
        .limit(1)
    )
    return session.execute(shown).scalar()


def opinions(session: Session, since: datetime) -> dict[int, Opinion]:
    """Give the last verdict, not taken back, on each ticket received since, by its number."""
    newest = (
        select(func.max(_V.c.id).label("id"))
        .join_from(_V, _C, _C.c.id == _V.c.complaint_id)
        .where(_V.c.undone_at.is_(None), _C.c.received_at >= since)
        .group_by(_V.c.complaint_id)
        .subquery()
    )
    shown = select(
        *(_V.c.complaint_id, _V.c.kind, _V.c.agrees, _V.c.corrections),
        *(_A.c.model_version, _A.c.answer, _A.c.ruling),
    )
    joined = _V.join(newest, newest.c.id == _V.c.id).join(_A, _A.c.id == _V.c.assessment_id)
    return {
        row.complaint_id: Opinion(row.kind, row.agrees, row.corrections, _said(row))
        for row in session.execute(shown.select_from(joined))
    }


def _said(row: Any) -> Said:
    answer, held = row.answer, row.ruling.get(_HELD) or {}
    others = answer.get("alternatives") or [{}]
    given = answer.get("line")
    risk = answer.get("escalation") or {}
    return Said(
        model_version=row.model_version,
        calibration=answer.get("calibration_version"),
        line=given or held.get("line") or others[0].get("line"),
        named=given is not None,
        probability=held.get("probability", answer.get("probability")),
        risk=risk.get("probability"),
        band=risk.get("band"),
    )
