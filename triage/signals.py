"""Signals of escalation: data-driven rules that look only where a trigger was seen.

A rule is a regular expression in which `<...>` marks the words that must be seen first. One
Aho-Corasick pass over the narrative finds all triggers of all rules; a narrative without any
costs nothing more. How the words are meant (done, threatened, denied, quoted) is read from
the cues around them, `triage.cues`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from triage.cues import Cues
from triage.features import Points, code_points
from triage.opener import Opener
from triage.records import Mention
from triage.signal_rules import Rule
from triage.words import WordFinder

_STOPS = re.compile(r"[。!?;…\n]")


class Spotter:
    """Finds signals in normalised text.

    Parameters
    ----------
    rules : sequence of Rule
    cues : Cues
    """

    def __init__(self, rules: Sequence[Rule], cues: Cues) -> None:
        self._rules = tuple(rules)
        self._cues = cues
        demands = [[frozenset(words) for words in (r.triggers, *r.gates)] for r in self._rules]
        number = {
            word: i for i, word in enumerate(sorted({w for d in demands for s in d for w in s}))
        }
        self._finder = WordFinder(list(number))
        self._opener = Opener([[[number[w] for w in s] for s in d] for d in demands], len(number))

    def find(self, text: str) -> list[Mention]:
        """Give every mention of a signal, whatever its status, in text order."""
        return self.find_many([text], code_points([text]))[0]

    def find_many(self, texts: Sequence[str], points: Points) -> list[list[Mention]]:
        """Give the mentions of each text; `points` are the same texts."""
        found = self._opener.opened(self._finder.find(points))
        return [self._judged(*each) if each[1] else [] for each in zip(texts, found, strict=True)]

    def _judged(self, text: str, hits: dict[int, list[int]]) -> list[Mention]:
        sentences = _sentences(text)
        judge = self._cues.over(text)
        found: dict[tuple[str, int, int], Mention] = {}
        for index, ends in hits.items():
            rule = self._rules[index]
            if (rule.context and not judge.has(rule.context)) or (
                rule.without and judge.has(rule.without)
            ):
                continue
            for start, end in self._matches(rule, text, ends, sentences):
                status = judge.status(start, end, families=rule.cues, default=rule.status)
                code = rule.codes[status]
                if (code, start, end) not in found or status.counts:
                    found[code, start, end] = Mention(code, start, end, text[start:end], status)
        return sorted(found.values(), key=lambda m: (m.start, m.end, m.code))

    def _matches(
        self, rule: Rule, text: str, ends: Iterable[int], sentences: Sequence[int]
    ) -> Iterator[tuple[int, int]]:
        reach = self._cues.reach
        for low, high in _regions(ends, sentences, reach):
            for match in rule.pattern.finditer(text, low, high):
                start, end = match.span()
                around = max(low, start - reach), min(high, end + reach)
                if start < end and _allowed(rule, text, *around):
                    yield start, end


def _regions(
    ends: Iterable[int], sentences: Sequence[int], reach: int
) -> Iterator[tuple[int, int]]:
    # Triggers that stand close together are searched once, not each for itself.
    low = high = at = 0
    for end in ends:
        if end > sentences[at] or not high:
            if high:
                yield low, high
            at = bisect_left(sentences, end)
            low = max(sentences[at - 1], end - reach)
        elif end - reach > high:
            yield low, high
            low = end - reach
        high = min(sentences[at], end + reach)
    if high:
        yield low, high


def _allowed(rule: Rule, text: str, start: int, stop: int) -> bool:
    if rule.needs and not rule.needs.search(text, start, stop):
        return False
    return not (rule.unless and rule.unless.search(text, start, stop))


def _sentences(text: str) -> list[int]:
    return [0, *(m.end() for m in _STOPS.finditer(text)), len(text) + 1]


def counting(mentions: Iterable[Mention], codes: frozenset[str]) -> tuple[Mention, ...]:
    """Keep the mentions that become tags: the longest of those that overlap, by code."""
    kept: list[Mention] = []
    taken: dict[str, set[int]] = {}
    wanted = [m for m in mentions if m.code in codes and m.status.counts]
    for mention in sorted(wanted, key=lambda m: (m.code, m.start - m.end, m.start)):
        places = taken.setdefault(mention.code, set())
        if places.isdisjoint(range(mention.start, mention.end)):
            places.update(range(mention.start, mention.end))
            kept.append(mention)
    return tuple(sorted(kept, key=lambda m: (m.start, m.end, m.code)))
