"""Sparse text features as numpy arrays: the same numbers scikit-learn gives, without it.

Characters become packed integer keys (21 bits each, three to a key), words become ids and
pairs of ids; keys are found in an open-addressing table, so no Python loop runs per character.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_CODE_BITS = 21
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_EMPTY = np.int64(-1)


class KeyTable:
    """Finds the positions of integer keys, many at once.

    Parameters
    ----------
    keys : array of int64, length n
        Distinct and not negative; key `keys[i]` is found at position `i`.
    """

    def __init__(self, keys: Ints) -> None:
        bits = max(4, int(len(keys) * 3).bit_length())
        self._shift = np.uint64(64 - bits)
        self._mask = np.int64((1 << bits) - 1)
        self._keys = np.full(1 << bits, _EMPTY, dtype=np.int64)
        self._positions = np.full(1 << bits, _EMPTY, dtype=np.int64)
        self._fill(np.asarray(keys, dtype=np.int64))

    def _slots(self, keys: Ints) -> Ints:
        return ((keys.view(np.uint64) * _MULTIPLIER) >> self._shift).view(np.int64)

    def _fill(self, keys: Ints) -> None:
        todo = np.arange(len(keys), dtype=np.int64)
        slots = self._slots(keys)
        while len(todo):
            free = self._keys[slots] == _EMPTY
            self._keys[slots[free]] = keys[todo[free]]
            self._positions[slots[free]] = todo[free]
            lost = self._keys[slots] != keys[todo]
            # Of several keys that wanted one free slot the last has it; its position must win too.
            won = ~lost
            self._positions[slots[won]] = todo[won]
            todo, slots = todo[lost], (slots[lost] + 1) & self._mask

    def find(self, keys: Ints) -> Ints:
        """Give the position of each key, or -1."""
        slots = self._slots(keys)
        found = self._keys[slots]
        positions = np.where(found == keys, self._positions[slots], _EMPTY)
        open_ = np.flatnonzero((found != keys) & (found != _EMPTY))
        while len(open_):
            slots[open_] = (slots[open_] + 1) & self._mask
            found = self._keys[slots[open_]]
            hit = found == keys[open_]
            positions[open_[hit]] = self._positions[slots[open_[hit]]]
            open_ = open_[~hit & (found != _EMPTY)]
        return positions


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every place where a feature occurs, before counting.

    Attributes
    ----------
    docs, features, starts, ends : arrays of int64, length m
        Document number, feature position, and the range of characters of that document's
        (normalised) text.
    """

    docs: Ints
    features: Ints
    starts: Ints
    ends: Ints


@dataclass(frozen=True, slots=True)
class Rows:
    """A sparse matrix in row order.

    Attributes
    ----------
    indptr : array of int64, length n_docs + 1
    indices : array of int64
    values : array of float64
    counts : array of int64
        How often each cell's feature occurs in its document.
    cells : array of int64
        The cell of each occurrence the rows were made from.
    """

    indptr: Ints
    indices: Ints
    values: Floats
    counts: Ints
    cells: Ints

    def dot(self, weights: NDArray[np.float32]) -> Floats:
        """Multiply by a dense matrix (n_features, k); gives (n_docs, k)."""
        out = np.zeros((len(self.indptr) - 1, weights.shape[1]))
        filled = np.flatnonzero(np.diff(self.indptr))
        if len(filled):
            products = weights[self.indices] * self.values[:, None]
            out[filled] = np.add.reduceat(products, self.indptr[filled], axis=0)
        return out


