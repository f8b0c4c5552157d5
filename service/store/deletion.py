"""Erasure by customer: words and links to the person go, counts and decisions stay.

What stays of a ticket: its times, states, line, bands, product, unit, duties and who did what, so
that figures stay true. What goes: narratives (masked and raw), everything quoted from them, the
customer's hash, sketches, free text of events and verdicts, messages to webhooks, the quotations of
risk alerts that rest on the ticket, and all that searches found. A decision about an erased ticket
can no longer be replayed, which is the meaning of erasing it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, or_, select, update
from sqlalchemy.orm import Session

from service.store import alerts, audit, raw, searches
from service.store.database import Database
from service.store.records_service import Actor, DeliveryState
from service.store.sql import table_of
from service.store.tables import Assessment, Complaint, Event, Repeat, RepeatKey, Verdict
from service.store.tables_service import Delivery

TOMBSTONE = "[已删除]"
_C = table_of(Complaint)
# Facts that say nothing of a person; every other text inside a record is blanked.
_CODES = frozenset(
    {"code", "line", "subline", "secondary", "nature", "band", "kind", "level", "state", "channel"}
    | {"model_version", "policy_version", "rules_version", "abstain_reason", "outcome", "effect"}
    | {"line_set", "calibration_version"}
    | {"rule", "id", "basis", "due_at", "received_at", "flags", "concepts", "product", "unit"}
    | {"status", "measures", "root_cause", "on", "act", "station", "to_level", "to_unit"}
    | {"accountable", "departments"}
)
_OF_THE_PERSON = ("customer_ref", "customer_segment", "amount_cny", "sketch")


def erase_customer(
    session: Session, customer_ref: str, actor: Actor, *, now: datetime
) -> list[str]:
    """Erase what is known of a customer; give the identifiers of his tickets.

    Noted once, with counts, and without what stood for the customer.
    """
    statement = select(_C.c.id, _C.c.ticket_id).where(_C.c.customer_ref == customer_ref)
    tickets = {row.id: row.ticket_id for row in session.execute(statement)}
    narratives = erase_tickets(session, tickets, actor, now=now)
    counted = {"tickets": len(tickets), "raw_narratives": narratives}
    audit.note(session, actor, "customer.erased", at=now, data=counted)
    return list(tickets.values())


def erase_tickets(
    session: Session, tickets: Mapping[int, str], actor: Actor, *, now: datetime
) -> int:
    """Erase tickets (number -> identifier); give how many narratives as submitted were kept."""
    narratives = 0
    searches.forget(session)
    for some in _chunks(list(tickets)):
        narratives += raw.erase(session, some, actor, now=now)
        _erase_words(session, some, now)
        _erase_repeats(session, some)
        _erase_messages(session, [tickets[ident] for ident in some])
        alerts.forget(session, [tickets[ident] for ident in some], TOMBSTONE)
        for kind, columns in (
            (Assessment, ("context", "answer", "history", "ruling")),
            (Event, ("data",)),
            (Verdict, ("corrections",)),
        ):
            _blank(session, table_of(kind), columns, some)
    return narratives


def overwrite(database: Database) -> None:
    """SQLite: also overwrite what the log of changes still holds; after the commit."""
    if database.is_sqlite:
        with database.migrating() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def blanked(value: Any, key: str | None = None) -> Any:
    """Give a record without its texts, but for codes."""
    if isinstance(value, Mapping):
        return {name: blanked(inner, name) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [blanked(inner, key) for inner in value]
    if isinstance(value, str) and key not in _CODES:
        return ""
    return value


def _erase_words(session: Session, complaint_ids: Sequence[int], now: datetime) -> None:
    values: dict[str, Any] = dict.fromkeys(_OF_THE_PERSON)
    values |= {"masked_text": TOMBSTONE, "body_hash": "", "erased_at": now, "updated_at": now}
    values["version"] = _C.c.version + 1
    session.execute(update(_C).where(_C.c.id.in_(complaint_ids)).values(values))
    for kind, name in ((Event, "text"), (Verdict, "note")):
        table = table_of(kind)
        chosen = (table.c.complaint_id.in_(complaint_ids), table.c[name].is_not(None))
        session.execute(update(table).where(*chosen).values({name: TOMBSTONE}))


def _erase_repeats(session: Session, complaint_ids: Sequence[int]) -> None:
    keys, links = table_of(RepeatKey), table_of(Repeat)
    session.execute(delete(keys).where(keys.c.complaint_id.in_(complaint_ids)))
    ends = or_(links.c.complaint_id.in_(complaint_ids), links.c.other_id.in_(complaint_ids))
    session.execute(delete(links).where(ends))


def _erase_messages(session: Session, ticket_ids: Sequence[str]) -> None:
    table = table_of(Delivery)
    theirs = table.c.ticket_id.in_(ticket_ids)
    session.execute(update(table).where(theirs).values(payload={}))
    waiting = (theirs, table.c.state == DeliveryState.PENDING)
    given_up = {"state": DeliveryState.DEAD, "last_error": "the ticket was erased"}
    session.execute(update(table).where(*waiting).values(given_up))


def _blank(
    session: Session, table: Table, columns: Sequence[str], complaint_ids: Sequence[int]
) -> None:
    statement = select(table.c.id, *(table.c[name] for name in columns))
    for row in session.execute(statement.where(table.c.complaint_id.in_(complaint_ids))).all():
        values = {name: blanked(row._mapping[name]) for name in columns}
        session.execute(update(table).where(table.c.id == row.id).values(values))


def _chunks(idents: list[int], size: int = 500) -> Iterator[list[int]]:
    for start in range(0, len(idents), size):
        yield idents[start : start + size]
