"""Evasive and mistaken spellings: where they stand and what they mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from triage.errors import ConfigError
from triage.offsets import Edit

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

    def allowed(self, text: str, start: int, end: int) -> bool:
        """Tell whether the spelling found at `text[start:end]` may be replaced."""
        first, final = text[start], text[end - 1]
        if start and _joined(first, _LATIN_LEFT, text, start - 1):
            return False
        if end < len(text) and _joined(final, _LATIN_RIGHT, text, end):
            return False
        return all(clause.holds(text, start, end) for clause in self.clauses)


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
    """Finds spellings in one scan; a text without any costs about a microsecond.

    Parameters
    ----------
    variants : iterable of Variant
    """

    def __init__(self, variants: Iterable[Variant]) -> None:
        self._by_head: dict[str, list[Variant]] = defaultdict(list)
        self._split: dict[str, list[tuple[re.Pattern[str], Variant]]] = defaultdict(list)
        for variant in variants:
            if variant.split:
                gap = f"[{_SEPARATORS}]{{1,3}}"
                pattern = re.compile(gap.join(map(re.escape, variant.form)))
                self._split[variant.form[0]].append((pattern, variant))
            else:
                self._by_head[variant.form[:2]].append(variant)
        for rows in self._by_head.values():
            rows.sort(key=lambda v: -len(v.form))
        heads = {(head[0], head[1]) for head in self._by_head if len(head) == 2}
        self._heads = heads | {(first, sep) for first in self._split for sep in _SEPARATORS}
        first = _char_class(head[0] for head in self._heads)
        second = _char_class(head[1] for head in self._heads)
        single = _char_class(head for head in self._by_head if len(head) == 1)
        self._pair = re.compile(f"({first})(?=({second}))")
        self._single = re.compile(single)
        self._start = re.compile(f"{first}(?={second})|{single}")

    def find(self, text: str) -> list[Edit]:
        """Give the replacements, ascending and apart, the leftmost and longest first."""
        # Many pairs of characters pass the pattern; whether one is a head, the set knows.
        if self._heads.isdisjoint(self._pair.findall(text)) and not self._single.search(text):
            return []
        edits: list[Edit] = []
        last = 0
        for hit in self._start.finditer(text):
            start = hit.start()
            if start < last:
                continue
            edit = self._at(text, start)
            if edit:
                edits.append(edit)
                last = edit.src_end
        return edits

    def _at(self, text: str, start: int) -> Edit | None:
        for head in (text[start : start + 2], text[start]):
            for variant in self._by_head.get(head, ()):
                end = start + len(variant.form)
                if text.startswith(variant.form, start) and variant.allowed(text, start, end):
                    return Edit(start, end, variant.normal)
        for pattern, variant in self._split.get(text[start], ()):
            match = pattern.match(text, start)
            if match and variant.allowed(text, start, match.end()):
                return Edit(start, match.end(), variant.normal)
        return None


def _char_class(chars: Iterable[str]) -> str:
    inside = "".join(re.escape(char) for char in sorted(set(chars)))
    return f"[{inside}]" if inside else r"(?!)"
