"""What a risk would be without a reason: exact, because the model is linear in its log odds."""

from __future__ import annotations

import math
from collections.abc import Iterable

# No probability is further from certain than it was told with.
_EDGE = 1e-9


def without(probability: float, weights: Iterable[float]) -> float:
    """Give the probability of a ticket to which some reasons do not apply.

    The model's features of each reason are set to the mean of its mode, which is what the weights
    are measured against; all else stays.

    Parameters
    ----------
    probability : float
        Calibrated, of the ticket as it is.
    weights : iterable of float
        Of the reasons, in natural-log odds after calibration, as `RiskModel.reasons_of` gives them.

    Returns
    -------
    float
        In (0, 1); as exact as the two were told.
    """
    known = min(max(probability, _EDGE), 1 - _EDGE)
    score = math.log(known) - math.log1p(-known) - math.fsum(weights)
    return 0.5 * (1.0 + math.tanh(0.5 * score))
