"""Evasive and mistaken spellings: where they stand and what they mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from triage.errors import ConfigError
from triage.features import code_points
from triage.offsets import Edit
from triage.words import WordFinder

_NUMERALS = "0123456789一二两三四五六七八九十几半"
_NEAR = 12  # characters either side that `near` looks at: one clause
_SEPARATORS = " .·*_/|+^~'\"-"
_TEST = re.compile(r"(prev|next|near)(!?=)(.+)")
# A form that begins or ends in Latin stands alone: no part of a word, an address, a user name.
_LATIN_LEFT = re.compile(r"[a-z@./_-]")
_LATIN_RIGHT = re.compile(r"[a-z]|[@./_-][a-z0-9]")


@dataclass(frozen=True, slots=True)
class Clause:
    """One demand on the neighbourhood of a spelling: any (or none) of `words` stands `where`."""

    where: str
    words: tuple[str, ...]
    wanted: bool

    def holds(self, text: str, start: int, end: int) -> bool:
        """Tell whether `text[start:end]` meets the demand."""
        if self.where == "prev":
            found = text.endswith(self.words, 0, start)
        elif self.where == "next":
            found = text.startswith(self.words, end)
        else:
            around = text[max(0, start - _NEAR) : start] + "\n" + text[end : end + _NEAR]
            found = any(word in around for word in self.words)
        return found is self.wanted


@dataclass(frozen=True, slots=True)
class Variant:
    """`form` stands for `normal` where every clause holds; `split` forms carry separators."""

    form: str
    normal: str
    clauses: tuple[Clause, ...] = ()
    split: bool = False

    def edits(self, text: str) -> Iterator[Edit]:
        """Give a replacement for each place where the spelling may be replaced."""
        if self.form[-1] not in text:
            return
        for found in _pattern(self.form, split=self.split).finditer(text):
            if self._allowed(text, found.start(), found.end()):
                yield Edit(found.start(), found.end(), self.normal)

    def _allowed(self, text: str, start: int, end: int) -> bool:
        first, final = text[start], text[end - 1]
        if start and _joined(first, _LATIN_LEFT, text, start - 1):
            return False
        if end < len(text) and _joined(final, _LATIN_RIGHT, text, end):
            return False
        return all(clause.holds(text, start, end) for clause in self.clauses)


@cache
def _pattern(form: str, *, split: bool) -> re.Pattern[str]:
    gap = f"[{_SEPARATORS}]{{1,3}}" if split else ""
    return re.compile(gap.join(map(re.escape, form)))


def _joined(edge: str, latin: re.Pattern[str], text: str, at: int) -> bool:
    if "a" <= edge <= "z":
        return latin.match(text, at) is not None
    return "0" <= edge <= "9" and "0" <= text[at] <= "9"


def load_variants(path: Path) -> tuple[Variant, ...]:
    """Read `form<TAB>normal<TAB>condition` lines; `#` starts a comment line.

    A condition is empty, `split`, or tests joined by ` & `: `prev=`, `next=`, `near=` (or `!=`)
    with words joined by `|`; `{n}` in a word stands for any numeral. Rows of one form are
    alternatives.

    Raises
    ------
    ConfigError
        On a malformed or repeated row.
    """
    found: dict[tuple[str, tuple[Clause, ...]], Variant] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = [*line.split("\t"), "", ""]
        form, normal, condition = fields[:3]
        where = f"{path.name} line {number}"
        if not form or not normal or (form == normal and condition != "split"):
            raise ConfigError(f"{where}: a form and a different normal form are needed")
        clauses = () if condition == "split" else _clauses(condition, where)
        variant = Variant(form, normal, clauses, split=condition == "split")
        if found.setdefault((form, clauses), variant) is not variant:
            raise ConfigError(f"{where}: {form} was there before")
    return tuple(found.values())


def _clauses(condition: str, where: str) -> tuple[Clause, ...]:
    clauses = []
    for test in filter(None, condition.split(" & ")):
        parsed = _TEST.fullmatch(test)
        if not parsed:
            raise ConfigError(f"{where}: {test!r} is no condition; write next=甲|乙")
        words = tuple(w for raw in parsed[3].split("|") for w in _numerals(raw))
        clauses.append(Clause(parsed[1], words, wanted=parsed[2] == "="))
    return tuple(clauses)


def _numerals(word: str) -> Iterable[str]:
    return [word.replace("{n}", n) for n in _NUMERALS] if "{n}" in word else [word]


class VariantFinder:
    """Finds spellings; one scan for telling pairs of characters rules most texts out.

    Parameters
    ----------
    variants : iterable of Variant

    Attributes
    ----------
    signs : tuple of str
        Characters and pairs without one of which nothing is found.
    """

    def __init__(self, variants: Iterable[Variant]) -> None:
        variants = tuple(variants)
        usual = {pair for v in variants if not v.split for pair in pairwise(v.normal)}
        self._by_sign: dict[tuple[str, ...], list[Variant]] = defaultdict(list)
        for variant in variants:
            for sign in _signs(variant, usual):
                self._by_sign[sign].append(variant)
        self.signs = tuple("".join(sign) for sign in self._by_sign)
        self._told, self._finder = list(self._by_sign.values()), WordFinder(self.signs)

    def find(self, texts: Sequence[str]) -> list[list[Edit]]:
        """Give each text's replacements, ascending and apart, the leftmost and longest first."""
        hits = self._finder.find(code_points(texts))
        seen = hits.words.tolist()
        found = []
        for text, (low, high) in zip(texts, pairwise(hits.bounds.tolist()), strict=True):
            signs = dict.fromkeys(seen[low:high])
            told = (edit for sign in signs for v in self._told[sign] for edit in v.edits(text))
            found.append(_apart(told) if signs else [])
        return found


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.src_start, -e.src_end)):
        if not kept or edit.src_start >= kept[-1].src_end:
            kept.append(edit)
    return kept


def _signs(variant: Variant, usual: set[tuple[str, str]]) -> Iterable[tuple[str, ...]]:
    if variant.split:
        return [(variant.form[0], gap) for gap in _SEPARATORS]
    if len(variant.form) == 1:
        return [(variant.form,)]
    # 银行 is everywhere, 行咔 is not: a pair that no normal form holds tells most.
    pairs = list(pairwise(variant.form))
    return [next((pair for pair in reversed(pairs) if pair not in usual), pairs[0])]
