"""Looks for surges once a day, in one of many processes, and proposes what is new as alerts."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING

from anyio import to_thread
from prometheus_client import CollectorRegistry

from service.gauges import last_seen
from service.store import alerts, leases, seen
from service.store.database import Database, Session
from service.store.writer import Writer
from triage.rules.calendar import ZONE, local

if TYPE_CHECKING:
    from service.alerts.finding import Finder, Findings

LEASE = "alerts"
_DAY = timedelta(days=1)
_AGAIN = timedelta(hours=1)
_FIRST = timedelta(minutes=5)
_COUNT_EVERY = timedelta(seconds=30)


class AlertRound:
    """Makes the look.

    Whoever holds the lease looks, and when it is done holds it until the next day's look: so a day
    has one, however many processes there are and however often they start anew.

    Parameters
    ----------
    database : Database
    writer : Writer
    finder : Finder
        The one that answers callers: they find what was searched already.
    at : time or None
        From when on a day's look is made, in Asia/Shanghai; None: never.
    registry : CollectorRegistry
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        finder: Finder,
        *,
        at: time | None,
        registry: CollectorRegistry,
    ) -> None:
        self._database = database
        self._writer = writer
        self._finder = finder
        self._at = at
        self._holder = secrets.token_hex(8)
        self._next: datetime | None = None
        self._counted_at: datetime | None = None
        self._open = last_seen(
            registry, "jiesu_proposed_alerts", "Proposed alerts of which nobody has decided"
        )
        self._looked = last_seen(
            registry, "jiesu_alerts_last_look_timestamp_seconds", "Last daily look for surges"
        )

    async def tick(self, now: datetime) -> bool:
        """Look, if it is time and nobody else does; tell whether it was done."""
        await self._count(now)
        if self._at is None or (self._next is not None and now < self._next):
            return False
        if await to_thread.run_sync(self._database.ask, seen.newest) is None:
            return False
        tomorrow = next_at(now, self._at)
        # Who looked yesterday is let go first: where all is searched here, most of it was already.
        self._next = now + _AGAIN if tomorrow - now > _AGAIN else tomorrow + _FIRST
        take = partial(self._take, now=now, until=now + _AGAIN)
        if not await self._writer.write(take):
            return False
        found = await to_thread.run_sync(self._finder.events, local(now).date() - _DAY)
        keep = partial(self._keep, found=found, now=now, until=tomorrow)
        if not await self._writer.write(keep):
            self._next = None  # somebody was erased meanwhile
            return False
        self._next = tomorrow
        self._looked.set(now.timestamp())
        self._counted_at = None
        await self._count(now)
        return True

    def _take(self, session: Session, now: datetime, until: datetime) -> bool:
        seconds = (until - now).total_seconds()
        return leases.acquire(session, LEASE, self._holder, now=now, seconds=seconds)

    def _keep(
        self, session: Session, found: list[Findings], now: datetime, until: datetime
    ) -> bool:
        from service.alerts.proposing import outdated, propose

        # Who looked for longer than the lease lasts may not be alone any more.
        if outdated(session, found) or not self._take(session, now, until):
            return False
        propose(session, found, now, same=self._finder.rules.settings.story.same)
        return True

    async def _count(self, now: datetime) -> None:
        if self._counted_at is None or now - self._counted_at >= _COUNT_EVERY:
            self._open.set(await to_thread.run_sync(self._database.ask, alerts.proposed))
            self._counted_at = now


def next_at(now: datetime, at: time) -> datetime:
    """Give the first moment after `now` at which a time of day comes in Asia/Shanghai."""
    day: date = local(now).date()
    today = datetime.combine(day, at, ZONE)
    return today if today > now else today + _DAY
