"""What the rules ask for in tickets like those of a story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from triage.records import Context
from triage.rules.facts import Reading
from triage.rules.rulebook import Rulebook
from triage.surge.tickets import SurgeTicket

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Advice:
    """Departments that work on such tickets, and duties with their basis, in Chinese."""

    departments: tuple[str, ...]
    duties: tuple[str, ...]


def advise(tickets: Sequence[SurgeTicket], rulebook: Rulebook) -> Advice:
    """Apply the rules to what most tickets have in common.

    Signals count when half of the tickets have them. Times of receipt are left out: a draft
    speaks of all of them.
    """
    line, subline = most([(ticket.line, ticket.subline) for ticket in tickets]) or (None, None)
    often = Counter(code for ticket in tickets for code in set(ticket.signals))
    signals = frozenset(code for code, count in often.items() if 2 * count >= len(tickets))
    read = Reading(line, subline, (), (), 1.0, line is None, "complaint", signals, "")
    product = most([ticket.product for ticket in tickets])
    ruling = rulebook.apply(rulebook.facts(read, Context(product=product)))
    duties = (f"{duty.name or duty.code}（{duty.basis}）" for duty in ruling.duties)
    return Advice(ruling.departments, tuple(dict.fromkeys(duties)))


def most(values: Sequence[_Value]) -> _Value | None:
    """Give the most frequent value, of equals the first."""
    found = Counter(values).most_common(1)
    return found[0][0] if found else None
