"""Single calls worked on together: what comes in within one turn of the loop is one batch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Gatherer(Generic[T, R]):
    """Hands what waits to one piece of work.

    To assess sixteen narratives takes a quarter of the time of sixteen single ones.

    Parameters
    ----------
    work : callable
        From n things to n results, in order; it runs in the loop, so it must be short.
    most : int
        Most things at once.
    """

    def __init__(self, work: Callable[[Sequence[T]], list[R]], *, most: int = 32) -> None:
        self._work = work
        self._most = most
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []

    async def __call__(self, thing: T) -> R:
        """Hand in one thing and wait for its result."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append((thing, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._turn)
        return await future

    def _turn(self) -> None:
        some, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._turn)
        try:
            results = self._work([thing for thing, _ in some])
        except Exception:  # noqa: BLE001 - each is told of its own fault alone
            self._apart(some)
            return
        for (_, future), result in zip(some, results, strict=True):
            if not future.done():
                future.set_result(result)

    def _apart(self, some: list[tuple[T, asyncio.Future[R]]]) -> None:
        for thing, future in some:
            if future.done():
                continue
            try:
                future.set_result(self._work([thing])[0])
            except Exception as exc:  # noqa: BLE001 - the caller is told
                future.set_exception(exc)
