"""Webhooks and their outbox: a message is stored with what it tells of, and sent later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, literal_column, select, update
from sqlalchemy.orm import Session

from service.store.records import Facts
from service.store.records_service import DeliveryRecord, DeliveryState, WebhookRecord
from service.store.sql import add as add_row
from service.store.sql import add_if_new, changed, table_of
from service.store.tables_service import Delivery, Webhook

_W = table_of(Webhook)
_D = table_of(Delivery)
_HOOK = select(*(_W.c[f.name] for f in fields(WebhookRecord)))
# Made once: to build a statement takes longer than to run it.
_EVER = _HOOK.order_by(_W.c.id)
_LIVE = _EVER.where(_W.c.stopped_at.is_(None))
_ASKED = select(_W.c.id, _W.c.kinds).where(_W.c.stopped_at.is_(None)).order_by(_W.c.id)
_SHOWN = select(*(_D.c[f.name] for f in fields(DeliveryRecord)))
# Written out: for a value that comes with the call SQLite does not take a partial index.
_PENDING = _D.c.state == literal_column(f"'{DeliveryState.PENDING.value}'")
_ERROR_CHARS = 200


def add(
    session: Session, *, url: str, kinds: Sequence[str], secret: bytes, now: datetime, label: str
) -> int:
    """Keep an address to be told of events of these kinds; `secret` comes encrypted."""
    values = {"url": url, "kinds": list(kinds), "secret": secret, "label": label}
    return add_row(session, _W, {**values, "created_at": now, "stopped_at": None})


def hooks(session: Session, *, stopped: bool = False) -> list[WebhookRecord]:
    """Give the webhooks that are told, and with `stopped` those that were."""
    return [_hook(row) for row in session.execute(_EVER if stopped else _LIVE)]


def stop(session: Session, webhook_id: int, now: datetime) -> bool:
    """Tell a webhook no more; what still waits for it is given up."""
    live = (_W.c.id == webhook_id, _W.c.stopped_at.is_(None))
    stopped = changed(session, update(_W).where(*live).values(stopped_at=now)) == 1
    waiting = (_D.c.webhook_id == webhook_id, _D.c.state == DeliveryState.PENDING)
    given_up = {"state": DeliveryState.DEAD, "last_error": "the webhook was stopped"}
    session.execute(update(_D).where(*waiting).values(given_up))
    return stopped


def asked(session: Session, kind: str) -> list[int]:
    """Give the numbers of the webhooks that are told of a kind."""
    return [ident for ident, kinds in session.execute(_ASKED) if kind in kinds]


def enqueue(
    session: Session,
    *,
    kind: str,
    message_id: str,
    payload: Facts,
    now: datetime,
    ticket_id: str | None = None,
) -> int:
    """Put a message into the outbox of every webhook that asked for its kind; give how many.

    A message with the same `message_id` is put there once.
    """
    told = 0
    values: dict[str, Any] = {"kind": kind, "message_id": message_id, "ticket_id": ticket_id}
    values |= {"payload": dict(payload), "state": DeliveryState.PENDING, "attempts": 0}
    values |= {"created_at": now, "next_try_at": now, "sent_at": None, "last_error": None}
    for ident in asked(session, kind):
        row = {**values, "webhook_id": ident}
        told += add_if_new(session, _D, row, "webhook_id", "message_id") is not None
    return told


def claim(
    session: Session, *, now: datetime, hold_s: float, limit: int = 50
) -> list[DeliveryRecord]:
    """Give messages whose time has come, counted as tried; nobody else gets them for `hold_s`.

    A sender that falls silent loses nothing: after that time they are due again.
    """
    statement = (
        _SHOWN.where(_PENDING, _D.c.next_try_at <= now)
        .order_by(_D.c.next_try_at, _D.c.id)
        .limit(limit)
    )
    found = [_record(row) for row in session.execute(statement.with_for_update(skip_locked=True))]
    held = {"next_try_at": now + timedelta(seconds=hold_s), "attempts": _D.c.attempts + 1}
    session.execute(update(_D).where(_D.c.id.in_([one.id for one in found])).values(held))
    return found


def waiting(session: Session, now: datetime) -> bool:
    """Say whether the time of a message has come."""
    found = select(_D.c.id).where(_PENDING, _D.c.next_try_at <= now)
    return session.execute(found.order_by(_D.c.next_try_at).limit(1)).first() is not None


def sent(session: Session, delivery_id: int, now: datetime) -> None:
    """Note that a message arrived."""
    values = {"state": DeliveryState.SENT, "sent_at": now, "last_error": None}
    session.execute(update(_D).where(_D.c.id == delivery_id).values(values))


def failed(session: Session, delivery_id: int, *, error: str, again_at: datetime | None) -> None:
    """Note that a message did not arrive; without a time to try again it is dead."""
    values: dict[str, Any] = {"last_error": error[:_ERROR_CHARS]}
    values |= {"next_try_at": again_at} if again_at else {"state": DeliveryState.DEAD}
    session.execute(update(_D).where(_D.c.id == delivery_id).values(values))


def revive(session: Session, delivery_id: int, now: datetime) -> bool:
    """Send a dead message again; not to a webhook that was stopped."""
    values = {"state": DeliveryState.PENDING, "next_try_at": now, "attempts": 0}
    live = select(_W.c.id).where(_W.c.stopped_at.is_(None))
    dead = (_D.c.id == delivery_id, _D.c.state == DeliveryState.DEAD, _D.c.webhook_id.in_(live))
    return changed(session, update(_D).where(*dead).values(values)) == 1


def get(session: Session, delivery_id: int) -> DeliveryRecord | None:
    """Give a message by its number."""
    row = session.execute(_SHOWN.where(_D.c.id == delivery_id)).one_or_none()
    return _record(row) if row else None


def deliveries(
    session: Session, state: DeliveryState, *, before: int | None = None, limit: int = 100
) -> list[DeliveryRecord]:
    """Give messages in a state, newest first; `before` is the number of the last one had."""
    statement = _SHOWN.where(_D.c.state == state)
    if before is not None:
        statement = statement.where(_D.c.id < before)
    rows = session.execute(statement.order_by(_D.c.id.desc()).limit(limit))
    return [_record(row) for row in rows]


def counts(session: Session) -> dict[DeliveryState, int]:
    """Count the messages that wait, and those that are dead."""
    states = (DeliveryState.PENDING, DeliveryState.DEAD)
    statement = select(_D.c.state, func.count()).where(_D.c.state.in_(states))
    rows = session.execute(statement.group_by(_D.c.state))
    return dict.fromkeys(states, 0) | {DeliveryState(state): number for state, number in rows}


def purge(session: Session, before: datetime, *, limit: int = 1000) -> int:
    """Remove messages that arrived before a moment, the oldest ones; give how many."""
    arrived = select(_D.c.id).where(_D.c.state == DeliveryState.SENT).order_by(_D.c.id)
    oldest = (_D.c.id.in_(arrived.limit(limit)), _D.c.sent_at < before)
    return changed(session, delete(_D).where(*oldest))


def _hook(row: Row[Any]) -> WebhookRecord:
    facts = dict(row._mapping)
    return WebhookRecord(**facts | {"kinds": tuple(facts["kinds"])})


def _record(row: Row[Any]) -> DeliveryRecord:
    facts = dict(row._mapping)
    return DeliveryRecord(**facts | {"state": DeliveryState(facts["state"])})
