"""95 % intervals of differences of shares, and how unlikely a count is."""

from __future__ import annotations

from math import exp, lgamma, log, sqrt

from triage.intervals import wilson


def newcombe(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """Give Newcombe's interval of the difference of two shares, each as part and whole."""
    first, second = one[0] / one[1], other[0] / other[1]
    (low, high), (other_low, other_high) = wilson(*one), wilson(*other)
    gap = first - second
    below = sqrt((first - low) ** 2 + (other_high - second) ** 2)
    above = sqrt((high - first) ** 2 + (second - other_low) ** 2)
    return gap - below, gap + above


def poisson_tail(count: int, mean: float) -> float:
    """P(X >= count) of a Poisson count; the mean is above zero."""
    terms = (exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(count))
    return max(0.0, 1.0 - sum(terms))
