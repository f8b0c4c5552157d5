"""Tables of the desk's other pages: files that were read into the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from service.store.columns import Base, Ident


class Import(Base):
    """A file of tickets: looked at, then taken in, perhaps taken back.

    `sealed` holds the file, encrypted, until it is taken in, dropped, or `until` is over.
    """

    __tablename__ = "imports"

    id: Mapped[Ident]
    at: Mapped[datetime]
    who: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    until: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]

    __table_args__ = (Index(None, "state", "until"),)
