"""Shares of small numbers, with how far they can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_Z95 = 1.959963984540054  # 97.5 % of the normal distribution lie below


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a number of things, with its 95 % interval after Wilson; None of nothing."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        """The share itself."""
        return self.hits / self.total if self.total else None

    @property
    def low(self) -> float | None:
        """The lower end."""
        return self._end(-1)

    @property
    def high(self) -> float | None:
        """The upper end."""
        return self._end(1)

    def _end(self, side: int) -> float | None:
        if not self.total:
            return None
        share, square = self.hits / self.total, _Z95 * _Z95
        middle = share + square / (2 * self.total)
        spread = _Z95 * sqrt((share * (1 - share) + square / (4 * self.total)) / self.total)
        found = (middle + side * spread) / (1 + square / self.total)
        return min(max(found, 0.0), 1.0)
