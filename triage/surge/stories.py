"""A story: one event that several series tell, from its first day to its end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from triage.surge.incidence import PHRASE, Ints, Key


@dataclass(frozen=True, slots=True)
class Template:
    """Tickets of one text within a story; all of them count once."""

    cluster: str
    tickets: tuple[str, ...]
    customers: int


@dataclass(frozen=True, slots=True)
class Story:
    """An event, told once.

    Attributes
    ----------
    id : str
        Stable: of the day on which it was told, and its place on that day.
    key : Key
        The series that tells it best; the empty one is all tickets.
    others : tuple of Key
        Series in which it shows too.
    since, told, last, closed : date
        First day above what was expected, day of the alert, last day above, day on which it was
        found to be over (None: it is open).
    again : tuple of date
        Days on which it was told again: it grew above its own level, or was over and came back.
    count : int
        Tickets, repeats and templates counted once.
    expected : float
        So many were to be expected from `since` to `last`.
    p : float
        How likely so many are by chance, on the day when they were least likely.
    phrases : tuple of str
        What its tickets say and others do not, the most telling first.
    tickets : tuple of str
        Those that count, the oldest first; `repeats` are the same customers' further ones.
    templates : tuple of Template
    typical : str or None
        The most central ticket.
    """

    id: str
    key: Key
    others: tuple[Key, ...]
    since: date
    told: date
    last: date
    closed: date | None
    count: int
    expected: float
    p: float
    phrases: tuple[str, ...]
    tickets: tuple[str, ...]
    repeats: tuple[str, ...] = ()
    templates: tuple[Template, ...] = ()
    again: tuple[date, ...] = ()
    typical: str | None = None

    @property
    def growth(self) -> float:
        """How many times as many as expected."""
        return self.count / max(self.expected, 1e-9)

    @property
    def by_phrase(self) -> bool:
        """Whether a phrase tells it, and no field."""
        return by_phrase(self.key)


@dataclass(slots=True)
class Running:
    """A story while days go by. Days are numbers; `family` and `series` are its head."""

    family: int
    series: int
    key: Key
    since: int
    told: int
    last: int
    p: float
    expected: dict[int, float] = field(default_factory=dict)
    others: list[Key] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    quiet: int = 0
    closed: int | None = None
    tickets: dict[int, None] = field(default_factory=dict)
    phrases: tuple[str, ...] = ()

    def copy(self) -> Running:
        """Give another one that is the same and changes by itself."""
        return replace(
            self,
            expected={**self.expected},
            others=[*self.others],
            again=[*self.again],
            tickets={**self.tickets},
        )

    def join(self, other: Running, *, wider: bool, day: int) -> None:
        """Take in what another series tells of the same event.

        Parameters
        ----------
        other : Running
        wider : bool
            The other tells it better: it becomes the head.
        day : int
            Today; an event that was over goes on.
        """
        if wider:
            self.others.append(self.key)
            self.family, self.series, self.key = other.family, other.series, other.key
            self.since = min(self.since, other.since)
            self.expected = self.expected | other.expected
        elif other.key != self.key and other.key not in self.others:
            self.others.append(other.key)
        if self.closed is not None:
            self.closed, self.quiet = None, 0
            self.again.append(day)
        self.last = day
        self.tickets.update(other.tickets)

    @property
    def by_phrase(self) -> bool:
        """Whether a phrase tells it, and no field."""
        return by_phrase(self.key)

    def add(self, tickets: Ints) -> None:
        """Take tickets of its head."""
        self.tickets.update(dict.fromkeys(tickets.tolist()))

    def holds(self, tickets: Ints) -> float:
        """Share of some tickets that are in the story."""
        if not len(tickets):
            return 0.0
        return sum(each in self.tickets for each in tickets.tolist()) / len(tickets)

    def share_in(self, tickets: Ints, window: Ints) -> float:
        """Share of the story's tickets of a window that are among some tickets."""
        own = [each for each in window.tolist() if each in self.tickets]
        return float(np.isin(own, tickets).mean()) if own else 0.0


def by_phrase(key: Key) -> bool:
    """Whether a series is that of a phrase."""
    return any(field == PHRASE for field, _ in key)


def related(one: Key, other: Key) -> bool:
    """Tell whether one series is a part of the other, or both are phrases; all tickets neither."""
    if by_phrase(one) or by_phrase(other):
        return by_phrase(one) and by_phrase(other)
    return bool(one and other) and (set(one) <= set(other) or set(other) <= set(one))
