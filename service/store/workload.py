"""How much comes in, and which risk cuts off so much of it that people can read the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.sql import table_of
from service.store.tables import Complaint

_C = table_of(Complaint)
WINDOW = timedelta(days=30)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Intake:
    """What came in lately: how many tickets in how many days (at least one, not whole)."""

    tickets: int
    days: float

    @property
    def per_day(self) -> float:
        """Tickets a day."""
        return self.tickets / self.days


def intake(session: Session, now: datetime) -> Intake:
    """Count what came in within 30 days, or since the first ticket if that is later."""
    recent = (_C.c.received_at > now - WINDOW, _C.c.received_at <= now)
    first = func.min(_C.c.received_at).label("first")
    row = session.execute(select(func.count().label("number"), first).where(*recent)).one()
    span = max(_DAY, now - row.first) if row.number else _DAY
    return Intake(int(row.number), span / _DAY)


def least_risk(session: Session, now: datetime, *, top: int, known: Intake) -> float | None:
    """Give the risk that on average `top` tickets a day of the last 30 days reached.

    None where fewer came in: then no ticket is left out.
    """
    place = round(top * known.days)
    if place >= known.tickets:
        return None
    recent = (_C.c.received_at > now - WINDOW, _C.c.received_at <= now, _C.c.risk.is_not(None))
    found = select(_C.c.risk).where(*recent).order_by(_C.c.risk.desc())
    risk: float | None = session.execute(found.limit(1).offset(place - 1)).scalar()
    return risk
