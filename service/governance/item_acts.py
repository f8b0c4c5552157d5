"""What people do with items, each step one work of the writer and in the audit log."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from service.governance.items_schemas import ItemIn
from service.store import alerts, audit, complaints, items
from service.store.database import Session
from service.store.records_governance import ItemRecord, NewItem
from service.store.records_service import Actor
from triage.errors import InvalidInput
from triage.rules.calendar import local
from triage.taxonomy import load_taxonomy


def item_from(sent: ItemIn, data: Path) -> NewItem:
    """Read an item as it was sent; its title is masked.

    Raises
    ------
    InvalidInput
        When its line is not one of the taxonomy.
    """
    if sent.line is not None:
        known = load_taxonomy(data / "taxonomy.yaml").line_codes
        if sent.line not in known:
            raise InvalidInput("line is not known", cure=f"use one of {', '.join(known)}")
    told = sent.model_dump() | {
        "title": _masked(sent.title),
        "tickets": tuple(dict.fromkeys(sent.tickets)),
    }
    return NewItem(**told)


def open_item(session: Session, new: NewItem, actor: Actor, now: datetime) -> ItemRecord:
    """Open an item.

    Raises
    ------
    UnknownAlert, UnknownTicket
        When the ledger does not have what the item is about.
    """
    if new.alert_id is not None:
        alerts.get(session, new.alert_id)
    for ticket_id in new.tickets:
        complaints.get(session, ticket_id)
    ident = items.add(session, new, who=actor.who, now=now)
    audit.note(session, actor, "item.opened", at=now, data={"item": ident})
    return items.get(session, ident)


def close_item(
    session: Session, item_id: int, evidence: str, actor: Actor, now: datetime
) -> ItemRecord:
    """Close an open item with what shows that it was done; that is masked.

    Raises
    ------
    UnknownItem, WrongState
    """
    items.close(session, item_id, evidence=_masked(evidence), who=actor.who, now=now)
    audit.note(session, actor, "item.closed", at=now, data={"item": item_id})
    return items.get(session, item_id)


def today(now: datetime) -> str:
    """Give the day in Shanghai as days of items are kept."""
    return local(now).date().isoformat()


def _masked(text: str) -> str:
    from service.ledger.later import masked

    return masked(text)
