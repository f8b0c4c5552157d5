"""Single tickets that are an alert of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triage.surge.settings import MajorRule
from triage.surge.tickets import SurgeTicket
from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Major:
    """A major ticket, why in Chinese, and which of its signals make it one."""

    ticket: SurgeTicket
    why: tuple[str, ...]
    codes: tuple[str, ...] = ()


def majors(
    tickets: Iterable[SurgeTicket], rule: MajorRule, taxonomy: Taxonomy
) -> tuple[Major, ...]:
    """Pick the major tickets, the oldest first."""
    life = {signal.code for signal in taxonomy.signals if signal.tier in rule.tiers}
    telling = life.union(rule.signals)
    found = [_judged(each, rule, telling, taxonomy) for each in tickets]
    kept = [each for each in found if each.why]
    return tuple(sorted(kept, key=lambda each: (each.ticket.received, each.ticket.id)))


def _judged(ticket: SurgeTicket, rule: MajorRule, telling: set[str], taxonomy: Taxonomy) -> Major:
    codes = tuple(code for code in dict.fromkeys(ticket.signals) if code in telling)
    why = [taxonomy.name(code) for code in codes]
    if ticket.channel in rule.channels and "media" not in codes:
        why.append("媒体来件")
    size = ticket.group_size or 0
    if size >= rule.group and ticket.channel in rule.group_channels:
        why.append(f"{size}人到场反映")
    if ticket.amount_cny is not None and ticket.amount_cny >= rule.amount_cny:
        why.append(f"涉及金额{ticket.amount_cny:,.0f}元")
    return Major(ticket, tuple(why), codes)
