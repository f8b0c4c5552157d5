"""95 % intervals of differences of shares, and how unlikely a count is."""

from __future__ import annotations

from math import ceil, exp, lgamma, log, sqrt

from triage.intervals import wilson


def newcombe(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """Give Newcombe's interval of the difference of two shares, each as part and whole."""
    first, second = one[0] / one[1], other[0] / other[1]
    (low, high), (other_low, other_high) = wilson(*one), wilson(*other)
    gap = first - second
    below = sqrt((first - low) ** 2 + (other_high - second) ** 2)
    above = sqrt((high - first) ** 2 + (second - other_low) ** 2)
    return gap - below, gap + above


def grown_between(now: int, before: int) -> tuple[float, float]:
    """Give the interval of the growth between two Poisson counts of one length, none of them 0.

    It is Wilson's of the share that the later count has of both, turned into their ratio.
    """
    low, high = wilson(now, now + before)
    return low / (1 - low) - 1, high / (1 - high) - 1


def below_mean(mean: float) -> float:
    """P of a Poisson count below its own mean: one half about, and more where that is small."""
    return sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(ceil(mean)))


def grown_by_chance(now: int, before: int) -> float:
    """P of so many or more now, if both spans of one length expect the same.

    Of the sum of two such Poisson counts each falls to either span alike: a binomial of one half.
    The count before is as much of chance as the one now, and is not taken for what is expected.
    """
    both = now + before
    top = lgamma(both + 1) - both * log(2)
    terms = (exp(top - lgamma(k + 1) - lgamma(both - k + 1)) for k in range(now, both + 1))
    return min(1.0, sum(terms))
