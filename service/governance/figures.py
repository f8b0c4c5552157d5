"""Figures: a number, what it counts, and the tickets behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TypeVar

from service.governance.cases import Case
from triage.intervals import wilson

_Key = TypeVar("_Key", str, tuple[str, str, str])


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the report.

    Attributes
    ----------
    code : str
        Its name for programs, as `volume.line.fraud`.
    name : str
        Its name for people, in Chinese.
    value : float, optional
        None where there is nothing to count from.
    ids : tuple of str
        Tickets (or items) behind it.
    of : str, optional
        Code of the figure of which it is a share.
    low, high : float, optional
        Ends of a 95 % interval.
    unit : str
        `count`, `share`, `points` (a difference of shares), `days`, `hours` or `score`.
    """

    code: str
    name: str
    value: float | None
    ids: tuple[str, ...] = ()
    of: str | None = None
    low: float | None = None
    high: float | None = None
    unit: str = "count"

    @property
    def shown(self) -> str:
        """Write the number for people."""
        if self.value is None:
            return "—"
        if self.unit in ("share", "points"):
            sign = "%" if self.unit == "share" else ""
            ends = (self.low or 0.0, self.high or 0.0)
            low, high = (f"{each * 100:.1f}{sign}" for each in ends)
            told = f"{self.value * 100:.1f}{sign}"
            return told if self.low is None else f"{told}（{low}至{high}）"
        return f"{self.value:,.0f}" if self.unit == "count" else f"{self.value:,.1f}"


Cell = str | Figure


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; `bars` is the column that a chart draws, if one does."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    bars: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Counts in time with the level of before and its limits: a control chart."""

    name: str
    points: tuple[tuple[str, Figure], ...]
    level: float | None = None
    low: float | None = None
    high: float | None = None
    change: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the report."""

    code: str
    heading: str
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    series: tuple[Series, ...] = ()
    quotes: tuple[tuple[str, str], ...] = field(default=())

    def figures(self) -> list[Figure]:
        """Give all its figures."""
        found = [cell for table in self.tables for row in table.rows for cell in row]
        points = [figure for series in self.series for _, figure in series.points]
        return [cell for cell in found if isinstance(cell, Figure)] + points


def count(code: str, name: str, cases: Iterable[Case]) -> Figure:
    """Count cases."""
    ids = tuple(case.ticket.ticket_id for case in cases)
    return Figure(code, name, len(ids), ids)


def share(code: str, name: str, part: Figure, whole: Figure) -> Figure:
    """Give what share one figure is of another."""
    value = (part.value or 0) / whole.value if whole.value else None
    return Figure(code, name, value, part.ids, of=whole.code, unit="share")


def ranged(code: str, name: str, part: Figure, whole: Figure) -> Figure:
    """Give such a share with its 95 % interval."""
    low, high = wilson(len(part.ids), len(whole.ids)) if whole.ids else (None, None)
    return replace(share(code, name, part, whole), low=low, high=high)


def listed(head: str, figures: Iterable[Figure]) -> Table:
    """Give a table of figures by their names."""
    return Table((head, "数值"), tuple((figure.name, figure) for figure in figures))


def middle(
    code: str, name: str, measured: Sequence[tuple[Case, float]], *, unit: str = "days"
) -> Figure:
    """Give the median of what was measured of cases."""
    value = float(median(each for _, each in measured)) if measured else None
    ids = tuple(case.ticket.ticket_id for case, _ in measured)
    return Figure(code, name, value, ids, unit=unit)


def grouped(
    code: str,
    cases: Iterable[Case],
    key: Callable[[Case], str | None],
    name: Callable[[str], str],
) -> list[Figure]:
    """Count cases by a key, the most frequent first; cases without one are left out."""
    found = parted(cases, key)
    return [count(f"{code}.{value}", name(value), some) for value, some in found.items()]


def parted(cases: Iterable[Case], key: Callable[[Case], _Key | None]) -> dict[_Key, list[Case]]:
    """Part cases by a key, the key of most cases first; cases without one are left out."""
    found: dict[_Key, list[Case]] = {}
    for case in cases:
        value = key(case)
        if value is not None:
            found.setdefault(value, []).append(case)
    return {each: found[each] for each in sorted(found, key=lambda each: (-len(found[each]), each))}
