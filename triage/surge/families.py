"""Families of series: how many tickets of each were to be expected in the last days.

Each family compares a series with all other tickets of the same days, so that what moves all of
them, a season or a holiday, moves what is expected too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from triage.surge.incidence import Floats, Incidence, Ints, tally
from triage.surge.settings import Settings
from triage.surge.tails import upper_tail


@dataclass(frozen=True, slots=True)
class Window:
    """The tickets of the last days.

    Attributes
    ----------
    day : int
        The day that is looked at, the last one.
    tickets : array of int64
    age : array of int64
        Days before `day`, 0 to the longest window less one.
    weight : array of float64
        1, or less for tickets that a story explains.
    """

    day: int
    tickets: Ints
    age: Ints
    weight: Floats

    def only(self, mask: np.ndarray) -> Window:
        """Keep those of a mask over all tickets."""
        kept = mask[self.tickets]
        return Window(self.day, self.tickets[kept], self.age[kept], self.weight[kept])

    def plain(self) -> Window:
        """Give every ticket its whole weight."""
        return Window(self.day, self.tickets, self.age, np.ones(len(self.weight)))


@dataclass(frozen=True, slots=True)
class Suspects:
    """Series that may be too frequent; row i of each array is one.

    `p` is that of the most telling window, corrected for the choice; `window` is its number,
    `count` and `mean` what came in it and what was expected. `tested` were looked at in all.
    """

    series: Ints
    p: Floats
    window: Ints
    count: Floats
    mean: Floats
    tested: int


class Family(Protocol):
    """Series watched together, with a budget of false alarms of their own."""

    incidence: Incidence
    mask: np.ndarray
    budget: float
    least_count: int
    least_growth: float

    def learn(self, day: int, tickets: Ints, weight: Floats) -> None:
        """Take tickets of a past day into what is expected."""

    def counts(self, window: Window, series: Ints) -> Floats:
        """Count tickets: windows by series."""

    def expect(self, window: Window, series: Ints) -> tuple[Floats, Floats]:
        """Give means and variances: windows by series, of those of a `Window` of this family."""

    def watched(self, window: Window) -> tuple[Ints, int]:
        """Give the series with enough tickets, and how many could have had them."""


def suspects(family: Family, window: Window, settings: Settings) -> Suspects:
    """Look at all series of a family."""
    own = window.only(family.mask)
    series, tested = family.watched(own)
    count = family.counts(own, series)
    mean, variance = family.expect(own, series)
    p = tails(count, mean, variance, family)
    best = p.argmin(axis=0) if len(series) else np.empty(0, dtype=np.int64)
    at = (best, np.arange(len(series)))
    corrected = np.minimum(1.0, p[at] * len(settings.windows))
    return Suspects(series, corrected, best, count[at], mean[at], tested)


def tails(count: Floats, mean: Floats, variance: Floats, family: Family) -> Floats:
    """P values, 1 where there are too few tickets or too little growth."""
    enough = (np.floor(count) >= family.least_count) & (count >= family.least_growth * mean)
    p = np.ones(count.shape)
    p[enough] = upper_tail(count[enough], mean[enough], variance[enough])
    return p


class Counting:
    """Counts by window, which families of fields and phrases share."""

    def __init__(self, incidence: Incidence, mask: np.ndarray, settings: Settings) -> None:
        self.incidence, self.mask, self.settings = incidence, mask, settings
        self.windows = np.array(settings.windows)

    def daily(self, window: Window, series: Ints) -> tuple[Floats, Floats]:
        """Count by age: of the series, and of all tickets."""
        ages, total = self.settings.longest, len(self.incidence.keys)
        place = np.full(total, -1, dtype=np.int64)
        place[series] = np.arange(len(series))
        rows, found = self.incidence.of(window.tickets)
        kept = place[found] >= 0
        cell = window.age[rows[kept]] * len(series) + place[found[kept]]
        flat = tally(cell, window.weight[rows[kept]], ages * len(series))
        everything = tally(window.age, window.weight, ages)
        return flat.reshape(ages, len(series)), everything

    def counts(self, window: Window, series: Ints) -> Floats:
        """Count tickets: windows by series."""
        summed: Floats = np.cumsum(self.daily(window, series)[0], axis=0)
        return np.asarray(summed[self.windows - 1])

    def whole(self, window: Window) -> Floats:
        """Count the tickets of each series in the longest window."""
        rows, found = self.incidence.of(window.tickets)
        return tally(found, window.weight[rows], len(self.incidence.keys))


class PhraseFamily(Counting):
    """Phrases: their share of the tickets of the last months. Most were never said before."""

    def __init__(self, incidence: Incidence, mask: np.ndarray, settings: Settings) -> None:
        super().__init__(incidence, mask, settings)
        rule = settings.phrases
        self.budget, self.least_count = settings.budget.phrase, rule.least_count
        self.least_growth = settings.least.growth
        self._had = np.zeros(len(incidence.keys))
        self._all = 0.0
        self._learned: dict[int, list[tuple[Ints, Floats]]] = defaultdict(list)

    def learn(self, day: int, tickets: Ints, weight: Floats) -> None:
        """Take tickets of a past day into what is expected; what is too old goes."""
        self._add(tickets, weight)
        self._learned[day].append((tickets, weight))
        for old in [each for each in self._learned if each < day - self.settings.phrases.days]:
            for gone, had in self._learned.pop(old):
                self._add(gone, -had)

    def _add(self, tickets: Ints, weight: Floats) -> None:
        rows, found = self.incidence.of(tickets)
        self._had += tally(found, weight[rows], len(self._had))
        self._all += float(weight.sum())

    def shares(self, series: Ints) -> Floats:
        """Give the share of past tickets that say each phrase."""
        return (np.maximum(self._had[series], 0.0) + self.settings.phrases.prior) / (self._all + 1)

    def watched(self, window: Window) -> tuple[Ints, int]:
        """Give the phrases with enough tickets, and how many were said in the window."""
        now = self.whole(window)
        return np.flatnonzero(now >= self.least_count), int((now > 0).sum())

    def expect(self, window: Window, series: Ints) -> tuple[Floats, Floats]:
        """Give means and variances, windows by series."""
        rule = self.settings.phrases
        had = np.maximum(self._had[series], 0.0) + rule.prior
        everything = tally(window.age, window.weight, self.settings.longest)
        now = np.cumsum(everything)[self.windows - 1]
        mean = np.maximum(now[:, None] * self.shares(series), 1e-9)
        return mean, rule.dispersion * mean + mean**2 / had
