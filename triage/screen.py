"""One pass over many texts that tells what each may hold, so that most patterns need not run.

A gate is a set of words; a word is told by its rarest sign: a character, or two side by side.
A gate that stays shut rules its words out; an open gate promises nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from triage.errors import ConfigError
from triage.features import Ints, Points, code_points
from triage.kernels import screen as kernels
from triage.lookup import KeyTable

# Beyond the basic plane every character opens the gates of `beyond`.
_PLANE = 0x10000
_BYTE = 1 << 8


class Screen:
    """Looks at texts for the words of several gates.

    Parameters
    ----------
    gates : sequence of iterables of str
        Words of each gate, at most 61 gates; without ASCII capitals, which count as small
        letters in the texts.
    beyond : sequence of int
        Gates that any character outside the basic plane opens.

    Raises
    ------
    ConfigError
        When characters say more different things than can be told apart.
    """

    def __init__(self, gates: Sequence[Iterable[str]], *, beyond: Sequence[int] = ()) -> None:
        words = [tuple(dict.fromkeys(gate)) for gate in gates]
        common = Counter(pair for gate in words for word in gate for pair in set(pairwise(word)))
        singles = np.zeros(_PLANE, dtype=np.int64)
        pairs: dict[tuple[str, str], int] = {}
        for number, gate in enumerate(words):
            for word in gate:
                if len(word) == 1:
                    singles[ord(word)] |= 1 << number
                else:
                    # Of the pairs of a word the one that the fewest words share.
                    sign = min(pairwise(word), key=common.__getitem__)
                    pairs[sign] = pairs.get(sign, 0) | 1 << number
        singles[0] |= sum(1 << number for number in beyond)
        firsts = np.zeros(_PLANE, dtype=np.int64)
        firsts[[ord(first) for first, _ in pairs]] = 1
        # Of each character a number of one byte, 0 for most, who say nothing: the table stays near.
        said, numbers = np.unique(np.append(0, singles << 1 | firsts), return_inverse=True)
        if len(said) > _BYTE:
            raise ConfigError(f"{len(said)} kinds of characters", cure=f"{_BYTE} can be told apart")
        keys = np.array([ord(a) << 21 | ord(b) for a, b in pairs], dtype=np.int64)
        bits = np.array(list(pairs.values()), dtype=np.int64)
        self._arrays = numbers[1:].astype(np.uint8), said, KeyTable(keys).arrays, bits

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """Give the open gates of each text, one bit a gate."""
        opened: list[int] = self.look(code_points(texts)).tolist()
        return opened

    def look(self, points: Points) -> Ints:
        """Give the open gates of each text; its ASCII capitals become small letters."""
        out: Ints = np.empty(len(points.lengths), dtype=np.int64)
        kernels.screen(*points, *self._arrays, out)
        return out
