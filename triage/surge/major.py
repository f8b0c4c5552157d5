"""Single tickets that are an alert of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from triage.surge.settings import MajorRule
from triage.surge.tickets import SurgeTicket
from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Major:
    """A major ticket, and why in Chinese."""

    ticket: SurgeTicket
    why: tuple[str, ...]


def majors(
    tickets: Iterable[SurgeTicket], rule: MajorRule, taxonomy: Taxonomy
) -> tuple[Major, ...]:
    """Pick the major tickets, the oldest first."""
    life = {signal.code for signal in taxonomy.signals if signal.tier in rule.tiers}
    found = [Major(each, _why(each, rule, life, taxonomy)) for each in tickets]
    kept = [each for each in found if each.why]
    return tuple(sorted(kept, key=lambda each: (each.ticket.received, each.ticket.id)))


def _why(
    ticket: SurgeTicket, rule: MajorRule, life: set[str], taxonomy: Taxonomy
) -> tuple[str, ...]:
    codes = [c for c in dict.fromkeys(ticket.signals) if c in life or c in rule.signals]
    why = [taxonomy.name(code) for code in codes]
    if ticket.channel in rule.channels and "media" not in codes:
        why.append("媒体来件")
    size = ticket.group_size or 0
    if size >= rule.group and ticket.channel in rule.group_channels:
        why.append(f"{size}人到场反映")
    if ticket.amount_cny is not None and ticket.amount_cny >= rule.amount_cny:
        why.append(f"涉及金额{ticket.amount_cny:,.0f}元")
    return tuple(why)
