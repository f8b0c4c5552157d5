"""Makes the rounds of the watch and of the courier, in every process, one of each at a time."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from service.alerts.round import AlertRound
from service.ledger.courier import Courier
from service.ledger.watch import Watch
from service.logs import LOGGER
from triage.errors import JiesuError
from triage.rules.calendar import ZONE

if TYPE_CHECKING:
    from service.ledger.pace import Pace
    from service.wiring import Parts

Work = Callable[[datetime], Awaitable[object]]

_LOG = logging.getLogger(LOGGER)
_LEASE_S = 60.0
_GRACE_S = 5.0


class Scheduler:
    """Runs rounds in the loop of the app.

    Parameters
    ----------
    watch : Watch
    courier : Courier
    period_s : float
        Seconds between rounds.
    more : sequence of Work
        Other rounds, which know themselves when it is time.
    """

    def __init__(
        self, watch: Watch, courier: Courier, *, period_s: float, more: Sequence[Work] = ()
    ) -> None:
        self._watch = watch
        self._period_s = period_s
        self._jobs: Any = None
        self._rounds: tuple[Work, ...] = (watch.tick, courier.deliver, *more)
        self._busy = tuple(asyncio.Lock() for _ in self._rounds)

    def start(self) -> None:
        """Begin, with the first rounds at once."""
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        self._jobs = AsyncIOScheduler(timezone=ZONE)
        for work, busy in zip(self._rounds, self._busy, strict=True):
            # After a pause one round is made, not all that were left out.
            self._jobs.add_job(
                self._round,
                "interval",
                args=(work, busy),
                seconds=self._period_s,
                next_run_time=datetime.now(ZONE),
                coalesce=True,
                max_instances=2,  # one that finds another at work ends at once
                misfire_grace_time=None,
            )
        self._jobs.start()

    async def stop(self) -> None:
        """Begin no more rounds, let those that run come to their end, give up the lease."""
        self._jobs.remove_all_jobs()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                for busy in self._busy:
                    await busy.acquire()
        self._jobs.shutdown(wait=False)
        with suppress(JiesuError):
            await self._watch.leave()

    async def _round(self, work: Work, busy: asyncio.Lock) -> None:
        if busy.locked():
            return
        async with busy:
            try:
                await work(datetime.now(UTC))
            except JiesuError as exc:
                _LOG.error("round not made", extra={"facts": {"why": exc.message}})
            except Exception:  # noqa: BLE001 - the next round comes, whatever befell this one
                _LOG.exception("round broken off")


def scheduler_of(parts: Parts, pace: Pace) -> Scheduler:
    """Give what watches the ledger of an app."""
    settings = parts.settings
    watch = Watch(
        parts.database,
        parts.writer,
        pace=pace,
        gauges=parts.meters.ledger,
        holder=secrets.token_hex(8),
        lease_s=max(_LEASE_S, 3 * settings.watch_s),
        reconsider=parts.ledger.reconsider,
    )
    courier = Courier(
        parts.database,
        parts.writer,
        parts.privacy,
        tries=pace.webhooks,
        private=settings.webhook_private,
    )
    surges = AlertRound(
        parts.database,
        parts.writer,
        parts.finder,
        at=pace.alerts_at,
        registry=parts.meters.registry,
    )
    more = (parts.drift.tick, parts.shadow.tick, surges.tick)
    return Scheduler(watch, courier, period_s=settings.watch_s, more=more)
