"""What models say of labelled rows that they had not seen, for all that doubts labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.corpus import LabelledRow
from training.linear import fit_temperature
from training.lines import Recipe, unseen_margins
from training.run import check_enough, without_rare_natures
from triage.classifier import softmax
from triage.features import Floats
from triage.reading import Document, TextReader


@dataclass(frozen=True)
class Opinions:
    """Leaf probabilities for labelled rows by models that had not seen them.

    Attributes
    ----------
    leaves : tuple of str
        The columns: leaves that occur.
    probabilities : array (n, n_leaves)
    column : array of int (n,)
        Column of the label that each row carries.
    """

    leaves: tuple[str, ...]
    probabilities: Floats
    column: NDArray[np.int64]


def opinions(
    rows: Sequence[LabelledRow],
    recipe: Recipe,
    read: TextReader,
    documents: Sequence[Document] | None = None,
) -> Opinions:
    """Predict every row by grouped cross-validation.

    Raises
    ------
    InvalidInput
        When a leaf has too few groups of rows for the recipe's folds.
    """
    check_enough(without_rare_natures(rows, recipe), recipe)
    known = documents or [read(row.text) for row in rows]
    labels = [row.leaf for row in rows]
    leaves = tuple(sorted(set(labels)))
    [margins] = unseen_margins(rows, known, [labels], recipe, read.finder.codes)
    scaled = margins / fit_temperature(margins, labels, leaves)
    place = {leaf: number for number, leaf in enumerate(leaves)}
    return Opinions(leaves, softmax(scaled), np.array([place[label] for label in labels]))
