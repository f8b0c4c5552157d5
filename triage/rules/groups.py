"""Rules that look at the same facts are judged together, and once for the same values."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from triage.rules.dutyspec import Owed
from triage.rules.facts import Facts
from triage.rules.rulefile import Rule

_MOST_KEPT = 10_000


class Entry:
    """A rule of a rulebook: its place in the file and what it makes owed."""

    __slots__ = ("owed", "place", "rule")

    def __init__(self, place: int, rule: Rule) -> None:
        self.place = place
        self.rule = rule
        self.owed = tuple(
            Owed(spec, spec.blank(rule.id, rule.basis, rule.mark)) for spec in rule.effect.duties
        )


class Group:
    """Rules whose conditions look at the same fields."""

    def __init__(self, fields: Sequence[str], entries: Sequence[Entry]) -> None:
        self._entries = entries
        # One field more, twice: of a single one no tuple would be given.
        self._values = itemgetter(*map(Facts._fields.index, [*fields, "nature", "nature"]))
        self._kept: dict[tuple[Any, ...], tuple[Entry, ...]] = {}

    def fired(self, facts: Facts) -> tuple[Entry, ...]:
        """Give those that fire."""
        key = self._values(facts)
        found = self._kept.get(key)
        if found is None:
            found = tuple(e for e in self._entries if e.rule.condition.test(facts))
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = found
        return found


def grouped(entries: Sequence[Entry]) -> tuple[Group, ...]:
    """Group rules by the fields of their conditions."""
    by_fields: dict[frozenset[str], list[Entry]] = {}
    for entry in entries:
        by_fields.setdefault(frozenset(entry.rule.condition.fields), []).append(entry)
    return tuple(Group(sorted(fields), members) for fields, members in by_fields.items())
