"""Tables of challengers that work in the shadow: which, and what they said beside the champion."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from service.store.columns import Base, Ident, Json, Number


class Shadow(Base):
    """A challenger from its start to its end.

    `model` is where it lies, `through` the last decision it was asked about, `why` what ended it,
    `trouble` what kept it from its work the last time, `report` the last comparison.
    """

    __tablename__ = "shadows"

    id: Mapped[Ident]
    version: Mapped[str]
    model: Mapped[str]
    started_at: Mapped[datetime]
    started_by: Mapped[str]
    through: Mapped[Number]
    stopped_at: Mapped[datetime | None]
    stopped_by: Mapped[str | None]
    why: Mapped[str | None]
    trouble: Mapped[str | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(Json())


class ShadowAnswer(Base):
    """What champion and challenger said of one ticket as it came in: codes and numbers alone.

    `line` is None where none was given, `best` the line that was the most probable. Of one that
    `failed` the challenger's side is empty.
    """

    __tablename__ = "shadow_answers"

    id: Mapped[Ident]
    shadow_id: Mapped[Number] = mapped_column(ForeignKey("shadows.id"), index=True)
    assessment_id: Mapped[Number] = mapped_column(ForeignKey("assessments.id", ondelete="CASCADE"))
    champion: Mapped[str]
    champion_line: Mapped[str | None]
    champion_best: Mapped[str | None]
    champion_band: Mapped[str | None]
    champion_risk: Mapped[float | None]
    failed: Mapped[bool] = mapped_column(server_default=false())
    line: Mapped[str | None]
    best: Mapped[str | None]
    band: Mapped[str | None]
    risk: Mapped[float | None]

    # With the decision in front: a ticket that is removed takes these along.
    __table_args__ = (UniqueConstraint("assessment_id", "shadow_id"),)
