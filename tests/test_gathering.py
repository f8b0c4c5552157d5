"""Single calls worked on together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from service.ledger.gathering import Gatherer


def batches_of(*before: int, pause: float) -> list[list[int]]:
    """Hand in some things and, when they are done, two more, some turns of the loop apart."""
    seen: list[list[int]] = []

    async def work(things: Sequence[int]) -> list[int | BaseException]:
        seen.append(list(things))
        await asyncio.sleep(0.2)
        return [2 * thing for thing in things]

    async def run() -> None:
        gatherer = Gatherer(work, pause=pause)
        await asyncio.gather(*map(gatherer, before))
        first = asyncio.create_task(gatherer(8))
        for _ in range(5):
            await asyncio.sleep(0)
        assert await gatherer(9) == 18
        assert await first == 16

    asyncio.run(run())
    return seen


def test_work_that_is_busy_waits_for_more() -> None:
    assert batches_of(1, 2, pause=0.2) == [[1, 2], [8, 9]]


def test_a_single_caller_waits_for_nobody() -> None:
    assert batches_of(1, pause=0.2) == [[1], [8], [9]]


def test_without_a_pause_what_comes_in_one_turn_is_worked_on() -> None:
    assert batches_of(1, 2, pause=0.0) == [[1, 2], [8], [9]]


def test_an_error_of_one_is_told_to_that_one_and_a_failure_to_all() -> None:
    async def work(things: Sequence[int]) -> list[int | BaseException]:
        if len(things) > 2:
            raise RuntimeError("all of it")
        return [ValueError("odd") if thing % 2 else thing for thing in things]

    async def run(*things: int) -> list[int | BaseException]:
        gatherer = Gatherer(work)
        return await asyncio.gather(*map(gatherer, things), return_exceptions=True)

    even, odd = asyncio.run(run(2, 3))
    assert even == 2
    assert isinstance(odd, ValueError)
    assert all(isinstance(each, RuntimeError) for each in asyncio.run(run(1, 2, 3)))
