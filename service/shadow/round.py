"""The challenger's round: what came in since the last one is assessed once more, behind everybody.

Of many processes one makes it, the one that holds the lease. Callers wait for nothing here: texts
and answers are those of the ledger, and the challenger works in a process of its own.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from anyio import to_thread
from prometheus_client import CollectorRegistry, Counter

from service.gauges import last_seen
from service.logs import LOGGER
from service.models import find_model
from service.serving import ModelHolder
from service.settings import Settings
from service.shadow.acts import PROMOTED, SERVICE
from service.shadow.aside import Aside, Asked, Works
from service.store import leases, shadows
from service.store.database import Database, Session
from service.store.shadows import Answered, Said, ShadowRecord, Waiting
from service.store.writer import Writer
from triage.errors import JiesuError

T = TypeVar("T")
LEASE = "shadow"
_LOG = logging.getLogger(LOGGER)
_LEASE_S = 120.0
_BATCH = 64
_BATCHES = 10
# Of several processes that write to PostgreSQL one may commit a little after the next.
_SETTLED = timedelta(seconds=5)
_AGAIN = timedelta(minutes=5)
_REPORT_EVERY = timedelta(minutes=15)


class ShadowRound:
    """Looks whether a challenger is to work, and lets it.

    Parameters
    ----------
    database : Database
    writer : Writer
    models : ModelHolder
        Where the champion is.
    settings : Settings
    registry : CollectorRegistry
    aside : Works, optional
        What works; a process of its own when left out.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        models: ModelHolder,
        *,
        settings: Settings,
        registry: CollectorRegistry,
        aside: Works | None = None,
    ) -> None:
        self._database = database
        self._writer = writer
        self._models = models
        self._settings = settings
        self._holder = secrets.token_hex(8)
        self._aside: Works = aside or Aside()
        self._paused_until: datetime | None = None
        self._reported_at: datetime | None = None
        self._compared_some = False
        self._closing = False
        self._gauges = _Gauges(registry)

    async def tick(self, now: datetime) -> int:
        """Let the challenger answer what waits; give how many tickets it was asked about."""
        shadow = await self._ask(shadows.running)
        if shadow is None or not await self._mine(now):
            self._rest()
            return 0
        if self._paused_until is not None and now < self._paused_until:
            return 0
        if shadow.version == self._champion():
            await self._end(shadow, now)
            return 0
        try:
            done = await self._catch_up(shadow, now)
            self._gauges.waiting(await self._ask(_behind))
            await self._report(shadow, now, some=done > 0)
        except JiesuError as exc:
            if not self._closing:
                await self._pause(shadow, now, exc.message)
            return 0
        return done

    def close(self) -> None:
        """End the work, if there is any, for good."""
        self._closing = True
        self._aside.close()

    async def _catch_up(self, shadow: ShadowRecord, now: datetime) -> int:
        done = 0
        for _ in range(_BATCHES):
            # Through is read anew: what was kept does not wait any more.
            current = await self._ask(shadows.running)
            if current is None or current.id != shadow.id or not await self._mine(now):
                break
            wanted = partial(shadows.waiting, shadow=current, before=now - _SETTLED, limit=_BATCH)
            some = await self._ask(wanted)
            if not some:
                break
            answers = await to_thread.run_sync(self._answered, current, some)
            await self._writer.write(partial(shadows.keep, ident=shadow.id, answers=answers))
            self._gauges.answered(answers)
            done += len(some)
        return done

    def _answered(self, shadow: ShadowRecord, some: Sequence[Waiting]) -> list[Answered]:
        folder = find_model(shadow.model, self._settings)
        asked: list[Asked] = [(one.text, one.context) for one in some]
        found = self._aside.assess(folder, asked)
        return [
            Answered(one.assessment_id, one.champion, champion_said(one), said)
            for one, said in zip(some, found, strict=True)
        ]

    async def _report(self, shadow: ShadowRecord, now: datetime, *, some: bool) -> None:
        # The first tickets are shown at once.
        due = self._reported_at is None or now - self._reported_at >= _REPORT_EVERY
        if not due and (self._compared_some or not some):
            return
        self._reported_at = now
        body = await to_thread.run_sync(self._compared, shadow.id)
        await self._writer.write(partial(shadows.reported, ident=shadow.id, report=body))
        self._compared_some = body["tickets"] > 0
        self._gauges.show(body)

    def _compared(self, ident: int) -> dict[str, Any]:
        url = self._database.url.render_as_string(hide_password=False)
        return self._aside.compare(url, self._settings.data, ident)

    async def _end(self, shadow: ShadowRecord, now: datetime) -> None:
        """Stop what serves by now: a champion is nobody's challenger."""
        await self._writer.write(
            partial(shadows.stop, shadow=shadow, actor=SERVICE, at=now, why=PROMOTED)
        )
        _LOG.info("shadow ended", extra={"facts": {"version": shadow.version, "why": PROMOTED}})
        self._rest()

    async def _pause(self, shadow: ShadowRecord, now: datetime, message: str) -> None:
        self._paused_until = now + _AGAIN
        self._gauges.troubled()
        _LOG.error("shadow rests", extra={"facts": {"version": shadow.version, "why": message}})
        await self._writer.write(partial(shadows.trouble, ident=shadow.id, message=message))

    def _rest(self) -> None:
        self._aside.close()
        self._paused_until = self._reported_at = None
        self._compared_some = False

    def _champion(self) -> str | None:
        try:
            return self._models.loaded.engine.version
        except JiesuError:  # none serves: there is nothing to stand beside
            return None

    async def _mine(self, now: datetime) -> bool:
        take = partial(leases.acquire, name=LEASE, holder=self._holder, now=now, seconds=_LEASE_S)
        return await self._writer.write(take)

    async def _ask(self, work: Callable[[Session], T]) -> T:
        return await to_thread.run_sync(self._database.ask, work)


def _behind(session: Session) -> int:
    current = shadows.running(session)
    return 0 if current is None else shadows.behind(session, current)


def champion_said(one: Waiting) -> Said:
    """Take what is compared from the decision of the champion."""
    answer = one.answer
    others = answer["alternatives"]
    kept = one.ruling.get("held") or (others[0] if others else {})
    best = answer["line"] or kept.get("line")
    risk = answer["escalation"]
    return Said(answer["line"], best, risk["band"], risk["probability"])


class _Gauges:
    """The figures for Prometheus; of several processes the last one to write has it right."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._asked = Counter(
            "jiesu_shadow_tickets",
            "Tickets that a challenger was asked about",
            ("result",),
            registry=registry,
        )
        self._pauses = Counter(
            "jiesu_shadow_pauses", "Rounds that a challenger broke off", registry=registry
        )
        self._agreement = last_seen(
            registry, "jiesu_shadow_agreement_ratio", "Tickets on which both say the same", "view"
        )
        self._behind = last_seen(
            registry, "jiesu_shadow_waiting_tickets", "Tickets that wait for the challenger"
        )

    def answered(self, answers: Sequence[Answered]) -> None:
        """Count what was asked."""
        failed = sum(one.challenger is None for one in answers)
        self._asked.labels("answered").inc(len(answers) - failed)
        self._asked.labels("failed").inc(failed)

    def waiting(self, tickets: int) -> None:
        """Say how many tickets wait."""
        self._behind.set(tickets)

    def troubled(self) -> None:
        """Count a round that was broken off."""
        self._pauses.inc()

    def show(self, report: dict[str, Any]) -> None:
        """Take the figures of a comparison."""
        for view, share in report["agreement"].items():
            if share is not None:
                self._agreement.labels(view).set(share["value"])
