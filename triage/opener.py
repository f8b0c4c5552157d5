"""Which rules may match in a narrative, by the words that were seen in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from triage.kernels.rules import open_rules
from triage.words import Hits


class Opener:
    """Tells which rules may match by the words that were seen.

    Parameters
    ----------
    demands : list of lists of lists of int
        For each rule the sets of words of which each must hold one that was seen; its triggers
        come first.
    words : int
        How many there are.
    """

    def __init__(self, demands: Sequence[Sequence[Sequence[int]]], words: int) -> None:
        planes, blocks = max(map(len, demands), default=1), len(demands) // 64 + 1
        # One bit a demand of a rule: the bits of all words seen tell the rules that may match.
        self._meets = np.zeros((words, planes, blocks), dtype=np.uint64)
        self._asks_nothing = np.zeros((planes, blocks), dtype=np.uint64)
        triggers: list[list[int]] = [[] for _ in range(words)]
        for rule, sets in enumerate(demands):
            block, bit = rule // 64, np.uint64(1 << rule % 64)
            self._asks_nothing[len(sets) :, block] |= bit
            for plane, alternatives in enumerate(sets):
                self._meets[list(alternatives), plane, block] |= bit
            for word in sets[0]:
                triggers[word].append(rule)
        ends = np.cumsum([0, *map(len, triggers)], dtype=np.int64)
        self._own = ends, np.array([r for own in triggers for r in own], dtype=np.int64)

    def opened(self, hits: Hits) -> list[dict[int, list[int]]]:
        """Give for each text the rules that may match, with the ends of their triggers."""
        counts = np.zeros(len(hits.bounds), dtype=np.int64)
        work = np.empty_like(self._asks_nothing), np.empty_like(self._asks_nothing[0])
        room = max(64, len(hits.words))
        while True:
            rules, places = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
            demands = self._meets, self._asks_nothing, self._own
            found = open_rules(hits.words, hits.bounds, *demands, (counts, rules, places, *work))
            if found <= room:
                break
            room = found
        told = zip(rules[:found].tolist(), hits.ends[places[:found]].tolist(), strict=True)
        opened: list[dict[int, list[int]]] = []
        for size in (counts[1:] - counts[:-1]).tolist():
            # In the order of the text: of two rules for one stretch the later may decide.
            own: dict[int, list[int]] = {}
            for rule, end in islice(told, size):
                own.setdefault(rule, []).append(end)
            opened.append(own)
        return opened
