"""Words with a number each, as kernels walk them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.errors import ConfigError
from triage.features import Ints, code_points
from triage.kernels.tree import FINER, NODE_BITS, plant
from triage.memory import filled

Arrays = tuple[Ints, int, NDArray[np.int32], Ints, NDArray[np.uint8]]
_PLANE = 1 << 16
_MOST = 1 << NODE_BITS


class WordTree:
    """A tree of words.

    Parameters
    ----------
    words : sequence of str
    numbers : sequence of int
        One a word, not negative; of equal words the last one counts.
    backwards : bool
        Whether words are read from their ends.
    spare : int
        Characters of words that will be added later.

    Attributes
    ----------
    arrays : tuple
        Slots, their shift, the node of each character of the basic plane that begins a word, the
        number of the word that ends at each node, or -1, and bits that tell where nothing can be
        found without a look at the slots.

    Raises
    ------
    ConfigError
        When there are more characters than the nodes can be told apart for.
    """

    def __init__(
        self, words: Sequence[str], numbers: Sequence[int], *, backwards: bool, spare: int = 0
    ) -> None:
        most = sum(map(len, words)) + spare + 1
        if most > _MOST:
            raise ConfigError(f"words of {most:,} characters", cure=f"{_MOST:,} can be held")
        bits = max(4, (most + most // 2).bit_length())
        slots, ends = (filled((n,), -1, np.int64) for n in (1 << bits, most))
        roots = filled((_PLANE,), -1, np.int32)
        homes = filled((1 << (bits + FINER - 3),), 0, np.uint8)
        self.arrays: Arrays = slots, 64 - bits, roots, ends, homes
        self._backwards, self._nodes = backwards, 1
        self.add(words, numbers)

    @property
    def ends(self) -> Ints:
        """The number of the word that ends at each node, or -1."""
        return self.arrays[3][: self._nodes]

    def add(self, words: Sequence[str], numbers: Sequence[int]) -> None:
        """Add words; one that was there gets the new number."""
        points = code_points(words)
        given = np.array(numbers, dtype=np.int64)
        self._nodes = plant(*points, given, self._backwards, self.arrays, self._nodes)
