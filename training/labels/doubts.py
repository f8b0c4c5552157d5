"""Labels to doubt: confident learning over what models say that had not seen the row.

After Northcutt, Jiang and Chuang (2021): a row is counted to the label whose probability reaches
the mean it has among rows that carry it; where that is another label than the row's, the label is
doubted. Rows are ordered by how much less probable the given label is than the best other one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.features import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Doubts:
    """How far the labels of n rows are to be doubted.

    Attributes
    ----------
    margin : array (n,)
        Probability of the label minus that of the best other one, in [-1, 1]; the smallest
        is doubted most.
    other : array of int (n,)
        Column of the best other label.
    doubted : array of bool (n,)
        Whether confident learning counts the row to another label.
    """

    margin: Floats
    other: Ints
    doubted: NDArray[np.bool_]

    @property
    def order(self) -> Ints:
        """Rows, those doubted most in front."""
        return np.lexsort((self.margin, ~self.doubted))


def doubts(probabilities: Floats, column: Ints) -> Doubts:
    """Compare the labels of rows with what models say that had not seen them.

    Parameters
    ----------
    probabilities : array (n, k)
    column : array of int (n,)
        Column of the label of each row; each column has a row.
    """
    rows = np.arange(len(column))
    given = probabilities[rows, column]
    others = probabilities.copy()
    others[rows, column] = -1.0
    other = others.argmax(axis=1)
    sums = np.bincount(column, weights=given, minlength=probabilities.shape[1])
    usual = sums / np.maximum(np.bincount(column, minlength=probabilities.shape[1]), 1)
    reached = np.where(probabilities >= usual, probabilities, -1.0)
    counted = np.where(reached.max(axis=1) >= 0.0, reached.argmax(axis=1), column)
    return Doubts(given - others[rows, other], other, counted != column)
