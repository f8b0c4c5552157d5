"""All tickets as one series: compared with their own weeks, for there is nothing beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triage.surge.days import FREE, MONDAY, RUSH
from triage.surge.families import Learned, Window
from triage.surge.incidence import Floats, Incidence, Ints, grown, tally
from triage.surge.settings import Settings

_WEEKEND = (5, 6)
_FEW_DAYS = 4.0


class TotalFamily:
    """The one series of all tickets."""

    def __init__(self, settings: Settings) -> None:
        self.incidence, self.settings = Incidence(), settings
        self.mask = np.zeros(0, dtype=np.bool_)
        self.budget = settings.budget.total
        self.least_count, self.least_growth = settings.least.count, settings.least.total_growth
        self._kinds: Ints = np.zeros(0, dtype=np.int64)
        self._early = np.zeros(0, dtype=np.bool_)
        self._all = np.zeros(0)

    def renew(self, mask: np.ndarray, kinds: Ints, early: np.ndarray) -> None:
        """Take the tickets anew; `kinds` are the days of the week that days are like.

        `early` says which days begin a month.
        """
        self.mask, self._kinds, self._early = mask, kinds, early
        self._all = grown(self._all, len(kinds))

    def learn(self, day: int, tickets: Ints, weight: Floats) -> None:  # noqa: ARG002 - a family
        """Take tickets of a past day into what is expected."""
        self._all[day] += weight.sum()

    def learn_anew(self, learned: Sequence[Learned], days: set[int]) -> None:
        """Forget some days, and learn them again from all that is still known."""
        self._all[sorted(days)] = 0.0
        for each in learned:
            if each.day in days:
                self._all[each.day] += each.weight[self.mask[each.tickets]].sum()

    def counts(self, window: Window, series: Ints) -> Floats:
        """Count tickets: windows by the one series."""
        found = tally(window.age, window.weight, self.settings.longest)
        by_window: Floats = np.cumsum(found)[np.array(self.settings.windows) - 1][:, None]
        return by_window[:, series]

    def watched(self, window: Window) -> tuple[Ints, Floats]:
        """Give the one series when there are enough tickets."""
        enough = int(window.weight.sum() >= self.least_count)
        return np.arange(enough), np.ones(enough)

    def expect(self, window: Window, series: Ints) -> tuple[Floats, Floats]:
        """Give mean and variance of all tickets, by window."""
        last = max(0, window.day - self.settings.longest + 1)
        past = slice(max(0, last - self.settings.baseline.days), last)
        seen, early = self._all[past], self._early[past]
        level = self._levels(seen, self._kinds[past])
        wanted = level[self._kinds[past]]
        start = (seen[early].sum() + wanted.mean()) / (wanted[early].sum() + wanted.mean())
        wanted = wanted * np.where(early, start, 1.0)
        spread = max(1.0, float(((seen - wanted) ** 2).sum() / max(1.0, wanted.sum())))
        days = window.day - np.arange(self.settings.longest)
        each = level[self._kinds[days]] * np.where(self._early[days], start, 1.0)
        at = np.array(self.settings.windows) - 1
        mean = np.maximum(np.cumsum(each)[at], 1e-9)[:, None][:, series]
        # The days of a window err together: their level is that of other weeks.
        together = spread * mean * np.array(self.settings.windows)[:, None]
        return mean, together + (self.settings.baseline.level * mean) ** 2

    def _levels(self, seen: Floats, kinds: Ints) -> Floats:
        """Tickets to be expected on each kind of day; where there was none, on one like it."""
        overall = seen.mean()
        weekend = np.isin(kinds, _WEEKEND)
        rest = seen[weekend].mean() if weekend.any() else overall
        found = np.full(RUSH + 1, overall)
        for kind in range(RUSH):
            prior = rest if kind == FREE or kind in _WEEKEND else overall
            days = seen[kinds == kind]
            weight = _FEW_DAYS if kind == FREE else 1.0
            found[kind] = (days.sum() + weight * prior) / (len(days) + weight)
        found[RUSH] = self.settings.baseline.after_rest * found[MONDAY]
        return found
