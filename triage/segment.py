"""Words, in one place: jieba's dictionary without HMM, with the bank's own terms added.

The dictionary is the installed jieba's; the words are those of `jieba.cut(text, HMM=False)`, to
which a differential test holds the loop that finds them (docs/decisions/0005). Text is segmented
after normalisation, and nobody else segments.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from triage.errors import ConfigError
from triage.features import Ints, Points, code_points
from triage.kernels.cut import cut
from triage.memory import filled
from triage.tree import WordTree

# As common as an everyday word of the dictionary: wins over its parts, not over its neighbours.
TERM_FREQUENCY = 1_000
# Of ASCII, what jieba cuts by its dictionary; every other sign is a word of its own.
_MARKS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+#&._%-"
_ASCII = 1 << 7


def load_terms(folder: Path) -> tuple[str, ...]:
    """Read `*.txt` of a folder: one term a line, optionally a TAB and its frequency.

    Returns
    -------
    tuple of str
        Terms in file order; a frequency stays behind its TAB, as `Segmenter` takes it.

    Raises
    ------
    ConfigError
        When a term is there twice, holds white space, or its frequency is no number.
    """
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            term, _, frequency = line.partition("\t")
            where = f"{path.name} line {number}"
            if term in seen or term != "".join(term.split()):
                raise ConfigError(f"{where}: {term!r} is there twice or holds white space")
            if frequency and not frequency.isdecimal():
                raise ConfigError(f"{where}: frequency {frequency!r} is no whole number")
            seen[term] = line
    return tuple(seen.values())


@dataclass(frozen=True, slots=True)
class Words:
    """The words of n texts, by their sizes.

    Attributes
    ----------
    sizes : array of int64
        Characters of each word of each text; those of a text sum to its length.
    bounds : array of int64, length n + 1
        Words of text i are `sizes[bounds[i]:bounds[i + 1]]`.
    """

    sizes: Ints
    bounds: Ints

    def of(self, number: int) -> Ints:
        """Give the sizes of the words of one text."""
        return self.sizes[self.bounds[number] : self.bounds[number + 1]]


class Segmenter:
    """Cuts normalised text into words.

    Parameters
    ----------
    terms : iterable of str
        Terms to add to the dictionary, as `load_terms` gives them.

    Attributes
    ----------
    terms : tuple of str
    """

    def __init__(self, *, terms: Iterable[str]) -> None:
        self.terms = tuple(terms)
        words, often = _dictionary()
        self._dictionary = _Dictionary(words, often, spare=sum(map(len, self.terms)))
        # Decided on the dictionary as it comes, so that the order of the terms does not matter.
        wanted = _wanted(self.terms, self._dictionary)
        self._dictionary.add(list(wanted), list(wanted.values()))

    def cut(self, text: str) -> list[str]:
        """Give the words of `text`; they join back to it exactly."""
        return self._dictionary.cut(text)

    def cut_many(self, points: Points) -> Words:
        """Cut many texts."""
        return self._dictionary.cut_many(points)

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process builds its own: faster than sending tens of megabytes.
        return _rebuild, (self.terms,)


def _rebuild(terms: tuple[str, ...]) -> Segmenter:
    return Segmenter(terms=terms)


class _Dictionary:
    """Words and how often they are said, as kernels read them."""

    def __init__(self, words: Sequence[str], often: Sequence[int], *, spare: int) -> None:
        self._marks = np.isin(np.arange(_ASCII), [ord(mark) for mark in _MARKS])
        self._tree = WordTree(words, often, backwards=False, spare=spare)
        self._weigh()

    def add(self, words: Sequence[str], often: Sequence[int]) -> None:
        """Add words and how often they are said; a word that was there is said so often now."""
        self._tree.add(words, often)
        self._weigh()

    def _weigh(self) -> None:
        said = self._tree.ends
        # By the same function as jieba's, to the last bit: ties hang on it.
        values, places = np.unique(said, return_inverse=True)
        logs = np.array([math.log(v) if v > 0 else -1.0 for v in values.tolist()])
        self._logs = filled((len(places),), 0.0, np.float64)
        self._logs[:] = logs[places]
        self._total = math.log(max(1, int(said[said > 0].sum())))

    def cut(self, text: str) -> list[str]:
        """Give the words of one text."""
        return spelled(text, self.cut_many(code_points([text])).sizes)

    def cut_many(self, points: Points) -> Words:
        """Cut texts."""
        room = np.empty(len(points.codes), dtype=np.int64)
        words = Words(room, np.zeros(len(points.lengths) + 1, dtype=np.int64))
        known = self._tree.arrays, self._logs
        longest = int(points.lengths.max(initial=0)) + 1
        ends, *nodes = (np.empty(longest, dtype=np.int64) for _ in range(5))
        out = words.sizes, words.bounds, (np.empty(longest), ends, tuple(nodes))
        found = cut(*points, known, self._total, self._marks, out)
        return Words(room[:found], words.bounds)


def spelled(text: str, sizes: Ints) -> list[str]:
    """Give the words of a text by their sizes."""
    words, start = [], 0
    for size in sizes.tolist():
        words.append(text[start : start + size])
        start += size
    return words


def _wanted(terms: Sequence[str], known: _Dictionary) -> dict[str, int]:
    """Give the terms to be added, and how often each is said."""
    split = [line.partition("\t") for line in terms]
    words = np.diff(known.cut_many(code_points([term for term, _, _ in split])).bounds)
    return {
        term: int(frequency or TERM_FREQUENCY)
        for (term, _, frequency), count in zip(split, words.tolist(), strict=True)
        if frequency or count != 1
    }


@lru_cache(maxsize=1)
def _dictionary_path() -> Path:
    # Found without importing jieba, which would read the file itself.
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise ConfigError("jieba is not installed", cure="run `make setup`")
    return Path(spec.origin).with_name("dict.txt")


def _dictionary() -> tuple[list[str], list[int]]:
    """Read jieba's dictionary: a word, how often it is said and its kind, a line each."""
    fields = _dictionary_path().read_text(encoding="utf-8").split()
    return fields[::3], list(map(int, fields[1::3]))
