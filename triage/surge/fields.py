"""Series of fields against their share of the last weeks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triage.surge.families import Counting, Learned, Window
from triage.surge.incidence import Floats, Ints
from triage.surge.settings import Settings

_WEEK = 7


class FieldFamily(Counting):
    """Series of fields: their share of the last weeks, by kind of day, with its overdispersion."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.budget = settings.budget.series
        self.least_count, self.least_growth = settings.least.count, settings.least.growth
        self._kinds: Ints = np.zeros(0, dtype=np.int64)
        self._rows, self._all = np.zeros((0, 0)), np.zeros(0)
        self._sort: Ints = np.zeros(0, dtype=np.int64)

    def renew(self, mask: np.ndarray, kinds: Ints) -> None:
        """Take the tickets anew, and the coarse kind of each day."""
        self.mask, self._kinds = mask, kinds
        fields = [tuple(name for name, _ in key) for key in self.incidence.keys]
        self._sort = np.array([self.settings.series.index(each) for each in fields], dtype=np.int64)
        days, series = self._rows.shape
        more = (0, len(kinds) - days), (0, len(self.incidence.keys) - series)
        if any(size for _, size in more):
            self._rows, self._all = np.pad(self._rows, more), np.pad(self._all, more[0])

    def learn(self, day: int, tickets: Ints, weight: Floats) -> None:
        """Take tickets of a past day into what is expected."""
        rows, found = self.incidence.of(tickets)
        np.add.at(self._rows[day], found, weight[rows])
        self._all[day] += weight.sum()

    def learn_anew(self, learned: Sequence[Learned], days: set[int]) -> None:
        """Forget some days, and learn them again from all that is still known."""
        some = sorted(days)
        self._rows[some], self._all[some] = 0.0, 0.0
        for each in learned:
            if each.day in days:
                own = self.mask[each.tickets]
                self.learn(each.day, each.tickets[own], each.weight[own])

    def _past(self, day: int) -> slice:
        last = max(0, day - self.settings.longest + 1)
        return slice(max(0, last - self.settings.baseline.days), last)

    def watched(self, window: Window) -> tuple[Ints, Floats]:
        """Give the series with enough tickets, and among how many each shares the budget.

        Series of the same fields share a part alike, and each sort of fields has an equal one: a
        thousand small series of units leave that of a dozen lines what it is.
        """
        now = self.whole(window)
        alive = (now > 0) | (self._rows[self._past(window.day)].sum(axis=0) > 0)
        beside = np.bincount(self._sort[alive], minlength=len(self.settings.series))
        series = np.flatnonzero(now >= self.least_count)
        return series, np.count_nonzero(beside) * beside[self._sort[series]].astype(np.float64)

    def expect(self, window: Window, series: Ints) -> tuple[Floats, Floats]:
        """Give means and variances, windows by series."""
        past, rule = self._past(window.day), self.settings.baseline
        seen, everything = self._rows[past][:, series], self._all[past]
        had, others = seen.sum(axis=0) + rule.prior, everything.sum() + 1.0
        factor = self._factors(seen, everything, had / others, self._kinds[past])
        spread = self._spread(seen, everything, factor * (had / others), self._kinds[past])
        now, all_now = self.daily(window, series)
        days = window.day - np.arange(len(all_now))
        rest = np.maximum(all_now[:, None] - now, 0.0)
        # None of the others on a day does not mean that none was to be expected: how busy a day was
        # is known from them alone, as it is from one more.
        rest[0] += 1.0
        odds = had / np.maximum(others - had, 1.0)
        mean = np.cumsum(rest * odds * factor[self._kinds[days]], axis=0)[self.windows - 1]
        rest = np.cumsum(rest, axis=0)[self.windows - 1]
        mean = np.maximum(mean, 1e-9)
        return mean, spread * (mean + mean**2 / had + mean**2 / rest)

    def _factors(self, seen: Floats, everything: Floats, share: Floats, kinds: Ints) -> Floats:
        """How much larger the share is on each kind of day: kinds by series."""
        steady = self.settings.baseline.steady
        found = np.ones((3, seen.shape[1]))
        for kind in range(3):
            days = kinds == kind
            wanted = share * everything[days].sum()
            found[kind] = (seen[days].sum(axis=0) + steady) / (wanted + steady)
        return found

    def _spread(self, seen: Floats, everything: Floats, share: Floats, kinds: Ints) -> Floats:
        """Variance to mean by window, pulled to 1 where there are few tickets.

        Of days for the window of a day; of whole weeks for longer ones, if that is more: what
        comes and goes within a month is no surge.
        """
        rule = self.settings.baseline
        wanted = everything[:, None] * share[kinds]
        off = seen - wanted
        blocks = np.add.reduceat(off, np.arange(0, len(off), _WEEK), axis=0)
        days, weeks = (
            ((each**2).sum(axis=0) + rule.steady) / (wanted.sum(axis=0) + rule.steady)
            for each in (off, blocks)
        )
        long = (self.windows > 1)[:, None]
        found = np.where(long, np.maximum(days, weeks), days)
        return np.asarray(np.clip(found, 1.0, rule.most_dispersion))
