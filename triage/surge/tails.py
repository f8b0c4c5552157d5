"""How unlikely so many tickets are."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Below it the rest of a sum changes nothing that anybody looks at.
_ENOUGH = 1e-9
_LEAST_SPREAD = 1.0 + 1e-6


def upper_tail(count: Floats, mean: Floats, variance: Floats) -> Floats:
    """P(X >= count) for a negative binomial X of a mean and a variance.

    A variance at or below the mean is taken as a hair above it, which is Poisson's distribution
    to six digits. Counts at or below the mean, which no one asks about, give 1.

    Parameters
    ----------
    count, mean, variance : array of float64, equal lengths
        Counts are rounded down; means are above 0.

    Returns
    -------
    array of float64
    """
    whole = np.floor(count)
    tail = np.ones(len(whole))
    far = np.flatnonzero((whole > mean) & (whole > 0))
    if not len(far):
        return tail
    k, mu = whole[far], mean[far]
    size = mu / (np.maximum(variance[far] / mu, _LEAST_SPREAD) - 1.0)
    step = mu / (size + mu)
    first = np.exp(_log_choose(k, size) + size * np.log(size / (size + mu)) + k * np.log(step))
    tail[far] = np.minimum(1.0, first * _sum_of_ratios(k, size, step))
    return tail


def _log_choose(k: Floats, size: Floats) -> Floats:
    """Log of the ways to have k with a size: gamma(k + size) / gamma(size) / k!."""
    pairs = zip(k.tolist(), size.tolist(), strict=True)
    return np.array([math.lgamma(n + r) - math.lgamma(r) - math.lgamma(n + 1) for n, r in pairs])


def _sum_of_ratios(k: Floats, size: Floats, step: Floats) -> Floats:
    """1 + P(k+1)/P(k) + P(k+2)/P(k) + ...: beyond the mean the ratios fall."""
    total, term, at = np.ones(len(k)), np.ones(len(k)), k.copy()
    while True:
        term = term * (at + size) / (at + 1.0) * step
        total += term
        at += 1.0
        if bool((term < _ENOUGH * total).all()):
            return total
