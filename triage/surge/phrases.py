"""The phrases of texts: words and runs of words that several tickets share.

Runs are found level by level: a longer run can only be frequent when both runs in it are. So
memory holds what is shared, and not every run of every text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from triage.surge.settings import PhraseRule

Codes = NDArray[np.int32]
Ints = NDArray[np.int64]
Kinds = NDArray[np.int8]
Bools = NDArray[np.bool_]
_NO_CODES: Codes = np.empty(0, dtype=np.int32)
# Runs do not go over these; a masked value is not what a text is about.
_NO_WORD = re.compile(r"[\W_]|[0-9.]+")
# A run that begins or ends so is a name with something before or after it.
_LOOSE = frozenset(
    "的了着吗呢吧啊呀我你他她它们是在和就都也还很又与及把被给让这那个不没有说要会能去来到从对向"
)


_WORD, _OPENS, _CLOSES, _OTHER = range(4)


class Lexicon(dict[str, int]):
    """Words by number: runs of them are compared as numbers, and a text is kept as numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._kinds: list[int] = []

    def __missing__(self, word: str) -> int:
        self.words.append(word)
        self._kinds.append(_kind(word))
        self[word] = number = len(self)
        return number

    def code(self, words: Sequence[str]) -> Codes:
        """Give the numbers of the words of a text."""
        return np.array([self[word] for word in words], dtype=np.int32)

    def tells_one(self, run: tuple[int, ...], rule: PhraseRule) -> bool:
        """Say it of one run."""
        words = [self.words[number] for number in run]
        fewest, most = rule.characters
        loose = words[0][0] in _LOOSE or words[-1][-1] in _LOOSE
        return fewest <= sum(map(len, words)) <= most and not loose

    def kinds(self) -> Kinds:
        """Give what each word is: a word, a bracket, or something that runs do not go over."""
        return np.array(self._kinds, dtype=np.int8)

    def tells(self, runs: Codes, rule: PhraseRule) -> np.ndarray:
        """Say which runs, one a row, are long enough and neither begin nor end loosely."""
        fewest, most = rule.characters
        sizes = np.array([len(word) for word in self.words], dtype=np.int64)[runs].sum(axis=1)
        begins = np.array([word[0] in _LOOSE for word in self.words], dtype=np.bool_)[runs[:, 0]]
        ends = np.array([word[-1] in _LOOSE for word in self.words], dtype=np.bool_)[runs[:, -1]]
        return np.asarray((fewest <= sizes) & (sizes <= most) & ~begins & ~ends)


def shared_phrases(
    texts: Sequence[Sequence[str]], rule: PhraseRule, *, least: int | None = None
) -> list[tuple[str, ...]]:
    """Find the phrases of texts that can be news.

    Parameters
    ----------
    texts : sequence of sequence of str
        The words of each masked and normalised text, as the segmenter cuts them.
    rule : PhraseRule
    least : int, optional
        Texts that share a phrase, at least; default `rule.least_count`.

    Returns
    -------
    list of tuple of str
        For each text its phrases, each once, in order of the alphabet. Too common ones are left
        out: those in more than `rule.most_share` of the texts, or in all that could be.
    """
    lexicon = Lexicon()
    return phrases_of_codes([lexicon.code(words) for words in texts], lexicon, rule, least=least)


def phrases_of_codes(
    texts: Sequence[Codes],
    lexicon: Lexicon,
    rule: PhraseRule,
    *,
    least: int | None = None,
    usual: Bools | None = None,
) -> list[tuple[str, ...]]:
    """Find the phrases of texts that are numbers of a lexicon's words; see `shared_phrases`.

    `usual` says which texts tell what is too common; all of them when it is left out.
    """
    fewest = rule.least_count if least is None else least
    usual = np.ones(len(texts), dtype=np.bool_) if usual is None else usual
    most = most_of(int(usual.sum()), fewest, rule)
    words = np.concatenate([_NO_CODES, *texts])
    text = np.repeat(np.arange(len(texts), dtype=np.int32), [len(each) for each in texts])
    run: Codes = np.where(in_runs(words, text, lexicon.kinds()), words, np.int32(-1))
    spelled = np.array(lexicon.words, dtype=object)
    numbers: dict[str, int] = {}
    said: list[tuple[Codes, Codes]] = []
    for size in range(1, rule.words + 1):
        level = _level(run, text) if size > 1 else _words(run, text)
        own = np.full(len(level.first), -1, dtype=np.int32)
        common = np.bincount(level.group[usual[level.text]], minlength=len(level.first)) > most
        often = np.flatnonzero((level.texts >= fewest) & ~common)
        runs = words[level.first[often][:, None] + np.arange(size)]
        tells = lexicon.tells(runs, rule)
        names = map("".join, spelled[runs[tells]].tolist())
        own[often[tells]] = [numbers.setdefault(name, len(numbers)) for name in names]
        told = own[level.group] >= 0
        said.append((level.text[told], own[level.group[told]]))
        run = level.renumbered(len(words), fewest)
        del level  # a third of all memory, while the next one is made
    return _by_text(said, list(numbers), len(texts))


