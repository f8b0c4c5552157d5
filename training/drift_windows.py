"""Drift over time: tickets in windows of some days, each held against one reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from triage.drift.change import Change, changes
from triage.drift.reference import Reference
from triage.drift.views import Ticket
from triage.errors import InvalidInput
from triage.evaluation import Interval, bootstrap

_SEED = 20


@dataclass(frozen=True, slots=True)
class Window:
    """Tickets of some days.

    Attributes
    ----------
    start : date
        The first day.
    tickets : tuple of Ticket
    places : tuple of int
        Where each stood among those that were cut.
    """

    start: date
    tickets: tuple[Ticket, ...]
    places: tuple[int, ...]


def windows(tickets: Sequence[Ticket], moments: Sequence[datetime], *, days: int) -> list[Window]:
    """Cut tickets into windows of so many days, from the day of the first; empty ones are left out.

    Raises
    ------
    InvalidInput
        When a window would be shorter than a day.
    """
    if days < 1:
        raise InvalidInput(f"windows of {days} days", cure="one day at least")
    if not tickets:
        return []
    first = min(moments).date()
    places: dict[int, list[int]] = {}
    for place, (_, moment) in enumerate(zip(tickets, moments, strict=True)):
        places.setdefault((moment.date() - first).days // days, []).append(place)
    return [
        Window(
            first + timedelta(days=number * days),
            tuple(tickets[place] for place in places[number]),
            tuple(places[number]),
        )
        for number in sorted(places)
    ]


def over_time(
    reference: Reference, cut: Sequence[Window], *, permutations: int, least: int
) -> Iterator[tuple[Window, tuple[Change, ...]]]:
    """Hold each window against a reference; those with fewer tickets than `least` tell nothing."""
    for window in cut:
        if len(window.tickets) >= least:
            counted = reference.views.count(window.tickets)
            yield (
                window,
                changes(reference.views, reference.sample, counted, permutations=permutations),
            )


def overridden(
    window: Window, truth: Sequence[str], *, read: int, seed: int = _SEED
) -> Interval | None:
    """Tell how often people changed the line in a slice of a window, drawn by lot.

    Parameters
    ----------
    window : Window
    truth : sequence of str
        What people say of each ticket that was cut, in that order.
    read : int
        Tickets of the slice; fewer where the window has no more.

    Returns
    -------
    Interval or None
        With its 95 % bootstrap interval; None of no tickets.
    """
    size = min(read, len(window.tickets))
    if not size:
        return None
    rng = np.random.default_rng(seed)
    drawn = rng.choice(len(window.tickets), size, replace=False).tolist()
    changed = np.array(
        [window.tickets[place].line != truth[window.places[place]] for place in drawn]
    )
    return bootstrap(lambda rows: float(changed[rows].mean()), rows=size)
