"""Counts of much are made once in a while."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from service.desk import once
from service.desk.once import Once
from service.store.database import Database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Place:
    """Something to count in."""


def test_what_lasts_is_counted_again_when_its_time_is_over() -> None:
    counted: Once[int] = Once()
    place = cast("Database", Place())
    made: list[int] = []

    def get(
        asked: str, now: datetime, lasts: timedelta, where: Any = place
    ) -> tuple[int, datetime]:
        async def count() -> int:
            made.append(1)
            return len(made)

        return asyncio.run(counted.get(where, asked, now, count=count, lasts=lambda _: lasts))

    assert get("a", NOW, MINUTE) == (1, NOW)
    assert get("a", NOW + MINUTE / 2, MINUTE) == (1, NOW)
    assert get("b", NOW, MINUTE) == (2, NOW)
    assert get("a", NOW, MINUTE, Place()) == (3, NOW)  # elsewhere
    assert get("a", NOW + MINUTE, MINUTE) == (4, NOW + MINUTE)
    assert get("a", NOW, MINUTE) == (5, NOW)  # the clock was set back
    for number in range(once._MOST + 1):
        get(f"many {number}", NOW, MINUTE)
    assert len(counted._kept[place]) <= once._MOST


def test_little_is_counted_each_time() -> None:
    counted: Once[list[int]] = Once()
    place = cast("Database", Place())

    async def count() -> list[int]:
        return []

    async def twice() -> bool:
        found = [
            (await counted.get(place, "a", NOW, count=count, lasts=lambda _: timedelta()))[0]
            for _ in range(2)
        ]
        return found[0] is found[1]

    assert not asyncio.run(twice())
