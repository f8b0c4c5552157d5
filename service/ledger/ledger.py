"""The ledger: tickets are taken in, and what happens to them later is recorded.

Every change of a ticket is one work of the writer. Reading and judging come before it, and what
they were made from is looked at again inside the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

from anyio import to_thread

from service.ledger.gathering import Gatherer
from service.ledger.orders import Happening, Order, Recorded, Taken
from service.metrics import Meters
from service.serving import Assessor, ModelHolder
from service.store.database import Database
from service.store.errors import ChangedMeanwhile
from service.store.privacy import Privacy, Vault
from service.store.records import Outcome
from service.store.records_service import Actor
from service.store.writer import Writer
from triage.rules.calendar import local

if TYPE_CHECKING:
    from service.ledger.intake import Intake, Prepared
    from service.ledger.reread import Reread

T = TypeVar("T")
# Of two who change a ticket at once one has to look again.
_TRIES = 5
# Tickets in one work: they share statements, and hold up the others no longer than that takes.
_TOGETHER = 32
Sent = tuple[Order, Actor]


def wall_clock() -> datetime:
    """Give the moment."""
    return datetime.now(UTC)


class Ledger:
    """The ledger of one app.

    Parameters
    ----------
    database : Database
    writer : Writer
    models : ModelHolder
    privacy : Privacy
    vault : Vault
    meters : Meters
    raw_days : int
        Days for which narratives are kept as submitted; 0 keeps none.
    inline_bytes_max : int
        A ticket of at most this many bytes is assessed at once, anything larger in a thread.
    clock : callable
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        models: ModelHolder,
        privacy: Privacy,
        *,
        vault: Vault,
        meters: Meters,
        raw_days: int = 0,
        inline_bytes_max: int = 2_500,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._database = database
        self._writer = writer
        self._models = models
        self._privacy = privacy
        self._vault = vault
        self._meters = meters
        self._raw_days = raw_days
        self._inline_bytes_max = inline_bytes_max
        self.clock = clock
        self._gather: Gatherer[Sent, Taken] = Gatherer(self._take_some)

    @cached_property
    def intake(self) -> Intake:
        """What intake needs; models and `data/repeats.yaml` are read when it is first used."""
        from service.ledger.intake import Intake
        from triage.repeats.settings import load_settings

        return Intake(self._privacy, self._vault, self._raw_days, load_settings())

    def now(self) -> datetime:
        """Give the moment, in Asia/Shanghai."""
        return local(self.clock())

    async def take(self, orders: Sequence[Order], actor: Actor) -> list[Taken | BaseException]:
        """Take tickets in: each is stored once, whatever happens to the others.

        Returns
        -------
        list of Taken or an exception, as long as `orders` and in their order
            A ticket that could not be stored has its error in its place.
        """
        sent = [(order, actor) for order in orders]
        if len(sent) == 1 and orders[0].size <= self._inline_bytes_max:
            return [await self._gather(sent[0])]
        limit = self._models.threads
        return await self._store(
            sent, await to_thread.run_sync(self._prepared, orders, limiter=limit)
        )

    async def _take_some(self, sent: Sequence[Sent]) -> list[Taken | BaseException]:
        return await self._store(sent, self._prepared([order for order, _ in sent]))

    def _prepared(self, orders: Sequence[Order]) -> list[Prepared | BaseException]:
        try:
            return [*self.intake.prepare(orders, self._models.loaded.engine, self.now())]
        except Exception as exc:  # noqa: BLE001 - the caller is told
            if len(orders) == 1:
                return [exc]
            # One of them is at fault: it must not take its neighbours along.
            return [self._prepared([order])[0] for order in orders]

    async def _store(
        self, sent: Sequence[Sent], prepared: Sequence[Prepared | BaseException]
    ) -> list[Taken | BaseException]:
        good = [
            (new, actor)
            for new, (_, actor) in zip(prepared, sent, strict=True)
            if not isinstance(new, BaseException)
        ]
        parts = [good[start : start + _TOGETHER] for start in range(0, len(good), _TOGETHER)]
        # Handed in before anything is waited for, so that they share commits, in their order.
        stored = await asyncio.gather(*map(self._write, parts))
        taken = iter([each for part in stored for each in part])
        results = [new if isinstance(new, BaseException) else next(taken) for new in prepared]
        for new, result in zip(prepared, results, strict=True):
            if isinstance(result, Taken) and not isinstance(new, BaseException):
                self._meters.taken(result.outcome)
                if result.outcome is Outcome.NEW:
                    self._meters.assessed([new.assessment])
        return results

    async def _write(self, some: Sequence[tuple[Prepared, Actor]]) -> list[Taken | BaseException]:
        try:
            return [*await self._writer.write(partial(self.intake.store_many, news=some))]
        except Exception as exc:  # noqa: BLE001 - the caller is told
            if len(some) == 1:
                return [exc]
            return [(await self._write([one]))[0] for one in some]

    async def record(self, ticket_id: str, happening: Happening, actor: Actor) -> Recorded:
        """Record what happened to a ticket: what the customer wrote is assessed with the rest.

        Raises
        ------
        UnknownTicket, TicketErased, EventConflict, EventRefused, InvalidInput
        """
        recorded = await self._again(partial(self._record, ticket_id, happening, actor))
        if recorded.new:
            self._meters.recorded(happening.kind)
        return recorded

    async def _record(self, ticket_id: str, happening: Happening, actor: Actor) -> Recorded:
        from service.ledger.later import masked, record
        from service.ledger.refusals import refuse_moment

        now, engine = self.now(), self._models.loaded.engine
        refuse_moment(happening.at or now, now)
        reading = None
        if happening.text is not None:
            message = masked(happening.text)
            reading = await self._reread(ticket_id, engine, now=now, message=message)
        work = partial(
            record,
            ticket_id=ticket_id,
            happening=happening,
            actor=actor,
            now=now,
            rulebook=engine.rulebook,
            reread=reading,
            vault=self._vault,
            raw_days=self._raw_days,
        )
        return await self._writer.write(work)

    async def reconsider(self, ticket_id: str, reason: str, now: datetime) -> bool:
        """Assess a ticket again as it is now; say whether that changed anything.

        What did not change is not recorded again.

        Raises
        ------
        UnknownTicket, TicketErased
        """
        return await self._again(partial(self._reconsider, ticket_id, reason, now))

    async def _reconsider(self, ticket_id: str, reason: str, now: datetime) -> bool:
        from service.ledger.later import reconsider

        engine = self._models.loaded.engine
        reading = await self._reread(ticket_id, engine, now=local(now))
        work = partial(
            reconsider,
            ticket_id=ticket_id,
            reason=reason,
            now=local(now),
            rulebook=engine.rulebook,
            reread=reading,
        )
        return await self._writer.write(work)

    async def _reread(
        self, ticket_id: str, engine: Assessor, *, now: datetime, message: str | None = None
    ) -> Reread:
        from service.ledger.reread import reread

        work = partial(reread, ticket_id=ticket_id, engine=engine, now=now, message=message)
        limit = self._models.threads
        reading = await to_thread.run_sync(self._database.ask, work, limiter=limit)
        self._meters.assessed([reading.assessment])
        return reading

    async def _again(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try anew what somebody else came between."""
        for _ in range(_TRIES - 1):
            with suppress(ChangedMeanwhile):
                return await attempt()
        return await attempt()
