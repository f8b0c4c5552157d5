"""What moved the scores of a linear model, by families of features."""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import jit


@jit
def rank_families(matrix, mode, model, families, least, digits, out):
    """Sum each row's pushes by family, and rank the families that pushed hard enough.

    Parameters
    ----------
    matrix : array (n, F)
    mode : array of int64, length n
    model : arrays
        Weights (F,), the reference (modes, F) pushes are measured against, slope by mode.
    families : arrays
        Features family by family, and where each family begins, with the end behind the last.
    least : float
        Weaker families are left out.
    digits : int
        To which sums are rounded: their last bits say nothing.
    out : arrays
        Bounds by row, families and sums, the strongest first, of equal ones the earlier first.
    """
    weights, reference, slope = model
    columns, starts = families
    bounds, places, sums = out
    unit, found = 10.0**digits, 0
    for row in range(len(matrix)):
        first, own = found, mode[row]
        for family in range(len(starts) - 1):
            total = 0.0
            for at in range(starts[family], starts[family + 1]):
                column = columns[at]
                away = matrix[row, column] - reference[own, column]
                total += away * weights[column] * slope[own]
            total = np.rint(total * unit) / unit
            if abs(total) < least:
                continue
            place = found
            while place > first and abs(sums[place - 1]) < abs(total):
                sums[place], places[place] = sums[place - 1], places[place - 1]
                place -= 1
            sums[place], places[place] = total, family
            found += 1
        bounds[row + 1] = found
