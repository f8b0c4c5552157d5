"""The phrases of texts that become more: only runs that new texts hold are counted again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triage.surge.phrases import Bools, Codes, Ints, Lexicon, in_runs, most_of, phrases_of_codes
from triage.surge.settings import PhraseRule

Run = tuple[int, ...]
_BREAK = -1
# So many new texts are read sooner with all others than run by run.
_MANY = 40


class PhraseBook:
    """Texts as numbers of words, one behind the other, with their phrases.

    Parameters
    ----------
    texts : sequence of Codes
    usual : array of bool
        Which of them tell what is too common; new texts do not.
    lexicon : Lexicon
    rule : PhraseRule

    Attributes
    ----------
    phrases : list of tuple of str
        Of each text, in order of the alphabet, as `phrases_of_codes` gives them.
    """

    def __init__(
        self, texts: Sequence[Codes], usual: Bools, lexicon: Lexicon, rule: PhraseRule
    ) -> None:
        self._lexicon, self._rule = lexicon, rule
        self._usual, self._fewest = usual, rule.least_count
        self.phrases = phrases_of_codes(texts, lexicon, rule, usual=usual)
        self._texts: list[Codes] = []
        self._begins = np.zeros(0, dtype=np.int64)
        self._words: Codes = np.empty(0, dtype=np.int32)
        self._append(texts)

    def add(self, texts: Sequence[Codes]) -> list[int]:
        """Take more texts; give the places of those, known before, that now have more phrases."""
        known, start = len(self._begins), len(self._words)
        self._append(texts)
        self._usual = np.append(self._usual, np.zeros(len(texts), dtype=np.bool_))
        if len(texts) > _MANY:
            return self._all_anew(known)
        self.phrases += [()] * len(texts)
        more: dict[int, set[str]] = {}
        for run, places in self._shared(start):
            name = "".join(self._lexicon.words[number] for number in run)
            # What enough texts said before is theirs already.
            before = int(np.searchsorted(places, known))
            fresh = places if before < self._fewest else places[before:]
            for place in fresh.tolist():
                more.setdefault(place, set()).add(name)
        for place, names in more.items():
            self.phrases[place] = tuple(sorted(names.union(self.phrases[place])))
        return sorted(place for place in more if place < known)

    def _all_anew(self, known: int) -> list[int]:
        before = self.phrases
        given = self._texts, self._lexicon, self._rule
        self.phrases = phrases_of_codes(*given, usual=self._usual)
        return [place for place in range(known) if self.phrases[place] != before[place]]

    def _append(self, texts: Sequence[Codes]) -> None:
        self._texts += texts
        kinds = self._lexicon.kinds()
        sizes = np.array([len(each) + 1 for each in texts], dtype=np.int64)
        words = np.concatenate([np.empty(0, dtype=np.int32), *texts])
        text = np.repeat(np.arange(len(texts), dtype=np.int32), sizes - 1)
        runs = np.where(in_runs(words, text, kinds), words, np.int32(_BREAK))
        ends = np.cumsum(sizes) - 1
        laid = np.full(int(sizes.sum()), _BREAK, dtype=np.int32)
        kept = np.ones(len(laid), dtype=np.bool_)
        kept[ends] = False
        laid[kept] = runs
        start = len(self._words)
        self._words = np.concatenate([self._words, laid])
        self._begins = np.concatenate([self._begins, start + ends - (sizes - 1)])

    def _shared(self, start: int) -> list[tuple[Run, Ints]]:
        """Give the runs behind a place that enough texts hold, with their texts, in order."""
        rare: set[Run] = set()
        found = []
        words = set(self._words[start:].tolist()) - {_BREAK}
        where = self._where(sorted(words))
        most = most_of(int(self._usual.sum()), self._fewest, self._rule)
        for size in range(1, self._rule.words + 1):
            for run in self._runs(start, size):
                if run[:-1] in rare or run[1:] in rare:
                    rare.add(run)
                    continue
                places = self._places(run, where)
                if len(places) < self._fewest:
                    rare.add(run)
                elif self._lexicon.tells_one(run, self._rule) and self._usual[places].sum() <= most:
                    found.append((run, places))
        return found

    def _where(self, words: Sequence[int]) -> dict[int, Ints]:
        """Give the places of some words, in order."""
        needed = np.zeros(len(self._lexicon.words) + 1, dtype=np.bool_)  # the last for breaks
        needed[words] = True
        places = np.flatnonzero(needed[self._words])
        places = places[np.argsort(self._words[places], kind="stable")]
        ends = np.searchsorted(self._words[places], words, side="right")
        begins = np.searchsorted(self._words[places], words)
        return {w: places[a:b] for w, a, b in zip(words, begins, ends, strict=True)}

    def _runs(self, start: int, size: int) -> list[Run]:
        words = self._words[start:].tolist()
        runs = dict.fromkeys(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
        return [run for run in runs if _BREAK not in run]

    def _places(self, run: Run, where: dict[int, Ints]) -> Ints:
        """Give the texts that hold a run, in order: its rarest word is looked up."""
        least = min(range(len(run)), key=lambda at: len(where[run[at]]))
        begins = where[run[least]] - least
        begins = begins[(begins >= 0) & (begins + len(run) <= len(self._words))]
        for at, word in enumerate(run):
            if at != least:
                begins = begins[self._words[begins + at] == word]
        texts = np.searchsorted(self._begins, begins, side="right") - 1
        return np.asarray(texts[np.diff(texts, prepend=-1) != 0], dtype=np.int64)
