"""Watches the ledger: reminds of duties, marks what was missed, assesses again, clears away.

A round is a function of the moment it is made at. Of many processes one makes it, the one that
holds the lease; what was due while none ran is done in the first round after.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from anyio import to_thread

from service.gauges import Figures, Gauges
from service.ledger.notices import Kind, post
from service.ledger.nudges import OVERDUE, Step, latest, next_at, steps
from service.ledger.pace import Pace
from service.logs import LOGGER
from service.store import audit, complaints, duties, leases, raw, webhooks
from service.store.database import Database, Session
from service.store.errors import StoreBusy, StoreUnavailable
from service.store.records import DutyRecord, DutyState
from service.store.records_service import Actor
from service.store.writer import Writer
from triage.errors import NotReady

Reconsider = Callable[[str, str, datetime], Awaitable[object]]
"""Assesses a ticket again: its identifier, the reason, the moment."""

LEASE = "watch"
ACTOR = Actor("watch", "service")
_LOG = logging.getLogger(LOGGER)
_BATCH = 200
_BATCHES = 50
_PURGED = 1000
_FIGURES_EVERY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did; `held` is False where another process has the lease."""

    held: bool
    reminded: int = 0
    missed: int = 0
    reassessed: int = 0
    purged: int = 0


class Watch:
    """Makes the rounds.

    Parameters
    ----------
    database : Database
    writer : Writer
    pace : Pace
    gauges : Gauges
    holder : str
        Who this is, for the lease; another for each process.
    lease_s : float
        Seconds after which another process takes over from one that fell silent.
    reconsider : Reconsider, optional
        Without it no ticket is assessed again.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        *,
        pace: Pace,
        gauges: Gauges,
        holder: str,
        lease_s: float,
        reconsider: Reconsider | None = None,
    ) -> None:
        self._database = database
        self._writer = writer
        self._pace = pace
        self._gauges = gauges
        self._holder = holder
        self._lease_s = lease_s
        self._reconsider = reconsider
        self._purged_at: datetime | None = None
        self._counted_at: datetime | None = None

    async def tick(self, now: datetime) -> Round:
        """Make a round.

        Raises
        ------
        StoreUnavailable, StoreBusy
            When the database cannot be used; the next round does what this one did not.
        """
        self._gauges.waiting(self._writer.waiting)
        told = await self._remind(now)
        if told is None:
            return Round(held=False)
        reassessed = await self._reassess(now)
        purged = await self._purge(now)
        await self._count(now)
        self._gauges.watched(now)
        return Round(True, *told, reassessed, purged)

    async def leave(self) -> None:
        """Give up the lease, so that another process need not wait until it ends."""
        await self._writer.write(lambda session: leases.release(session, LEASE, self._holder))

    def _mine(self, session: Session, now: datetime) -> bool:
        return leases.acquire(session, LEASE, self._holder, now=now, seconds=self._lease_s)

    async def _remind(self, now: datetime) -> tuple[int, int] | None:
        reminded = missed = 0
        for _ in range(_BATCHES):
            done = await self._writer.write(partial(self._remind_some, now=now))
            if done is None:
                return None
            looked, more, late = done
            reminded, missed = reminded + more, missed + late
            if looked < _BATCH:
                break
        return reminded, missed

    def _remind_some(self, session: Session, now: datetime) -> tuple[int, int, int] | None:
        """Look at some duties; give how many, of how many somebody was told, how many were missed.

        The lease is asked for in the same transaction: nobody else looks at them meanwhile.
        """
        if not self._mine(session, now):
            return None
        found = duties.waiting(session, now, limit=_BATCH)
        plans = [steps(duty, self._pace) for duty in found]
        again = {d.id: next_at(plan, now) for d, plan in zip(found, plans, strict=True)}
        duties.look_again(session, again)
        told = [self._look(session, *each, now) for each in zip(found, plans, strict=True)]
        missed = sum(level == OVERDUE for level in told)
        return len(found), sum(level is not None for level in told), missed

    def _look(
        self, session: Session, duty: DutyRecord, plan: list[Step], now: datetime
    ) -> str | None:
        step = latest(plan, now)
        if step is None or not duties.nudge(session, duty.id, step.level):
            return None
        late = step.level == OVERDUE
        facts = {"code": duty.code, "rule": duty.rule, "due_at": duty.due_at, "level": step.level}
        if late:
            duties.settle(session, duty.id, DutyState.MISSED, now)
            data = {"code": duty.code, "rule": duty.rule}
            audit.note(session, ACTOR, "duty.missed", at=now, ticket_id=duty.ticket_id, data=data)
        kind = Kind.DUTY_OVERDUE if late else Kind.DUTY_DUE
        post(session, kind, ticket_id=duty.ticket_id, facts=facts, now=now)
        return step.level

    async def _reassess(self, now: datetime) -> int:
        if self._reconsider is None:
            return 0
        before, limit = now - self._pace.reassess.after, self._pace.reassess.at_once
        found = await to_thread.run_sync(
            self._database.ask, lambda s: complaints.long_unseen(s, before, limit=limit)
        )
        if not found:
            return 0
        done, seen = 0, []
        for ident, ticket_id in found:
            try:
                await self._reconsider(ticket_id, "time", now)
                done += 1
            except (NotReady, StoreBusy, StoreUnavailable):
                break  # it is nobody's turn now
            except Exception:  # noqa: BLE001 - one ticket must not keep the others from their turn
                _LOG.exception("not assessed again")
            seen.append(ident)
        await self._writer.write(lambda session: complaints.seen(session, seen, now))
        return done

    async def _purge(self, now: datetime) -> int:
        every = timedelta(minutes=self._pace.purge.every_minutes)
        if self._purged_at is not None and now - self._purged_at < every:
            return 0
        before = now - timedelta(days=self._pace.purge.keep_sent_days)
        gone = await self._writer.write(lambda session: raw.purge(session, ACTOR, now=now))
        for _ in range(_BATCHES):
            some = await self._writer.write(
                lambda session: webhooks.purge(session, before, limit=_PURGED)
            )
            gone += some
            if some < _PURGED:
                break
        self._purged_at = now
        return gone

    async def _count(self, now: datetime) -> None:
        if self._counted_at is not None and now - self._counted_at < _FIGURES_EVERY:
            return

        def work(session: Session) -> Figures:
            unsettled = complaints.unsettled(session)
            return Figures(unsettled, duties.overdue(session, now), webhooks.counts(session))

        self._gauges.refresh(await to_thread.run_sync(self._database.ask, work))
        self._counted_at = now
