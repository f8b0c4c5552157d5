"""A weight a label that makes probabilities right on average, label by label.

Heads that balance each label against the rest say too much of the rare ones; one temperature
cannot mend that, and what estimates shares from probabilities needs it mended (bias-corrected
temperature scaling: Alexandari, Kundaje and Shrikumar 2020).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from triage.classifier import softmax
from triage.features import Floats

_LEAST = 1e-12
# Keeps the bias of a label with few rows near none.
_RIDGE = 1e-3


def fit_biases(probabilities: Floats, column: NDArray[np.int64]) -> Floats:
    """Fit a weight a label with the least log loss.

    Parameters
    ----------
    probabilities : array (n, k)
        Of rows that the model had not seen.
    column : array of int (n,)
        The right column of each row.

    Returns
    -------
    array (k,)
        `probabilities * weights`, each row scaled to 1, is calibrated. A label without a row
        keeps the weight 1.
    """
    logs = np.log(np.maximum(probabilities, _LEAST))
    hit = np.zeros_like(logs)
    hit[np.arange(len(column)), column] = 1.0
    known = hit.any(axis=0)

    def loss(bias: Floats) -> tuple[float, Floats]:
        said = softmax(logs + bias)
        value = -float(np.log(said[hit == 1.0] + _LEAST).mean()) + _RIDGE * float(bias @ bias)
        slope = (said - hit).mean(axis=0) + 2 * _RIDGE * bias
        return value, np.where(known, slope, 0.0)

    found = minimize(loss, np.zeros(logs.shape[1]), jac=True, method="L-BFGS-B").x
    return np.asarray(np.exp(found))
