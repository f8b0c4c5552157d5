"""Many words found in many texts in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triage.features import Ints, Points
from triage.kernels.words import find_words
from triage.tree import Arrays, WordTree


@dataclass(frozen=True, slots=True)
class Hits:
    """Where words stand in n texts.

    Attributes
    ----------
    bounds : array of int64, length n + 1
        Hits of text i stand from `bounds[i]` to `bounds[i + 1]`, by end, at one end the longest
        first.
    words, starts, ends : arrays of int64
        Number of the word, or of what it stands for, and its place in the text.
    """

    bounds: Ints
    words: Ints
    starts: Ints
    ends: Ints

    @classmethod
    def none(cls, texts: int) -> Hits:
        """Give no hits in so many texts."""
        empty = np.empty(0, dtype=np.int64)
        return cls(np.zeros(texts + 1, dtype=np.int64), empty, empty, empty)

    @property
    def arrays(self) -> tuple[Ints, Ints, Ints, Ints]:
        """All of it, as kernels take it."""
        return self.bounds, self.words, self.starts, self.ends


class WordFinder:
    """Finds every place of every word, those that overlap too.

    Parameters
    ----------
    words : sequence of str
        Distinct and not empty.

    Attributes
    ----------
    tree : tuple
        The words as kernels read them, from their ends; see `WordTree`.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.tree: Arrays = WordTree(words, range(len(words)), backwards=True).arrays

    def find(self, points: Points) -> Hits:
        """Find the words in texts."""
        room = len(points.codes) // 2 + 64
        longest = int(points.lengths.max(initial=0))
        nodes = tuple(np.empty(longest, dtype=np.int64) for _ in range(4))
        while True:
            places = (np.empty(room, dtype=np.int64) for _ in range(3))
            hits = Hits(np.zeros(len(points.lengths) + 1, dtype=np.int64), *places)
            found = find_words(*points, self.tree, (*hits.arrays, nodes))
            if found <= room:
                return Hits(hits.bounds, *(column[:found] for column in hits.arrays[1:]))
            room = found
