"""Signals of escalation: data-driven rules that look only where a trigger was seen.

A rule is a regular expression in which `<...>` marks the words that must be seen first. One
Aho-Corasick pass over the narrative finds all triggers of all rules; a narrative without any
costs nothing more. How the words are meant (done, threatened, denied, quoted) is read from
the cues around them, `triage.cues`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from triage.cues import Cues
from triage.features import Points, code_points
from triage.opener import Demand, Opener, Stretch
from triage.records import Mention
from triage.signal_rules import Rule
from triage.words import WordFinder

_STOPS = "。!?;…\n"


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
        words = {w for r in self._rules for s in (r.triggers, *r.gates, *r.remote) for w in s}
        number = {word: i for i, word in enumerate(sorted(words))}
        demands = [
            Demand(
                [number[word] for word in rule.triggers],
                [[number[word] for word in gate] for gate in rule.gates],
                [[number[word] for word in gate] for gate in rule.remote],
            )
            for rule in self._rules
        ]
        self._finder = WordFinder(list(number))
        self._opener = Opener(demands, len(number), stops=_STOPS, reach=cues.reach)

    def find(self, text: str) -> list[Mention]:
        """Give every mention of a signal, whatever its status, in text order."""
        return self.find_many([text], code_points([text]))[0]

    def find_many(self, texts: Sequence[str], points: Points) -> list[list[Mention]]:
        """Give the mentions of each text; `points` are the same texts."""
        found = self._opener.opened(self._finder.find(points), points)
        return [self._judged(*each) if each[1] else [] for each in zip(texts, found, strict=True)]

    def _judged(self, text: str, stretches: dict[int, list[Stretch]]) -> list[Mention]:
        judge = self._cues.over(text)
        found: dict[tuple[str, int, int], Mention] = {}
        for index, places in stretches.items():
            rule = self._rules[index]
            if (rule.context and not judge.has(rule.context)) or (
                rule.without and judge.has(rule.without)
            ):
                continue
            for start, end in self._matches(rule, text, places):
                status = judge.status(start, end, families=rule.cues, default=rule.status)
                code = rule.codes[status]
                if (code, start, end) not in found or status.counts:
                    found[code, start, end] = Mention(code, start, end, text[start:end], status)
        return sorted(found.values(), key=lambda m: (m.start, m.end, m.code))

    def _matches(
        self, rule: Rule, text: str, places: Iterable[Stretch]
    ) -> Iterator[tuple[int, int]]:
        reach = self._cues.reach
        for low, high in places:
            for match in rule.pattern.finditer(text, low, high):
                start, end = match.span()
                around = max(low, start - reach), min(high, end + reach)
                if start < end and _allowed(rule, text, *around):
                    yield start, end


def _allowed(rule: Rule, text: str, start: int, stop: int) -> bool:
    if rule.needs and not rule.needs.search(text, start, stop):
        return False
    return not (rule.unless and rule.unless.search(text, start, stop))


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
