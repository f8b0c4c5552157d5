"""Shares of small numbers, with how far they can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from triage.intervals import wilson


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
        return self._end(0)

    @property
    def high(self) -> float | None:
        """The upper end."""
        return self._end(1)

    def _end(self, side: int) -> float | None:
        return wilson(self.hits, self.total)[side] if self.total else None
