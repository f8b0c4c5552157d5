"""What a regular expression cannot match without: sets of plain words, one of each must be there.

Looking for words is a hundred times cheaper than matching a pattern, so a pattern whose words
are not all in a text need not be tried. Where the syntax is beyond this reader it demands less,
never more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Flags, conditions, comments: nothing is said of a pattern that holds them.
_FOREIGN = re.compile(r"\(\?(?![:>=!]|<[=!]|P<)")
_LOOK = re.compile(r"\(\?(?:<?[=!])")
_GROUP = re.compile(r"\((?:\?:|\?>|\?P<[a-z0-9_]+>)?(?!\?)")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_TIMES = re.compile(r"(?P<none>[?*]|\{0?(?:,[0-9]*)?\}|\{0\})[?+]?|(?:\+|\{[0-9,]+\})[?+]?")
_SPECIAL = frozenset(".^$")

Needs = list[frozenset[str]]


def needed(pattern: str) -> Needs:
    """Give the sets of words of which each match holds one; the most telling first.

    Parameters
    ----------
    pattern : str
        For `re`.

    Returns
    -------
    list of frozenset of str
        Empty when nothing certain can be said.
    """
    found = [] if _FOREIGN.search(pattern) else _Reader(pattern).choices()
    return sorted(set(found), key=lambda words: (commonness(words), sorted(words)))


def commonness(words: frozenset[str]) -> float:
    """How often one of the words may stand in a text: long words are rare."""
    return sum(0.1 ** len(word) for word in words)


@dataclass(slots=True)
class _Reader:
    """Reads one pattern from left to right."""

    pattern: str
    at: int = 0

    def choices(self) -> Needs:
        """Read alternatives up to the end or a closing bracket."""
        branches = [self._sequence()]
        while self.pattern.startswith("|", self.at):
            self.at += 1
            branches.append(self._sequence())
        if len(branches) == 1:
            return branches[0]
        if not all(branches):
            return []
        return [frozenset().union(*(min(branch, key=commonness) for branch in branches))]

    def _sequence(self) -> Needs:
        needs: Needs = []
        run = ""
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            char, inner = self._item()
            optional, repeated = self._times()
            if char and not optional:
                run += char
                if not repeated:
                    continue
            if run:
                needs.append(frozenset([run]))
                run = ""
            if not optional:
                needs += inner
        return [*needs, frozenset([run])] if run else needs

    def _item(self) -> tuple[str, Needs]:
        """Read one item: a plain character, or what a bracket needs."""
        pattern, at = self.pattern, self.at
        if look := _LOOK.match(pattern, at):
            self._bracket(look.end())
            return "", []
        if group := _GROUP.match(pattern, at):
            return "", self._bracket(group.end())
        if found := _CLASS.match(pattern, at):
            self.at = found.end()
            return "", []
        size = 2 if pattern[at] == "\\" else 1
        char = pattern[at + size - 1]
        self.at += size
        plain = char not in _SPECIAL if size == 1 else not char.isalnum()
        return char if plain else "", []

    def _bracket(self, inside: int) -> Needs:
        self.at = inside
        needs = self.choices()
        self.at += 1
        return needs

    def _times(self) -> tuple[bool, bool]:
        """Read a quantifier: whether it allows none, and whether there is one at all."""
        found = _TIMES.match(self.pattern, self.at)
        if not found:
            return False, False
        self.at = found.end()
        return found["none"] is not None, True
