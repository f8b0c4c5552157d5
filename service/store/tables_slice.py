"""The table of tickets that were drawn at random to be reviewed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.store.columns import BIG, Base


class AuditSlice(Base):
    """A ticket that chance sent to review, and the share that was drawn when it came in."""

    __tablename__ = "audit_slice"

    complaint_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("complaints.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    share: Mapped[float]
