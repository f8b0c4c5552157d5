"""A watch with its own writer on a database, and tickets with duties for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from store_fixtures import stored

from service.gauges import Gauges
from service.ledger.notices import Kind
from service.ledger.pace import Pace, load_pace
from service.ledger.watch import Reconsider, Round, Watch
from service.store import duties, webhooks
from service.store.database import Database
from service.store.records import DutyRecord, NewDuty
from service.store.records_service import DeliveryRecord, DeliveryState
from service.store.writer import Writer
from triage.rules.calendar import ZONE

PACE: Pace = load_pace()
LEASE_S = 60


def china(*parts: int) -> datetime:
    """A moment in Asia/Shanghai."""
    return datetime(*parts, tzinfo=ZONE)  # type: ignore[misc,arg-type]


class Watcher:
    """A process that watches."""

    def __init__(self, database: Database, writer: Writer, holder: str, **options: Any) -> None:
        self.registry = CollectorRegistry()
        self.watch = Watch(
            database,
            writer,
            pace=options.pop("pace", PACE),
            gauges=Gauges(self.registry),
            holder=holder,
            lease_s=LEASE_S,
            **options,
        )

    def tick(self, now: datetime) -> Round:
        return asyncio.run(self.watch.tick(now))

    def figures(self) -> str:
        return generate_latest(self.registry).decode()


@contextmanager
def watching(
    database: Database,
    holder: str = "one",
    reconsider: Reconsider | None = None,
    pace: Pace = PACE,
) -> Iterator[Watcher]:
    """Run a watcher; the end is one of a process that is killed: nothing is given up."""
    writer = Writer(database)
    writer.start()
    try:
        yield Watcher(database, writer, holder, reconsider=reconsider, pace=pace)
    finally:
        writer.stop()


def owe(
    database: Database,
    due_at: datetime | None,
    *,
    opened_at: datetime,
    alarms: tuple[datetime, ...] = (),
    ticket_id: str = "T-1",
    **standing: Any,
) -> int:
    """Store a ticket that owes one duty; give the ticket's number."""

    def work(session: Any) -> int:
        ident = stored(session, ticket_id, **standing)
        duty = NewDuty("reply", "R-SLA-1", "art. 23", due_at, alarms)
        duties.put(session, ident, [duty], opened_at)
        return ident

    return database.change(work)


def duty_of(database: Database, ident: int) -> DutyRecord:
    """The one duty of a ticket."""
    (duty,) = database.ask(lambda s: duties.of(s, ident))
    return duty


def subscribe(database: Database, url: str = "https://bank.example/", secret: bytes = b"-") -> int:
    """Have an address told of everything."""
    now = china(2026, 1, 1)
    return database.change(
        lambda s: webhooks.add(s, url=url, kinds=tuple(Kind), secret=secret, now=now, label="")
    )


def outbox(
    database: Database, state: DeliveryState = DeliveryState.PENDING
) -> list[DeliveryRecord]:
    """What waits to be sent, oldest first."""
    return database.ask(lambda s: webhooks.deliveries(s, state))[::-1]


def told(database: Database) -> list[tuple[str, str]]:
    """Kind and level of what waits to be sent, oldest first."""
    return [(one.kind, one.payload["data"]["level"]) for one in outbox(database)]
