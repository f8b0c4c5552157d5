"""Which tickets are one event: those of a customer, of a template, in the same words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from triage.repeats.settings import TemplateRule
from triage.repeats.sketch import Sketch
from triage.repeats.template import alike

Ints = NDArray[np.int64]


class Ties:
    """Sets of tickets, by their numbers, that grow together."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def top(self, number: int) -> int:
        """Give the ticket that stands for the set of one."""
        above = self._above
        while above[number] != number:
            above[number] = above[above[number]]
            number = above[number]
        return number

    def tie(self, one: int, other: int) -> None:
        """Make two sets one."""
        self._above[self.top(one)] = self.top(other)

    def by(self, keys: Sequence[Hashable | None]) -> None:
        """Tie tickets of equal keys; None is no key."""
        first: dict[Hashable, int] = {}
        for number, key in enumerate(keys):
            if key is not None:
                self.tie(number, first.setdefault(key, number))

    def owners(self) -> Ints:
        """Number the sets; give that of each ticket."""
        tops = [self.top(number) for number in range(len(self._above))]
        return np.asarray(np.unique(tops, return_inverse=True)[1], dtype=np.int64)


def grouped(
    customers: Sequence[str | None], sketches: Sequence[Sketch | None], rule: TemplateRule
) -> list[str]:
    """Name the group of each ticket: one customer, or one template.

    Parameters
    ----------
    customers : sequence of str, length n
        None where nobody is known.
    sketches : sequence of Sketch, length n
        As the index of repeats keeps them; None where there is none.
    rule : TemplateRule
        When two texts are one template.
    """
    ties = Ties(len(customers))
    ties.by(customers)
    for one, other in _near(sketches):
        left, right = sketches[one], sketches[other]
        if left and right and ties.top(one) != ties.top(other) and alike(left, right, rule):
            ties.tie(one, other)
    return [f"g{number}" for number in ties.owners().tolist()]


def _near(sketches: Sequence[Sketch | None]) -> Iterator[tuple[int, int]]:
    """Pair each ticket with the first and the last before it that share a band with it."""
    held: dict[int, tuple[int, int]] = defaultdict(lambda: (-1, -1))
    for number, one in enumerate(sketches):
        for band in one.bands() if one else ():
            ends = held[band]
            yield from ((other, number) for other in dict.fromkeys(ends) if other >= 0)
            held[band] = (ends[0] if ends[0] >= 0 else number, number)
