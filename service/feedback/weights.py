"""How much a reviewed ticket stands for: the inverse of how likely such a one is reviewed.

Review looks at what is risky, late or unsure, so what it read is not like what came in. Tickets
are cut into strata by what decides on review; within one, reviewed tickets stand for the others
(inverse-propensity weighting, Horvitz and Thompson 1952). The random slice sees to it that every
stratum is read at all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from service.feedback.settings import Weights
from service.store.records import Standing


class Stratum(NamedTuple):
    """Tickets that are reviewed as often as one another."""

    band: str | None
    abstained: bool
    sureness: int


class Selected(NamedTuple):
    """How likely a ticket of a stratum was reviewed, and how much one of them counts."""

    propensity: float
    weight: float


def stratum_of(standing: Standing, weights: Weights) -> Stratum:
    """Give the stratum of a ticket as it stands: for those that nobody reviewed."""
    return _stratum(standing.band, standing.abstained, standing.probability, weights)


def stratum_when_read(answer: Mapping[str, Any], weights: Weights) -> Stratum:
    """Give the stratum of a ticket by the assessment that its first reviewer had before them.

    Tickets are assessed again as they age and on every message, and what they are then did not
    decide on their review.
    """
    risk = answer.get("escalation") or {}
    abstained = bool(answer.get("abstained"))
    return _stratum(risk.get("band"), abstained, answer.get("probability"), weights)


def _stratum(
    band: str | None, abstained: bool, probability: float | None, weights: Weights
) -> Stratum:
    return Stratum(band, abstained, bisect_right(weights.edges, probability or 0.0))


def selected(
    reviewed: Sequence[Stratum], came_in: Counter[Stratum], weights: Weights
) -> list[Selected]:
    """Weigh the reviewed tickets; their weights are 1 in the mean.

    Parameters
    ----------
    reviewed : sequence of Stratum, length n
    came_in : counter of Stratum
        Of all tickets of the same time, reviewed or not.
    weights : Weights
    """
    read = Counter(reviewed)
    shares = [min(1.0, read[one] / max(came_in[one], read[one])) for one in reviewed]
    clipped = [min(1.0 / share, weights.largest) for share in shares]
    mean = sum(clipped) / len(clipped) if clipped else 1.0
    return [Selected(share, weight / mean) for share, weight in zip(shares, clipped, strict=True)]
