"""Probabilities put in order."""

from __future__ import annotations

from triage.kernels.tables import jit


@jit
def order_rows(values, firsts, order):
    """Order the columns of each row, the greatest value first, of equal ones the earlier first.

    Column `firsts[i]` of row i leads whatever its value.
    """
    for row in range(len(values)):
        order[row, 0] = firsts[row]
        found = 1
        for column in range(values.shape[1]):
            if column == firsts[row]:
                continue
            place = found
            while place > 1 and values[row, order[row, place - 1]] < values[row, column]:
                order[row, place] = order[row, place - 1]
                place -= 1
            order[row, place] = column
            found += 1
