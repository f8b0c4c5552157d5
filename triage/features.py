"""Where features occur in texts, as numpy arrays: scikit-learn's numbers without scikit-learn.

Characters become packed integer keys (21 bits each, three to a key), words and pairs of words
become hashes, so no Python runs per character and next to none per word.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from triage.lookup import KeyTable
from triage.rows import Floats, Ints, Occurrences, Rows, tfidf

Hashes = NDArray[np.uint64]

__all__ = [
    "CharGrams",
    "Floats",
    "Ints",
    "Occurrences",
    "Rows",
    "WordGrams",
    "beginnings",
    "fold",
    "tfidf",
]

_CODE_BITS = 21
# Between documents; beyond every character, so no gram of a vocabulary holds it.
_WALL = (1 << _CODE_BITS) - 1
_BEYOND_WHITE = 0x3001
# Odd factors of the characters of a word by their place; a power of two of them.
_PERIOD = 64
_FACTORS = np.random.default_rng(20).integers(0, 1 << 63, _PERIOD, dtype=np.uint64) * 2 + 1


def fold(text: str) -> str:
    """Make every ASCII digit a zero and every line break a space, keeping the length.

    Amounts and dates say nothing of a line.
    """
    return text.translate(_FOLD)


_FOLD = str.maketrans("123456789\n", "000000000 ")


def beginnings(lengths: Ints) -> Ints:
    """Where each document begins when all stand in a row with one place between."""
    return np.asarray(np.cumsum(lengths + 1) - (lengths + 1))


def pack(gram: str) -> int:
    """Pack a gram of one to three characters into its key."""
    key = 0
    for char in gram:
        key = (key << _CODE_BITS) | (ord(char) + 1)
    return key


class CharGrams:
    """Occurrences of character grams of one to three characters.

    Parameters
    ----------
    grams : sequence of str
        The vocabulary, in feature order.
    """

    def __init__(self, grams: Sequence[str]) -> None:
        self._table = KeyTable(np.array([pack(gram) for gram in grams], dtype=np.int64))
        self._longest = max((len(gram) for gram in grams), default=0)

    def occurrences(self, texts: Sequence[str]) -> Occurrences:
        """Find the grams of normalised texts."""
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        points = _points("\n".join([*texts, ""])) + np.uint32(1)
        points[np.cumsum(lengths + 1) - 1] = _WALL
        size = len(points)
        keys = np.empty(size * self._longest, dtype=np.int64)
        for n in range(self._longest):
            here = keys[n * size : (n + 1) * size]
            if n == 0:
                here[:] = points
                continue
            # The last places begin no gram so long; a wall stands in for them.
            here[size - n :] = _WALL
            np.left_shift(keys[(n - 1) * size : n * size - n], _CODE_BITS, out=here[: size - n])
            here[: size - n] |= points[n:]
        at, features = self._table.find(keys)
        longer, starts = np.divmod(at, max(size, 1))
        docs = np.repeat(np.arange(len(texts), dtype=np.int32), lengths + 1)
        return Occurrences(docs.take(starts), features, starts, starts + longer + 1)


def _points(text: str) -> NDArray[np.uint32]:
    """Code points of a folded text; lone surrogates are allowed."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).copy()
    points[points - np.uint32(ord("1")) < 9] = ord("0")
    points[points == ord("\n")] = ord(" ")
    return points


class WordGrams:
    """Occurrences of words and of pairs of neighbouring words.

    Parameters
    ----------
    grams : sequence of str
        The vocabulary in feature order; a pair is written with one space between.
    """

    def __init__(self, grams: Sequence[str]) -> None:
        # White space: what `str.isspace` says, beyond the last of it nothing.
        self._white = np.array([chr(code).isspace() for code in range(_BEYOND_WHITE + 1)])
        parts = [gram.partition(" ") for gram in grams]
        firsts, _ = self._hashes([first for first, _, _ in parts])
        seconds, _ = self._hashes([second or "-" for _, _, second in parts])
        paired = np.array([bool(second) for _, _, second in parts], dtype=bool)
        self._table = KeyTable(np.where(paired, _pair(firsts, seconds), _single(firsts)))

    def occurrences(self, documents: Sequence[Sequence[str]]) -> Occurrences:
        """Find the words and pairs; words of white space are passed over."""
        sizes = np.fromiter(map(len, documents), dtype=np.int64, count=len(documents))
        words = list(chain.from_iterable(documents))
        hashes, lengths = self._hashes(words)
        owners = np.repeat(np.arange(len(documents), dtype=np.int64), sizes)
        behind = np.cumsum(lengths) + owners
        black = np.flatnonzero(hashes)
        hashes, docs, ends = hashes.take(black), owners.take(black), behind.take(black)
        starts = ends - lengths.take(black)
        pairs = np.flatnonzero(docs[:-1] == docs[1:])
        keys = np.concatenate([_single(hashes), _pair(hashes.take(pairs), hashes.take(pairs + 1))])
        at, features = self._table.find(keys)
        first = np.concatenate([np.arange(len(hashes)), pairs]).take(at)
        last = first + (at >= len(hashes))
        return Occurrences(docs.take(first), features, starts.take(first), ends.take(last))

    def _hashes(self, words: Sequence[str]) -> tuple[Hashes, Ints]:
        """Give a number for each word, 0 for white space, and the lengths of the words."""
        lengths = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
        if not len(lengths):
            return np.zeros(0, dtype=np.uint64), lengths
        points = _points("".join(words))
        starts = np.cumsum(lengths) - lengths
        places = np.arange(len(points)) - np.repeat(starts, lengths)
        places &= _PERIOD - 1
        # Two words of one hash would be one feature: of 2**64 hashes a bank uses some 2**18.
        hashes = np.add.reduceat((points + np.uint64(1)) * _FACTORS.take(places), starts)
        white = self._white.take(np.minimum(points.take(starts), _BEYOND_WHITE))
        for number in np.flatnonzero(white).tolist():
            if words[number].isspace():
                hashes[number] = 0
        return hashes, lengths


def _single(hashes: Hashes) -> Ints:
    return (hashes >> np.uint64(1)).view(np.int64)


def _pair(first: Hashes, second: Hashes) -> Ints:
    return _single(first * _FACTORS[0] + (second ^ _FACTORS[1]))
