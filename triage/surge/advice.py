"""What the rules ask for in tickets like those of a story, and in one ticket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from typing import NamedTuple, TypeVar

from triage.records import Context, Duty
from triage.rules.clocks import RECEIPT, Clock
from triage.rules.facts import Reading
from triage.rules.rulebook import Rulebook
from triage.rules.ruling import Ruling
from triage.surge.tickets import SurgeTicket

_Value = TypeVar("_Value")
_BEGUN = {
    RECEIPT: "收到后",
    "agreed_at": "达成调解后",
    "delegated_at": "委派后",
    "withdrawn_at": "撤回后",
}
_UNITS = {"minutes": "分钟", "hours": "小时", "days": "日", "working days": "个工作日"}


class Asked(NamedTuple):
    """A duty, within what time, and on what basis, in Chinese."""

    name: str
    limit: str
    basis: str


@dataclass(frozen=True, slots=True)
class Advice:
    """Departments that work on such tickets, who answers, and duties, in Chinese."""

    departments: tuple[str, ...]
    accountable: str
    duties: tuple[Asked, ...]

    @property
    def units(self) -> str:
        """Say which departments work on them."""
        return f"牵头和协办：{'、'.join(self.departments)}。" if self.departments else ""


def advise(tickets: Sequence[SurgeTicket], rulebook: Rulebook) -> Advice:
    """Apply the rules to what most tickets have in common.

    A line, leaf or product counts when more than half of the tickets have it, signals when half
    do. Times of receipt are left out: a draft speaks of all of them.
    """
    line = mostly([ticket.line for ticket in tickets])
    leaf = mostly([(ticket.line, ticket.subline) for ticket in tickets])
    often = Counter(code for ticket in tickets for code in set(ticket.signals))
    signals = frozenset(code for code, count in often.items() if 2 * count >= len(tickets))
    context = Context(product=mostly([ticket.product for ticket in tickets]))
    return _advice(line, leaf[1] if leaf else None, signals, context, rulebook)


def advise_one(ticket: SurgeTicket, rulebook: Rulebook) -> Advice:
    """Apply the rules to one ticket; of when it came only the day is known, so limits are spans."""
    context = Context(
        channel=ticket.channel,
        product=ticket.product,
        unit=ticket.unit,
        amount_cny=ticket.amount_cny,
        group_size=ticket.group_size,
    )
    signals = frozenset(ticket.signals)
    return _advice(ticket.line, ticket.subline, signals, context, rulebook)


def _advice(
    line: str | None,
    subline: str | None,
    signals: frozenset[str],
    context: Context,
    rulebook: Rulebook,
) -> Advice:
    read = Reading(line, subline, (), (), 1.0, line is None, "complaint", signals, "")
    ruling = rulebook.apply(rulebook.facts(read, context))
    return Advice(ruling.departments, ruling.accountable, tuple(dict.fromkeys(_duties(ruling))))


def _duties(ruling: Ruling) -> Iterator[Asked]:
    clocks = {
        (rule.id, spec.code): spec.clock for rule in ruling.rules for spec in rule.effect.duties
    }
    for duty in ruling.duties:
        yield Asked(duty.name, _limit(duty, clocks[duty.rule, duty.code]), duty.basis)


def _limit(duty: Duty, clock: Clock) -> str:
    """Say within what time a duty is due, and when somebody is reminded of it."""
    told = f"{_BEGUN[clock.start]}{clock.count}{_UNITS[clock.unit]}内" if clock.count else "当日"
    alarms = [
        f"{each:%H:%M}" if isinstance(each, time) else f"满{each.total_seconds() / 3600:.0f}小时"
        for each in clock.alarms
    ]
    reminded = f"，{'、'.join(alarms)}提醒" if alarms else ""
    aim = "，为本行目标" if duty.target else ""
    return f"{told}{aim}{reminded}"


def most(values: Sequence[_Value]) -> tuple[_Value, int] | None:
    """Give the most frequent value, of equals the first, and how often it is there."""
    found = Counter(values).most_common(1)
    return found[0] if found else None


def mostly(values: Sequence[_Value]) -> _Value | None:
    """Give the value that more than half are, if there is one."""
    found = most(values)
    return found[0] if found and 2 * found[1] > len(values) else None
