"""New tickets of the ledger: stored once, several in few statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from service.store.complaints import CONTEXT, looked, standing_values
from service.store.errors import UnknownTicket
from service.store.records import Added, NewComplaint, Outcome
from service.store.repeats import add_keys
from service.store.sql import add_new, table_of
from service.store.tables import Complaint

_T = table_of(Complaint)
# Made once: to build a statement takes longer than to run it.
_HASH = select(_T.c.id, _T.c.body_hash).where(_T.c.ticket_id == bindparam("ticket_id"))


def known(session: Session, ticket_id: str, body_hash: str) -> Added | None:
    """Say whether a ticket is stored already, with this body or another; None when it is not."""
    row = session.execute(_HASH, {"ticket_id": ticket_id}).one_or_none()
    if row is None:
        return None
    return Added(Outcome.STORED if row.body_hash == body_hash else Outcome.CONFLICT, row.id)


def add(session: Session, new: NewComplaint, now: datetime) -> Added:
    """Store a ticket, if none has its identifier; of one that is stored nothing changes."""
    return add_many(session, [(new, now)])[0]


def add_many(session: Session, news: Sequence[tuple[NewComplaint, datetime]]) -> list[Added]:
    """Store tickets of different identifiers with the moments of it; see `add`."""
    idents = add_new(session, _T, [_new_values(new, now) for new, now in news], "ticket_id")
    add_keys(session, [(idents[n.ticket_id], n.bands) for n, _ in news if n.ticket_id in idents])
    return [
        Added(Outcome.NEW, idents[new.ticket_id])
        if new.ticket_id in idents
        else _stored(session, new)
        for new, _ in news
    ]


def _stored(session: Session, new: NewComplaint) -> Added:
    stored = known(session, new.ticket_id, new.body_hash)
    if stored is None:  # a conflict with nothing: cannot be while rows are never removed
        raise UnknownTicket(f"ticket {new.ticket_id!r} vanished", cure="ask again")
    return stored


def _new_values(new: NewComplaint, now: datetime) -> dict[str, Any]:
    context = {name: getattr(new.context, name) for name in CONTEXT}
    return {
        **context,
        **standing_values(new.standing),
        "ticket_id": new.ticket_id,
        "body_hash": new.body_hash,
        "masked_text": new.masked_text,
        "received_at": new.received_at,
        "created_at": now,
        "updated_at": now,
        "customer_ref": new.customer_ref,
        "sketch": new.sketch,
        "looked_at": looked(new.standing, now),
        "version": 1,
    }
