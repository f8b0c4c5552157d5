"""Counts of much, that are made once in a while and then shown with the time at which they were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from service.store.database import Database

T = TypeVar("T")
MANY = 5_000
"""Fewer tickets than this are counted in a few hundredths of a second, each time anew."""
_MOST = 100


class Once(Generic[T]):
    """What was counted, for each database and question."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Database, dict[Hashable, tuple[datetime, T]]] = (
            WeakKeyDictionary()
        )

    async def get(
        self,
        database: Database,
        asked: Hashable,
        now: datetime,
        *,
        count: Callable[[], Awaitable[T]],
        lasts: Callable[[T], timedelta],
    ) -> tuple[T, datetime]:
        """Give what was counted, and when; counted anew when it is older than it lasts."""
        kept = self._kept.setdefault(database, {})
        if asked in kept:
            at, found = kept[asked]
            if at <= now < at + lasts(found):
                return found, at
        found = await count()
        if lasts(found):
            if len(kept) >= _MOST:
                kept.clear()
            kept[asked] = now, found
        return found, now
