"""Which ticket is in which series, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from triage.surge.tickets import SurgeTicket

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Key = tuple[tuple[str, str], ...]
"""A series: the fields that its tickets share, with their values."""

PHRASE = "phrase"
ALL: Key = ()
_Row = TypeVar("_Row", tuple[str, ...], tuple[str | None, ...])
_NONE: Ints = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Incidence:
    """Series of n tickets.

    Attributes
    ----------
    keys : list of Key
    bounds : array of int64, length n + 1
        Series of ticket i are `series[bounds[i]:bounds[i + 1]]`.
    series : array of int64
    """

    keys: list[Key]
    bounds: Ints
    series: Ints

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


def field_series(tickets: Sequence[SurgeTicket], fields: Sequence[Sequence[str]]) -> Incidence:
    """Put tickets in the series of their fields."""
    names = sorted({field for wanted in fields for field in wanted})
    rows = [tuple(getattr(ticket, name) for name in names) for ticket in tickets]
    return _incidence(rows, lambda row: _keys(dict(zip(names, row, strict=True)), fields))


def phrase_series(tickets: Sequence[SurgeTicket]) -> Incidence:
    """Put tickets in the series of their phrases."""
    rows = [ticket.phrases for ticket in tickets]
    return _incidence(rows, lambda row: [((PHRASE, name),) for name in row])


def _keys(values: Mapping[str, str | None], fields: Sequence[Sequence[str]]) -> list[Key]:
    found: list[Key] = []
    for wanted in fields:
        key = [(field, value) for field in wanted if (value := values[field])]
        if len(key) == len(wanted):
            found.append(tuple(key))
    return found


def _incidence(rows: Sequence[_Row], keys_of: Callable[[_Row], list[Key]]) -> Incidence:
    """Number the series of rows; equal rows are in the same ones."""
    number: dict[Key, int] = {}
    known: dict[_Row, Ints] = {}
    for row in rows:
        if row not in known:
            found = [number.setdefault(key, len(number)) for key in keys_of(row)]
            known[row] = np.array(found, dtype=np.int64)
    own: list[Ints] = [known[row] for row in rows]
    bounds = np.cumsum([0, *map(len, own)], dtype=np.int64)
    return Incidence(list(number), bounds, np.concatenate([_NONE, *own]))
