"""Where features occur in texts, as numpy arrays: scikit-learn's numbers without scikit-learn.

Characters become packed integer keys (21 bits each, three to a key), words and pairs of words
become hashes; the loops are compiled (`triage.kernels`), so no Python runs per character.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.kernels import grams as kernels
from triage.kernels.fold import blank_tokens, fold_digits
from triage.lookup import KeyTable

Ints = NDArray[np.int64]
Places = NDArray[np.int32]
Floats = NDArray[np.float64]
Codes = NDArray[np.uint32]

__all__ = [
    "BLANK",
    "CharGrams",
    "Coded",
    "Floats",
    "Ints",
    "Occurrences",
    "Points",
    "WordGrams",
    "encode",
    "fold",
    "without_tokens",
]

_BEYOND_WHITE = 0x3001


TOKEN = re.compile(r"\[(?:[\u4e00-\u9fffIPQ]{2,4}[0-9]{1,3}|已删除)\]")
"""What masking writes for a name, a number, a secret; who wrote says nothing of a line."""
BLANK = "\0"


def fold(text: str) -> str:
    """Make ASCII digits zeros, line breaks spaces and tokens of masking `BLANK`, in place.

    Amounts and dates say nothing of a line; grams with a `BLANK` are none.
    """
    bare = TOKEN.sub(lambda token: BLANK * len(token[0]), text) if "[" in text else text
    return bare.translate(_FOLD)


_FOLD = str.maketrans("123456789\n", "000000000 ")


@dataclass(frozen=True, slots=True)
class Coded:
    """A batch of n texts as code points, one behind the other with one place between.

    Attributes
    ----------
    points : array of uint32
        Folded code points.
    begins, lengths : arrays of int64, length n
    sizes : array of int64
        Length of each word of each text.
    word_bounds : array of int64, length n + 1
        Words of text i are `sizes[word_bounds[i]:word_bounds[i + 1]]`.
    """

    points: Codes
    begins: Ints
    lengths: Ints
    sizes: Ints
    word_bounds: Ints


class Points(NamedTuple):
    """Texts as code points one behind the other, a line break behind each.

    Attributes
    ----------
    codes : array of uint32
        Writable; lone surrogates are kept.
    begins, lengths : arrays of int64, length n
    """

    codes: Codes
    begins: Ints
    lengths: Ints


def code_points(texts: Sequence[str]) -> Points:
    """Write texts as code points."""
    # A copy of one's own: what is read from bytes cannot be written.
    raw = bytearray("\n".join([*texts, ""]).encode("utf-32-le", "surrogatepass"))
    codes = np.frombuffer(raw, dtype=np.uint32)
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    steps = lengths + 1
    return Points(codes, np.add.accumulate(steps) - steps, lengths)


def without_tokens(points: Points) -> Points:
    """Give a copy in which every character of a token of masking is `BLANK`."""
    codes = points.codes.copy()
    blank_tokens(codes)
    return points._replace(codes=codes)


def encode(points: Points, sizes: Ints, word_bounds: Ints) -> Coded:
    """Add their words to texts without tokens, folded in a copy; see `Coded`."""
    codes = points.codes.copy()
    fold_digits(codes)
    return Coded(codes, points.begins, points.lengths, sizes, word_bounds)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every place where a feature occurs in a batch, before counting, in the order of the texts.

    Attributes
    ----------
    bounds : array of int64, length n + 1
        Occurrences of document i stand from `bounds[i]` to `bounds[i + 1]`.
    features : array of int32, length m
    starts, ends : arrays of int32, length m
        Range of characters in `Coded.points`.
    """

    bounds: Ints
    features: Places
    starts: Places
    ends: Places

    @classmethod
    def room(cls, documents: int, most: int) -> Occurrences:
        """Give arrays for a kernel to fill."""
        places = (np.empty(most, dtype=np.int32) for _ in range(3))
        return cls(np.zeros(documents + 1, dtype=np.int64), *places)

    @property
    def arrays(self) -> tuple[Ints, Places, Places, Places]:
        """All of it, as kernels take it."""
        return self.bounds, self.features, self.starts, self.ends

    def cut(self, found: int) -> Occurrences:
        """Keep what was filled."""
        return Occurrences(self.bounds, *(column[:found] for column in self.arrays[1:]))


def _keys(grams: Sequence[str], make: Any) -> Ints:
    keys = np.empty(len(grams), dtype=np.int64)
    codes, begins, lengths = code_points(grams)
    fold_digits(codes)
    make(codes, begins, lengths, keys)
    return keys


class CharGrams:
    """Occurrences of character grams of one to three characters.

    Parameters
    ----------
    grams : sequence of str
        The vocabulary, in feature order.
    """

    def __init__(self, grams: Sequence[str]) -> None:
        self._table = KeyTable(_keys(grams, kernels.char_keys))
        self._longest = max((len(gram) for gram in grams), default=0)
        known = set(grams)
        self._closed = all(gram[:-1] in known for gram in grams if len(gram) > 1)

    def occurrences(self, coded: Coded) -> Occurrences:
        """Find the grams of a batch."""
        room = Occurrences.room(len(coded.begins), len(coded.points) * self._longest)
        found = kernels.char_grams(
            coded.points,
            coded.begins,
            coded.lengths,
            self._longest,
            self._closed,
            self._table.arrays,
            room.arrays,
        )
        return room.cut(found)


class WordGrams:
    """Occurrences of words and of pairs of neighbouring words.

    Parameters
    ----------
    grams : sequence of str
        The vocabulary in feature order; a pair is written with one space between.
    """

    def __init__(self, grams: Sequence[str]) -> None:
        # White space: what `str.isspace` says, beyond the last of it nothing.
        self._white = np.array([chr(code).isspace() for code in range(_BEYOND_WHITE)])
        # Two words of one hash would be one feature: of 2**63 keys a bank uses some 2**18.
        self._table = KeyTable(_keys(grams, kernels.word_keys))

    def occurrences(self, coded: Coded) -> Occurrences:
        """Find the words and pairs; words of white space are passed over."""
        room = Occurrences.room(len(coded.begins), 2 * len(coded.sizes))
        found = kernels.word_grams(
            coded.points,
            coded.begins,
            (coded.sizes, coded.word_bounds),
            self._white,
            self._table.arrays,
            (*room.arrays, np.empty(len(coded.sizes), dtype=np.uint64)),
        )
        return room.cut(found)