def most_of(texts: int, fewest: int, rule: PhraseRule) -> float:
    """Give in how many of so many texts a phrase may be and still be news."""
    return max(rule.most_share * texts, 10.0 * fewest)


@dataclass(frozen=True, slots=True)
class _Level:
    """Runs of one size, sorted by what they say; equal ones are a group.

    Attributes
    ----------
    places : array of int32
        Where each run begins, sorted by group and then by text.
    inside : array of int32
        Group of each of `places`.
    group, text : array of int32
        Each text of each group once.
    first : array of int32
        A place of each group.
    texts : array of int64
        In how many texts each group is.
    """

    places: Codes
    inside: Codes
    group: Codes
    text: Codes
    first: Codes
    texts: Ints

    @classmethod
    def of(cls, places: Codes, said: Codes | Ints, text: Codes) -> _Level:
        """Group places by what the runs there say."""
        # Stable: the places of a group stay in the order of their texts.
        order = np.argsort(said, kind="stable")
        places, fresh = places[order], _begins(said[order])
        del order
        where, inside = text[places], np.cumsum(fresh, dtype=np.int32) - np.int32(1)
        once = fresh | _begins(where)
        group = inside[once]
        texts = np.bincount(group, minlength=int(fresh.sum()))
        return cls(places, inside, group, where[once], places[fresh], texts)

    def renumbered(self, size: int, fewest: int) -> Codes:
        """Give the group of the run that begins at each place, -1 where none does or it is rare."""
        often = self.texts >= fewest
        number = np.where(often, np.cumsum(often, dtype=np.int32) - np.int32(1), np.int32(-1))
        found = np.full(size, -1, dtype=np.int32)
        found[self.places] = number[self.inside]
        return found


def _begins(values: Codes | Ints) -> Bools:
    """Say which values are others than the one before."""
    found = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def _words(run: Codes, text: Codes) -> _Level:
    places = np.flatnonzero(run >= 0).astype(np.int32)
    return _Level.of(places, run[places], text)


def _level(run: Codes, text: Codes) -> _Level:
    """Group the runs that are one word longer: both runs in them are frequent."""
    one, next_ = run[:-1], run[1:]
    both = (one >= 0) & (next_ >= 0) & (text[:-1] == text[1:])
    places = np.flatnonzero(both).astype(np.int32)
    longer = one[places].astype(np.int64) * (int(run.max(initial=0)) + 1) + next_[places]
    return _Level.of(places, longer, text)


def in_runs(words: Codes, text: Codes, kinds: Kinds) -> Bools:
    """Say which words can be in a run: punctuation, numbers and masked values cannot."""
    kind = kinds[words]
    bracket = (kind == _OPENS) | (kind == _CLOSES)
    at = np.flatnonzero(bracket)
    if not len(at):
        return np.asarray(kind == _WORD)
    last = np.cumsum(bracket, dtype=np.int32) - np.int32(1)
    inside = (_open_behind(kind[at] == _OPENS, text[at]) > 0)[last]
    inside &= (last >= 0) & (text[at][last] == text)
    return np.asarray((kind == _WORD) & ~inside)


def _open_behind(opens: Bools, text: Codes) -> Ints:
    """Give how many brackets of its text are open behind each bracket."""
    step = np.where(opens, 1, -1)
    depth, begins = np.cumsum(step), np.flatnonzero(_begins(text))
    before = depth[begins] - step[begins]
    depth -= np.repeat(before, np.diff(begins, append=len(text)))
    # A bracket that closes nothing changes nothing: depth is told from the lowest so far.
    apart = text.astype(np.int64) * (2 * len(text) + 1)
    lowest = np.minimum.accumulate(depth - apart) + apart
    return np.asarray(depth - np.minimum(lowest, 0), dtype=np.int64)


def _by_text(
    said: Sequence[tuple[Codes, Codes]], names: list[str], count: int
) -> list[tuple[str, ...]]:
    """Give each text its names, each once, in order of the alphabet."""
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    size = max(1, len(names))
    pairs = np.concatenate([text.astype(np.int64) * size + rank[name] for text, name in said])
    pairs.sort()
    pairs = pairs[_begins(pairs)]
    bounds = np.searchsorted(pairs, np.arange(count + 1) * size).tolist()
    pairs %= size
    spelled = np.array(names, dtype=object)[order]
    return [tuple(spelled[pairs[start:end]]) for start, end in pairwise(bounds)]


def _kind(word: str) -> int:
    brackets = {"[": _OPENS, "]": _CLOSES}
    return brackets.get(word, _OTHER if _NO_WORD.fullmatch(word) else _WORD)