def code_points(text: str) -> NDArray[np.uint32]:
    """Give the code points of a text; lone surrogates are allowed."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def fold(text: str) -> str:
    """Make every ASCII digit a zero and every line break a space, keeping the length.

    Amounts and dates say nothing of a line.
    """
    return text.translate(_FOLD)


_FOLD = str.maketrans("123456789\n", "000000000 ")


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
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        points = code_points(fold("".join(texts))).astype(np.int64) + 1
        docs = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
        first = np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = np.arange(len(points), dtype=np.int64) - first
        left = np.repeat(lengths, lengths) - places
        return self._collect(points, docs, places, left)

    def _collect(self, points: Ints, docs: Ints, places: Ints, left: Ints) -> Occurrences:
        parts: list[tuple[Ints, Ints, Ints, Ints]] = []
        keys = points
        for size in range(1, self._longest + 1):
            if size > 1:
                keys = (keys[:-1] << _CODE_BITS) | points[size - 1 :]
            whole = np.flatnonzero(left[: len(keys)] >= size)
            positions = self._table.find(keys[whole])
            known = positions >= 0
            at = whole[known]
            parts.append((docs[at], positions[known], places[at], places[at] + size))
        if not parts:
            return _no_occurrences()
        return Occurrences(*(np.concatenate(column) for column in zip(*parts, strict=True)))


class WordGrams:
    """Occurrences of words and of pairs of neighbouring words.

    Parameters
    ----------
    grams : sequence of str
        The vocabulary in feature order; a pair is written with one space between.
    """

    def __init__(self, grams: Sequence[str]) -> None:
        self._ids: dict[str, int] = {}
        keys = np.zeros(len(grams), dtype=np.int64)
        for i, gram in enumerate(grams):
            first, _, second = gram.partition(" ")
            keys[i] = self._id(first) << 31 | (self._id(second) if second else 0)
        self._table = KeyTable(keys)

    def _id(self, word: str) -> int:
        return self._ids.setdefault(word, len(self._ids) + 1)

    def occurrences(self, documents: Sequence[Sequence[str]]) -> Occurrences:
        """Find the words and pairs; words of white space are passed over."""
        get = self._ids.get
        flat: list[int] = []
        docs: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        for number, words in enumerate(documents):
            place = 0
            for word in words:
                end = place + len(word)
                if not word.isspace():
                    flat.append(get(_fold_word(word), 0))
                    docs.append(number)
                    starts.append(place)
                    ends.append(end)
                place = end
        return self._collect(*(np.array(x, dtype=np.int64) for x in (flat, docs, starts, ends)))

    def _collect(self, ids: Ints, docs: Ints, starts: Ints, ends: Ints) -> Occurrences:
        if not len(ids):
            return _no_occurrences()
        known = ids > 0
        pairs = np.flatnonzero(known[:-1] & known[1:] & (docs[:-1] == docs[1:]))
        single = np.flatnonzero(known)
        keys = np.concatenate([ids[single] << 31, ids[pairs] << 31 | ids[pairs + 1]])
        positions = self._table.find(keys)
        hit = positions >= 0
        at = np.concatenate([single, pairs])[hit]
        last = np.concatenate([single, pairs + 1])[hit]
        return Occurrences(docs[at], positions[hit], starts[at], ends[last])


def _fold_word(word: str) -> str:
    return word if word.isalpha() else fold(word)


def _no_occurrences() -> Occurrences:
    none = np.zeros(0, dtype=np.int64)
    return Occurrences(none, none, none, none)


def tfidf(found: Occurrences, idf: Floats, *, n_docs: int) -> Rows:
    """Weigh occurrences: sublinear term frequency times idf, each row of length one.

    Parameters
    ----------
    found : Occurrences
    idf : array of float64, length n_features
    n_docs : int

    Returns
    -------
    Rows
        What `TfidfVectorizer(sublinear_tf=True, norm="l2")` gives for the same vocabulary.
    """
    size = np.int64(max(1, len(idf)))
    keys, cells, counts = np.unique(
        found.docs * size + found.features, return_inverse=True, return_counts=True
    )
    docs, indices = np.divmod(keys, size)
    values = (1.0 + np.log(counts)) * idf[indices]
    indptr = np.searchsorted(docs, np.arange(n_docs + 1, dtype=np.int64))
    norms = np.sqrt(np.bincount(docs, weights=values * values, minlength=n_docs))
    return Rows(indptr, indices, values / norms[docs], counts, cells)
