"""The ledger: tickets are taken in, and what happens to them later is recorded.

Every change of a ticket is one work of the writer. Reading and judging come before it, and what
they were made from is looked at again inside the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from anyio import to_thread

from service.ledger.gathering import Gatherer
from service.ledger.orders import Order, Taken
from service.metrics import Meters
from service.serving import ModelHolder
from service.store.database import Database
from service.store.privacy import Privacy, Vault
from service.store.records import Outcome
from service.store.records_service import Actor
from service.store.writer import Writer
from triage.rules.calendar import local

if TYPE_CHECKING:
    from service.ledger.intake import Intake, Prepared


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
        inline_bytes_max: int = 1_000,
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
        self._clock = clock
        self._gather: Gatherer[Order, Prepared] = Gatherer(self._prepare)

    @cached_property
    def intake(self) -> Intake:
        """What intake needs; models and `data/repeats.yaml` are read when it is first used."""
        from service.ledger.intake import Intake
        from triage.repeats.settings import load_settings

        return Intake(self._privacy, self._vault, self._raw_days, load_settings())

    def now(self) -> datetime:
        """Give the moment, in Asia/Shanghai."""
        return local(self._clock())

    async def take(self, orders: Sequence[Order], actor: Actor) -> list[Taken | BaseException]:
        """Take tickets in: each is stored once, whatever happens to the others.

        Returns
        -------
        list of Taken or an exception, as long as `orders` and in their order
            A ticket that could not be stored has its error in its place.
        """
        if len(orders) == 1 and orders[0].size <= self._inline_bytes_max:
            prepared = [await self._gather(orders[0])]
        else:
            limit = self._models.threads
            prepared = await to_thread.run_sync(self._prepare, orders, limiter=limit)
        # Handed in before anything is waited for, so that they share commits, in their order.
        writing = [
            self._writer.write(partial(self.intake.store, new=new, actor=actor)) for new in prepared
        ]
        results = await asyncio.gather(*writing, return_exceptions=True)
        for new, taken in zip(prepared, results, strict=True):
            if isinstance(taken, Taken):
                self._meters.taken(taken.outcome)
                if taken.outcome is Outcome.NEW:
                    self._meters.assessed([new.assessment])
        return results

    def _prepare(self, orders: Sequence[Order]) -> list[Prepared]:
        return self.intake.prepare(orders, self._models.loaded.engine, self.now())
