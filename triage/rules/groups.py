"""Conditions that look at the same facts are judged together, and once for the same values."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from triage.rules.conditions import Condition
from triage.rules.facts import Facts

# A place in the file, and what stands there.
Numbered = tuple[int, Condition]
_MOST_KEPT = 20_000
# Two tickets seldom have the same: nothing else is judged with it.
_SELDOM_EQUAL = frozenset(("amount_cny", "days_open"))
_FIRST, _LAST = map(Facts._fields.index, ("repeats_15d", "sent_to"))
_LEDGER = frozenset(Facts._fields[_FIRST : _LAST + 1])


class Group:
    """Conditions over the same fields.

    Parameters
    ----------
    fields : sequence of str
    members : sequence of (int, Condition)
    """

    def __init__(self, fields: Sequence[str], members: Sequence[Numbered]) -> None:
        self._members = members
        # One field more, twice: of a single one no tuple would be given.
        self._values = itemgetter(*map(Facts._fields.index, [*fields, "nature", "nature"]))
        self._kept: dict[tuple[Any, ...], tuple[int, ...]] = {}

    def holding(self, facts: Facts) -> tuple[int, ...]:
        """Give the numbers of those that hold, rising."""
        key = self._values(facts)
        found = self._kept.get(key)
        if found is None:
            found = tuple(sorted(number for number, each in self._members if each.test(facts)))
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = found
        return found


def grouped(members: Sequence[Numbered]) -> tuple[Group, ...]:
    """Group conditions by the facts they look at, in few groups."""
    found: list[tuple[frozenset[str], list[Numbered]]] = []
    for member in sorted(members, key=lambda member: -len(_seen(member[1]))):
        seen = _seen(member[1])
        for fields, together in found:
            if seen <= fields and (seen == fields or fields.isdisjoint(_SELDOM_EQUAL)):
                together.append(member)
                break
        else:
            found.append((seen, [member]))
    return tuple(Group(sorted(fields), together) for fields, together in found)


def _seen(condition: Condition) -> frozenset[str]:
    fields = frozenset(condition.fields)
    # What only a ledger knows is mostly as if nothing had happened: those go together.
    return _LEDGER if fields and fields <= _LEDGER else fields
