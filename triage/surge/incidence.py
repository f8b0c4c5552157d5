"""Which ticket is in which series, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from triage.surge.tickets import SurgeTicket

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Key = tuple[tuple[str, str], ...]
"""A series: the fields that its tickets share, with their values."""

PHRASE = "phrase"
ALL: Key = ()
_NONE: Ints = np.empty(0, dtype=np.int64)
_ZERO: Ints = np.zeros(1, dtype=np.int64)


class Incidence:
    """Series of n tickets; tickets may be put in other series later.

    Attributes
    ----------
    keys : list of Key
    bounds : array of int64, length n + 1
        Series of ticket i are `series[bounds[i]:bounds[i + 1]]`.
    series : array of int64
    """

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.bounds: Ints = np.zeros(1, dtype=np.int64)
        self.series: Ints = _NONE
        self._number: dict[Key, int] = {}

    def extend(self, kept: int, rows: Sequence[Sequence[Key]]) -> None:
        """Keep the first tickets, and put others behind them, each in the series of its row."""
        known: dict[int, Ints] = {}  # equal rows are one object
        for row in rows:
            if id(row) not in known:
                known[id(row)] = self._numbers(row)
        own = [known[id(row)] for row in rows]
        sizes = np.cumsum([0, *map(len, own)], dtype=np.int64)[1:]
        end = int(self.bounds[kept])
        self.bounds = np.concatenate([self.bounds[: kept + 1], end + sizes])
        self.series = np.concatenate([self.series[:end], *own])

    def put(self, rows: Mapping[int, Sequence[Key]]) -> None:
        """Put some tickets in the series of other rows."""
        sizes, pieces, end = np.diff(self.bounds), [], 0
        for ticket in sorted(rows):
            own = self._numbers(rows[ticket])
            pieces += [self.series[end : self.bounds[ticket]], own]
            end, sizes[ticket] = int(self.bounds[ticket + 1]), len(own)
        self.series = np.concatenate([_NONE, *pieces, self.series[end:]])
        self.bounds = np.concatenate([_ZERO, np.cumsum(sizes)])

    def _numbers(self, row: Sequence[Key]) -> Ints:
        for key in row:
            if key not in self._number:
                self._number[key] = len(self.keys)
                self.keys.append(key)
        return np.array([self._number[key] for key in row], dtype=np.int64)

    def of(self, tickets: Ints) -> tuple[Ints, Ints]:
        """Give the series of some tickets.

        Returns
        -------
        places : array of int64
            Places in `tickets`, one for each series of each.
        series : array of int64
        """
        sizes = self.bounds[tickets + 1] - self.bounds[tickets]
        places = np.repeat(np.arange(len(tickets)), sizes)
        begins = np.repeat(self.bounds[tickets] - (np.cumsum(sizes) - sizes), sizes)
        return places, self.series[begins + np.arange(int(sizes.sum()))]

    def members(self, tickets: Ints, series: int) -> Ints:
        """Give those of some tickets that are in a series."""
        places, found = self.of(tickets)
        return np.asarray(tickets[places[found == series]], dtype=np.int64)


def tally(places: Ints, weight: Floats, count: int) -> Floats:
    """Sum weights by place, of which there are so many."""
    return np.asarray(np.bincount(places, weight, minlength=count), dtype=np.float64)


def grown(values: Floats, size: int) -> Floats:
    """Give values for as many series as there are; new ones have none."""
    return values if len(values) == size else np.append(values, np.zeros(size - len(values)))


def field_rows(tickets: Sequence[SurgeTicket], fields: Sequence[Sequence[str]]) -> list[list[Key]]:
    """Give the series of the fields of each ticket."""
    names = sorted({field for wanted in fields for field in wanted})
    known: dict[tuple[str | None, ...], list[Key]] = {}
    found = []
    for ticket in tickets:
        row = tuple(getattr(ticket, name) for name in names)
        if row not in known:
            known[row] = _keys(dict(zip(names, row, strict=True)), fields)
        found.append(known[row])
    return found


def phrase_rows(tickets: Sequence[SurgeTicket]) -> list[list[Key]]:
    """Give the series of the phrases of each ticket."""
    keys: dict[str, Key] = {}
    known: dict[tuple[str, ...], list[Key]] = {}
    for ticket in tickets:
        if ticket.phrases not in known:
            # Many tickets say a phrase: its key is one object for all of them.
            own = [keys.setdefault(name, ((PHRASE, name),)) for name in ticket.phrases]
            known[ticket.phrases] = own
    return [known[ticket.phrases] for ticket in tickets]


def _keys(values: Mapping[str, str | None], fields: Sequence[Sequence[str]]) -> list[Key]:
    found: list[Key] = []
    for wanted in fields:
        key = [(field, value) for field in wanted if (value := values[field])]
        if len(key) == len(wanted):
            found.append(tuple(key))
    return found
