"""Labels to doubt: confident learning over what models say that had not seen the row.

After Northcutt, Jiang and Chuang (2021): a row is counted to the label whose probability reaches
the mean it has among rows that carry it. How many rows are counted to another label than theirs
says how many labels are wrong; which ones, the probability of the label itself ranks best.
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
    given, best : arrays (n,)
        Probability of the label, and of the best other one.
    other : array of int (n,)
        Column of the best other label.
    expected : int
        How many labels confident learning expects to be wrong.
    """

    given: Floats
    best: Floats
    other: Ints
    expected: int

    @property
    def order(self) -> Ints:
        """Rows, those doubted most in front."""
        return np.argsort(self.given, kind="stable")


def doubts(probabilities: Floats, column: Ints) -> Doubts:
    """Compare the labels of rows with what models say that had not seen them.

    Parameters
    ----------
    probabilities : array (n, k)
        Columns of at least two labels.
    column : array of int (n,)
        Column of the label of each row.
    """
    rows = np.arange(len(column))
    given = probabilities[rows, column]
    others = probabilities.copy()
    others[rows, column] = -1.0
    other = others.argmax(axis=1)
    wide = probabilities.shape[1]
    counts = np.maximum(np.bincount(column, minlength=wide), 1)
    usual = np.bincount(column, weights=given, minlength=wide) / counts
    reached = np.where(probabilities >= usual, probabilities, -1.0)
    counted = np.where(reached.max(axis=1) >= 0.0, reached.argmax(axis=1), column)
    return Doubts(given, others[rows, other], other, int((counted != column).sum()))
