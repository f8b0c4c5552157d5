"""Single calls worked on together: what comes in within one turn of the loop is one batch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Gatherer(Generic[T, R]):
    """Hands what waits to one piece of work.

    To assess sixteen narratives takes a quarter of the time of sixteen single ones, and to store
    them together half.

    Parameters
    ----------
    work : callable
        From n things to n results or errors, in order.
    most : int
        Most things at once.
    pause : float
        Seconds, at most, that work which was busy more than half of the time, with several things
        at once, waits for more: two together take little longer than one. A single caller who
        asks again and again waits for nobody.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[list[R | BaseException]]],
        *,
        most: int = 32,
        pause: float = 0.0,
    ) -> None:
        self._work = work
        self._most = most
        self._pause = pause
        self._ended = self._took = 0.0
        self._together = 0
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._running: set[asyncio.Task[None]] = set()

    async def __call__(self, thing: T) -> R:
        """Hand in one thing and wait for its result."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append((thing, future))
        if len(self._waiting) == 1:
            busy = self._together > 1 and loop.time() - self._ended < self._took
            loop.call_later(min(self._took, self._pause) if busy else 0.0, self._turn)
        return await future

    def _turn(self) -> None:
        some, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        loop = asyncio.get_running_loop()
        if self._waiting:
            loop.call_soon(self._turn)
        task = loop.create_task(self._run(some))
        # The loop itself holds tasks weakly.
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, some: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            results = await self._work([thing for thing, _ in some])
        except Exception as exc:  # noqa: BLE001 - the callers are told
            results = [exc] * len(some)
        self._ended = clock()
        self._took, self._together = self._ended - began, len(some)
        for (_, future), result in zip(some, results, strict=True):
            if future.done():  # its caller has gone
                continue
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)
