"""The logistic regression behind the escalation model, and how its strength is chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from triage.evaluation import Bools, brier
from triage.features import Floats
from triage.risk.blocks import ALONE
from triage.risk.features import Registry
from triage.risk.model import sigmoid

Ints = NDArray[np.int64]

_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0)
_CHECK_MONTHS = 2


def fit_linear(matrix: Floats, labels: Bools, strength: float) -> tuple[Floats, float]:
    """Fit a logistic regression; the weights are for features as they are, not scaled."""
    scale = matrix.std(axis=0)
    scale[scale == 0] = 1.0
    centre = matrix.mean(axis=0)
    linear = LogisticRegression(C=strength, max_iter=300).fit((matrix - centre) / scale, labels)
    weights = linear.coef_[0] / scale
    return weights, float(linear.intercept_[0] - weights @ centre)


def fit_rising(
    matrix: Floats, labels: Bools, strength: float, registry: Registry
) -> tuple[Floats, float]:
    """Fit, and drop features that must not lower the risk but would, until none does.

    `alone:` weights come on top of those of the same signal, so their sum is what counts.
    """
    names = list(registry.names)
    rising = np.array([column.rising for column in registry.columns])
    lonely = {
        names.index(name): names.index(f"signal:{name.partition(':')[2]}")
        for name in names
        if name.startswith(f"{ALONE}:")
    }
    kept = matrix.copy()
    while True:
        weights, bias = fit_linear(kept, labels, strength)
        weights[~kept.any(axis=0)] = 0.0
        falling = set(np.flatnonzero(rising & (weights < 0)).tolist())
        falling |= {own for own, base in lonely.items() if weights[own] + weights[base] < 0}
        falling &= set(np.flatnonzero(weights).tolist())
        if not falling:
            return weights, bias
        kept[:, sorted(falling)] = 0.0


def choose_strength(month: Ints, matrix: Floats, labels: Bools) -> float:
    """Take the regularisation with the least Brier score on the last months of the training."""
    late = month > month.max() - _CHECK_MONTHS
    if late.all() or not labels[~late].any():
        return _STRENGTHS[0]

    def loss(strength: float) -> float:
        weights, bias = fit_linear(matrix[~late], labels[~late], strength)
        return brier(labels[late], sigmoid(matrix[late] @ weights + bias))

    return min(_STRENGTHS, key=loss)
