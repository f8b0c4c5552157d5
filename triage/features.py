"""Where features occur in texts, as numpy arrays: scikit-learn's numbers without scikit-learn.

Characters become packed integer keys (21 bits each, three to a key), words become ids and pairs
of ids, so no Python loop runs per character and one C call per word.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from triage.lookup import KeyTable
from triage.rows import Floats, Ints, Occurrences, Rows, tfidf

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
_WORD_BITS = 31
_WHITE = -1
_UNKNOWN = 0
_REMEMBERED = 50_000


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
        points = _points(texts, lengths)
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
        return Occurrences(docs[starts], features, starts, starts + longer + 1)


def _points(texts: Sequence[str], lengths: Ints) -> NDArray[np.uint32]:
    """Code points plus one of folded texts, a wall behind each; lone surrogates are allowed."""
    joined = "\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(joined, dtype=np.uint32).copy()
    points[points - np.uint32(ord("1")) < 9] = ord("0")
    points[points == ord("\n")] = ord(" ")
    points += np.uint32(1)
    points[np.cumsum(lengths + 1) - 1] = _WALL
    return points


class WordGrams:
    """Occurrences of words and of pairs of neighbouring words.

    Parameters
    ----------
    grams : sequence of str
        The vocabulary in feature order; a pair is written with one space between.
    """

    def __init__(self, grams: Sequence[str]) -> None:
        ids: dict[str, int] = {}
        keys = np.zeros(len(grams), dtype=np.int64)
        for i, gram in enumerate(grams):
            first, _, second = gram.partition(" ")
            keys[i] = ids.setdefault(first, len(ids) + 1) << _WORD_BITS
            if second:
                keys[i] |= ids.setdefault(second, len(ids) + 1)
        self._table = KeyTable(keys)
        self._ids = _WordIds(ids)

    def occurrences(self, documents: Sequence[Sequence[str]]) -> Occurrences:
        """Find the words and pairs; words of white space are passed over."""
        sizes = np.fromiter(map(len, documents), dtype=np.int64, count=len(documents))
        total = int(sizes.sum())
        words = list(chain.from_iterable(documents))
        ids = np.fromiter(map(self._ids.__getitem__, words), dtype=np.int64, count=total)
        lengths = np.fromiter(map(len, words), dtype=np.int64, count=total)
        docs = np.repeat(np.arange(len(documents), dtype=np.int64), sizes)
        ends = np.cumsum(lengths) + docs
        black = np.flatnonzero(ids != _WHITE)
        return self._collect(*(column[black] for column in (ids, docs, ends - lengths, ends)))

    def _collect(self, ids: Ints, docs: Ints, starts: Ints, ends: Ints) -> Occurrences:
        known = ids > _UNKNOWN
        pairs = np.flatnonzero(known[:-1] & known[1:] & (docs[:-1] == docs[1:]))
        single = np.flatnonzero(known)
        first, last = np.concatenate([single, pairs]), np.concatenate([single, pairs + 1])
        keys = ids[first] << _WORD_BITS
        keys[len(single) :] |= ids[pairs + 1]
        at, features = self._table.find(keys)
        first, last = first[at], last[at]
        return Occurrences(docs[first], features, starts[first], ends[last])


class _WordIds(dict[str, int]):
    """Ids of words as they stand in texts: folded once a spelling, not once an occurrence.

    Only spellings of the vocabulary's own words are remembered, nothing else that people write.
    """

    def __init__(self, ids: dict[str, int]) -> None:
        super().__init__(ids)
        self._most = len(self) + _REMEMBERED

    def __missing__(self, word: str) -> int:
        number = _WHITE if word.isspace() else self.get(fold(word), _UNKNOWN)
        if number != _UNKNOWN and len(self) < self._most:
            self[word] = number
        return number
