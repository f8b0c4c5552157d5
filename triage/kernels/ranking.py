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


@jit
def best_lines(leaves, line_of, out):
    """Sum leaves to lines; find the best line and the best leaf within it.

    Parameters
    ----------
    line_of : array of int64
        The line of each leaf.
    out : arrays
        Of each row: the lines' sums (zeros when given), the column of the best leaf, the sum of
        the best line.
    """
    lines, tops, best = out
    for row in range(len(leaves)):
        first, top = 0, -1
        for leaf in range(len(line_of)):
            lines[row, line_of[leaf]] += leaves[row, leaf]
        for line in range(lines.shape[1]):
            if lines[row, line] > lines[row, first]:
                first = line
        for leaf in range(len(line_of)):
            own = line_of[leaf] == first
            if own and (top < 0 or leaves[row, leaf] > leaves[row, top]):
                top = leaf
        tops[row], best[row] = top, lines[row, first]
