"""Parts of a reason: its number, its direction, its order, and the place that it points to.

Line and nature are guesses with a probability each: told for a small push, or for being less sure
than usual, nearly every ticket would have them, now raising and now lowering its risk.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from triage.records import Mention, Reason

GUESSED = frozenset({"leaf", "nature"})
"""Families of features that are probabilities of a model."""
# It moves a small risk by more than a quarter of itself.
_LEAST_GUESSED = 0.25


def shown(value: float, show: str) -> str:
    """Give a feature's number as people say it; see `Column.show`."""
    if show == "count":
        value = float(np.expm1(value))
    elif show == "yuan":
        value = 10.0**value - 1.0
    return f"{value:.0f}"


def pointed(mentions: Sequence[Mention], code: str) -> Mention | None:
    """Give the first counting mention of a signal, or the one with the greatest number."""
    if not code:
        return None
    found = [m for m in mentions if m.code == code and m.status.counts]
    return max(found, key=lambda m: m.value or 0.0) if found else None


def directed(phrase: str, weight: float) -> str:
    """Say with a phrase whether it raises or lowers the risk."""
    return f"{phrase}（{'提高' if weight > 0 else '降低'}风险）"


def ordered(reasons: Sequence[Reason], above: bool) -> tuple[Reason, ...]:
    """Put what raises in front where a risk is above the usual; else leave the order."""
    return tuple(sorted(reasons, key=lambda one: one.weight < 0) if above else reasons)


def stands_out(weight: float, away: float, slope: float) -> bool:
    """Whether a guess is worth telling: likelier than usual, and pushing as its family does.

    Parameters
    ----------
    weight : float
        Push of the family.
    away, slope : float
        How far the guess's probability is from the mean, and its log odds for each unit.
    """
    return abs(weight) >= _LEAST_GUESSED and away > 0 and slope * weight > 0
