"""Tickets that were drawn at random to be reviewed, whatever they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.sql import add_if_new, table_of
from service.store.tables_slice import AuditSlice

_T = table_of(AuditSlice)
# Bytes of a hash that are taken for a number: a float holds it exactly.
_BYTES = 6


def is_drawn(body_hash: str, share: float) -> bool:
    """Say whether a ticket is drawn.

    Its keyed hash is as good as a throw of dice that nobody who hands tickets in can foresee, and
    the same ticket handed in again is drawn again.
    """
    thrown = int.from_bytes(sha256(body_hash.encode()).digest()[:_BYTES], "big")
    return thrown < share * float(256**_BYTES)


def add(session: Session, complaint_id: int, *, at: datetime, share: float) -> None:
    """Note that a ticket was drawn; once."""
    values = {"complaint_id": complaint_id, "at": at, "share": share}
    add_if_new(session, _T, values, "complaint_id", give="complaint_id")


def among(session: Session, complaint_ids: Sequence[int]) -> set[int]:
    """Give which of some tickets were drawn."""
    return set(
        session.scalars(select(_T.c.complaint_id).where(_T.c.complaint_id.in_(complaint_ids)))
    )


def every(session: Session) -> dict[int, float]:
    """Give the tickets that were drawn, with the share at that time."""
    rows = session.execute(select(_T.c.complaint_id, _T.c.share))
    return {row.complaint_id: row.share for row in rows}
