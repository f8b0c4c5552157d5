"""The bar of the outlets that no rules file can lift: a file can only add to it."""

from __future__ import annotations

from collections.abc import Sequence

from triage.rules.facts import Facts


# Written here and not in a file: a mistake in a file must not send such a ticket to an outlet.
def outlet_bars(facts: Facts, barred: Sequence[str]) -> tuple[str, ...]:
    """Give the reasons why no outlet may handle a ticket, empty if one may.

    A line that the taxonomy says is barred (as shipped, account control and fraud), as its line,
    as a secondary line or not excluded; no visit; no touchpoint; either of them not known; no
    line given. The nature is not asked: a complaint that is read as an inquiry stays barred.
    """
    found = [f"line_{line}" for line in barred if line in facts.matter]
    doubtful = facts.possible - facts.matter
    found += [f"possible_{line}" for line in barred if line in doubtful]
    if facts.visited_branch is False:
        found.append("not_visited")
    if facts.outlet_touchpoint is False:
        found.append("touchpoint_none")
    if facts.visited_branch is None or facts.outlet_touchpoint is None:
        found.append("touchpoint_unknown")
    if facts.abstained:
        found.append("abstained")
    return tuple(found)
