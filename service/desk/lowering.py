"""What would lower the risk of a ticket: each reason that raises it, and the risk without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triage.risk.lowering import without


@dataclass(frozen=True, slots=True)
class Lower:
    """A reason, or None for all of them together; the risk without it, and by how much less."""

    reason: Mapping[str, Any] | None
    probability: float
    less: float


def lowered(escalation: Mapping[str, Any]) -> list[Lower]:
    """Give what each raising reason of an assessment does to its risk, the most in front.

    Several reasons are followed by what the risk is without any of them. Rules have no weight in
    the risk, and are not among them.
    """
    known = float(escalation["probability"])
    raising = [one for one in escalation["reasons"] if one["weight"] > 0]
    raising.sort(key=lambda one: -one["weight"])
    told = [_lower(known, one, [one["weight"]]) for one in raising]
    if len(raising) > 1:
        told.append(_lower(known, None, [one["weight"] for one in raising]))
    return told


def _lower(known: float, reason: Mapping[str, Any] | None, weights: list[float]) -> Lower:
    left = without(known, weights)
    return Lower(reason, left, known - left)
