"""Families of series: how many tickets of each were to be expected in the last days.

Each family compares a series with all other tickets of the same days, so that what moves all of
them, a season or a holiday, moves what is expected too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from triage.surge.incidence import Floats, Incidence, Ints, grown, tally
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
class Learned:
    """Tickets of a past day that went into what is expected, with their weights."""

    day: int
    tickets: Ints
    weight: Floats


@dataclass(frozen=True, slots=True)
class Suspects:
    """Series that may be too frequent; row i of each array is one.

    `p` is that of the most telling window, corrected for the choice; `window` is its number,
    `count` and `mean` what came in it and what was expected. `among` says how many series share the
    budget as if each were watched as this one is.
    """

    series: Ints
    p: Floats
    window: Ints
    count: Floats
    mean: Floats
    among: Floats


class Family(Protocol):
    """Series watched together, with a budget of false alarms of their own."""

    incidence: Incidence
    mask: np.ndarray
    budget: float
    least_count: int
    least_growth: float

    def learn(self, day: int, tickets: Ints, weight: Floats) -> None:
        """Take tickets of a past day into what is expected."""

    def learn_anew(self, learned: Sequence[Learned], days: set[int]) -> None:
        """Forget some days, and learn them again from all that is still known."""

    def counts(self, window: Window, series: Ints) -> Floats:
        """Count tickets: windows by series."""

    def expect(self, window: Window, series: Ints) -> tuple[Floats, Floats]:
        """Give means and variances: windows by series, of those of a `Window` of this family."""

    def watched(self, window: Window) -> tuple[Ints, Floats]:
        """Give the series with enough tickets, and among how many each shares the budget."""


def suspects(family: Family, window: Window, settings: Settings) -> Suspects:
    """Look at all series of a family."""
    own = window.only(family.mask)
    series, among = family.watched(own)
    count = family.counts(own, series)
    mean, variance = family.expect(own, series)
    p = tails(count, mean, variance, family)
    best = p.argmin(axis=0) if len(series) else np.empty(0, dtype=np.int64)
    at = (best, np.arange(len(series)))
    corrected = np.minimum(1.0, p[at] * len(settings.windows))
    return Suspects(series, corrected, best, count[at], mean[at], among)


def tails(count: Floats, mean: Floats, variance: Floats, family: Family) -> Floats:
    """P values, 1 where there are too few tickets or too little growth."""
    enough = (np.floor(count) >= family.least_count) & (count >= family.least_growth * mean)
    p = np.ones(count.shape)
    p[enough] = upper_tail(count[enough], mean[enough], variance[enough])
    return p


class Counting:
    """Counts by window, which families of fields and phrases share."""

    def __init__(self, settings: Settings) -> None:
        self.incidence, self.settings = Incidence(), settings
        self.mask = np.zeros(0, dtype=np.bool_)
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

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        rule = settings.phrases
        self.budget, self.least_count = settings.budget.phrase, rule.least_count
        self.least_growth = settings.least.growth
        self._had = self._said = np.zeros(0)
        self._all = 0.0
        self._learned: dict[int, list[Learned]] = defaultdict(list)

    def renew(self, mask: np.ndarray, known: Ints) -> None:
        """Take the tickets anew; `known` are those that were there before today."""
        self.mask = mask
        self._said = np.zeros(0)
        self.hear(known)

    def hear(self, tickets: Ints) -> None:
        """Note what tickets of today say."""
        size = len(self.incidence.keys)
        _, found = self.incidence.of(tickets[self.mask[tickets]])
        self._said = grown(self._said, size) + np.bincount(found, minlength=size)

    def told(self, series: Ints) -> np.ndarray:
        """Say which phrases enough tickets said so far."""
        return np.asarray(self._said[series] >= self.least_count)

    def learn(self, day: int, tickets: Ints, weight: Floats) -> None:
        """Take tickets of a past day into what is expected; what is too old goes."""
        for gone in self._note(Learned(day, tickets, weight)):
            self._add(gone.tickets, -gone.weight)
        self._add(tickets, weight)

    def learn_anew(self, learned: Sequence[Learned], days: set[int]) -> None:  # noqa: ARG002
        """Learn all again: any past ticket may say a phrase that none was known to say."""
        self._learned.clear()
        for each in learned:
            own = self.mask[each.tickets]
            self._note(Learned(each.day, each.tickets[own], each.weight[own]))
        kept = [each for some in self._learned.values() for each in some]
        self._had, self._all = np.zeros(0), 0.0
        if kept:
            tickets = np.concatenate([each.tickets for each in kept])
            self._add(tickets, np.concatenate([each.weight for each in kept]))

    def _note(self, new: Learned) -> list[Learned]:
        """Keep what was learned; give what is now too old."""
        self._learned[new.day].append(new)
        first = new.day - self.settings.phrases.days
        return [
            gone
            for old in [each for each in self._learned if each < first]
            for gone in self._learned.pop(old)
        ]

    def _add(self, tickets: Ints, weight: Floats) -> None:
        rows, found = self.incidence.of(tickets)
        size = len(self.incidence.keys)
        self._had = grown(self._had, size) + tally(found, weight[rows], size)
        self._all += float(weight.sum())

    def shares(self, series: Ints) -> Floats:
        """Give the share of past tickets that say each phrase."""
        self._had = grown(self._had, len(self.incidence.keys))
        return (np.maximum(self._had[series], 0.0) + self.settings.phrases.prior) / (self._all + 1)

    def watched(self, window: Window) -> tuple[Ints, Floats]:
        """Give the phrases with enough tickets; known ones that the window says share alike."""
        now = self.whole(window)
        tested = (now > 0) & (self._said >= self.least_count)
        series = np.flatnonzero(now >= self.least_count)
        return series, np.full(len(series), max(1.0, float(tested.sum())))

    def expect(self, window: Window, series: Ints) -> tuple[Floats, Floats]:
        """Give means and variances, windows by series."""
        rule, shares = self.settings.phrases, self.shares(series)
        had = np.maximum(self._had[series], 0.0) + rule.prior
        everything = tally(window.age, window.weight, self.settings.longest)
        now = np.cumsum(everything)[self.windows - 1]
        mean = np.maximum(now[:, None] * shares, 1e-9)
        return mean, rule.dispersion * mean + mean**2 / had
