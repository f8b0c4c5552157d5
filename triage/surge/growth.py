"""Whether an event that goes on grows anew: above its own level, not above what is usual."""

from __future__ import annotations

import numpy as np

from triage.surge.families import Family, tails
from triage.surge.incidence import Floats
from triage.surge.settings import Settings


def grown_again(
    count: Floats, mean: Floats, variance: Floats, family: Family, settings: Settings
) -> float:
    """Compare the last days of an event with the days of the longest window before them.

    Parameters
    ----------
    count, mean, variance : array of float64, length of `settings.windows`
        What came, and what was to be expected without the event.
    family : Family
        Of the series by which the event is told.
    settings : Settings

    Returns
    -------
    float
        P value of the shorter window in which its growth is least likely, corrected for the choice.
    """
    had = count[-1] - count[:-1] + settings.baseline.prior
    usual = np.maximum(mean[-1] - mean[:-1], 1e-9)
    level = mean[:-1] * np.maximum(had / usual, 1.0)
    spread = variance[:-1] / mean[:-1]
    p = tails(count[:-1], level, spread * (level + level**2 / had), family)
    return min(1.0, float(np.min(p, initial=1.0)) * len(p))
