"""Which rules may match in a narrative, and where, by the words that were seen in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from triage.features import Points
from triage.kernels.rules import open_rules
from triage.words import Hits

Stretch = tuple[int, int]
Sets = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Demand:
    """What must be seen before a rule is tried; words by their numbers.

    Attributes
    ----------
    triggers : sequence of int
        The rule may match around each.
    near : sequence of sequences of int
        Of each, one must stand in the stretch around a trigger that is searched.
    anywhere : sequence of sequences of int
        Of each, one must stand in the narrative.
    """

    triggers: Sequence[int]
    near: Sets = ()
    anywhere: Sets = ()

    @property
    def sets(self) -> list[Sequence[int]]:
        """All sets of words of which one must be seen, the triggers first."""
        return [self.triggers, *self.near, *self.anywhere]


class Opener:
    """Tells which rules may match, and in which stretches, by the words that were seen.

    Parameters
    ----------
    demands : sequence of Demand
        One a rule.
    words : int
        How many there are.
    stops : str
        Characters that end a sentence; a stretch goes no further.
    reach : int
        How many characters a stretch goes on before the end of a trigger and behind it.
    """

    def __init__(self, demands: Sequence[Demand], words: int, *, stops: str, reach: int) -> None:
        planes = max((len(demand.sets) for demand in demands), default=1)
        # One bit a demand of a rule: the bits of all words seen tell the rules that may match.
        shape = planes, len(demands) // 64 + 1
        self._meets = np.zeros((words, *shape), dtype=np.uint64)
        self._asks_nothing, self._near = (np.zeros(shape, dtype=np.uint64) for _ in range(2))
        triggers: list[list[int]] = [[] for _ in range(words)]
        for rule, demand in enumerate(demands):
            block, bit = rule // 64, np.uint64(1 << rule % 64)
            self._asks_nothing[len(demand.sets) :, block] |= bit
            self._near[1 : 1 + len(demand.near), block] |= bit
            for plane, alternatives in enumerate(demand.sets):
                self._meets[list(alternatives), plane, block] |= bit
            for word in demand.triggers:
                triggers[word].append(rule)
        ends = np.cumsum([0, *map(len, triggers)], dtype=np.int64)
        self._own = ends, np.array([r for own in triggers for r in own], dtype=np.int64)
        self._places = np.array([ord(stop) for stop in stops], dtype=np.uint32), reach

    def opened(self, hits: Hits, points: Points) -> list[dict[int, list[Stretch]]]:
        """Give for each text the rules that may match, with the stretches to be searched."""
        counts = np.zeros(len(hits.bounds), dtype=np.int64)
        work = np.empty_like(self._asks_nothing), np.empty_like(self._asks_nothing[0])
        demands = self._meets, self._asks_nothing, self._near, *self._own
        room = max(64, len(hits.words))
        while True:
            places = [np.empty(room, dtype=np.int64) for _ in range(3)]
            given = hits.arrays, demands, (*points, *self._places)
            found = open_rules(*given, (counts, *places, *work))
            if found <= room:
                break
            room = found
        told = zip(*(column[:found].tolist() for column in places), strict=True)
        opened: list[dict[int, list[Stretch]]] = []
        for size in (counts[1:] - counts[:-1]).tolist():
            # In the order of the text: of two rules for one stretch the later may decide.
            own: dict[int, list[Stretch]] = {}
            for rule, low, high in islice(told, size):
                own.setdefault(rule, []).append((low, high))
            opened.append(own)
        return opened
