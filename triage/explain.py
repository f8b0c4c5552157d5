"""Why a line was chosen: exact contributions of the linear model, as readable phrases.

A feature's contribution to a leaf's score is shared equally among its occurrences and, within
an occurrence, among its characters, so the character weights of a document plus the bias sum
to the leaf's score. Neighbouring words that push the same way make a phrase.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.classifier import Basis
from triage.features import Coded, Floats, Ints
from triage.kernels import explain as kernels

# Beyond the second plane all that people write is Chinese.
_PLANES = 0x20000


class Phrase(NamedTuple):
    """A range of the normalised text and its contribution to the score (log odds)."""

    start: int
    end: int
    weight: float


def character_weights(basis: Basis, *, columns: Ints, scale: float) -> Floats:
    """Share each document's contributions to one score among its characters.

    Parameters
    ----------
    basis : Basis
        Of n documents.
    columns : array of int64, length n
        The column of the weights to explain, one a document.
    scale : float
        Divides the scores: the head's temperature.

    Returns
    -------
    array of float64, as long as `basis.coded.points`
        Those of document i sum to (score - bias) / scale.
    """
    coded = basis.coded
    steps = np.zeros(len(coded.points))
    for trace in basis.traces:
        kernels.push_characters(
            *trace.found.arrays, trace.shares, trace.rows, columns, scale, steps
        )
    kernels.sum_documents(coded.begins, coded.lengths, steps)
    return steps


def phrases(weights: Floats, coded: Coded, *, most: int, least_share: float) -> list[list[Phrase]]:
    """Merge character weights into the phrases that pushed hardest.

    Parameters
    ----------
    weights : array of float64
        From `character_weights`.
    coded : Coded
        Of n documents: a phrase never cuts a word in two, and is never punctuation alone.
    most : int
        Phrases to give for each document.
    least_share : float
        A phrase must carry this share of all that pushed; where none does the strongest are told.

    Returns
    -------
    list of lists of Phrase, length n
        Strongest first.
    """
    count = len(coded.begins)
    bounds = np.zeros(count + 1, dtype=np.int64)
    starts, ends = (np.empty(count * most, dtype=np.int64) for _ in range(2))
    strengths = np.empty(count * most)
    words = coded.sizes, coded.word_bounds
    out = bounds, starts, ends, strengths, np.empty(len(coded.sizes))
    kernels.find_phrases(
        coded.points, coded.begins, words, _letters(), weights, least_share, most, out
    )
    edges = bounds.tolist()
    said = list(map(Phrase, *(c[: edges[-1]].tolist() for c in (starts, ends, strengths))))
    return [said[low:high] for low, high in pairwise(edges)]


@cache
def _letters() -> NDArray[np.bool_]:
    """Which code points are letters, digits or Chinese characters."""
    return np.strings.isalnum(np.arange(_PLANES, dtype=np.uint32).view("U1"))
