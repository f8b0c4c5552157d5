"""What belongs together, and grows together: sets of numbers (union-find)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


class Bonds:
    """Tickets that belong together, each by the oldest of them; the older has the lower number."""

    def __init__(self) -> None:
        self._over: dict[int, int] = {}

    def join(self, one: int, other: int) -> None:
        """Say that two tickets belong together."""
        first, second = (self._root(self._over.setdefault(each, each)) for each in (one, other))
        self._over[max(first, second)] = min(first, second)

    def join_alike(self, keys: Sequence[Hashable | None]) -> None:
        """Join the tickets numbered from 0 that have equal keys; None is nobody's key."""
        first: dict[Hashable, int] = {}
        for number, key in enumerate(keys):
            self.join(number, number if key is None else first.setdefault(key, number))

    def of(self, ident: int) -> int | None:
        """Give the oldest ticket that one belongs to; None when it belongs to none."""
        return self._root(ident) if ident in self._over else None

    def other_than(self, before: Bonds) -> set[int]:
        """Give the tickets that belonged to others before, or to none."""
        return {
            ident for ident in {*self._over, *before._over} if self.of(ident) != before.of(ident)
        }

    def _root(self, ident: int) -> int:
        while (over := self._over[ident]) != ident:
            self._over[ident] = self._over[over]
            ident = over
        return ident
