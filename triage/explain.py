"""Why a line was chosen: exact contributions of the linear model, as readable phrases.

A feature's contribution to a leaf's score is shared equally among its occurrences and, within
an occurrence, among its characters, so the character weights of a document plus the bias sum
to the leaf's score. Neighbouring characters that push the same way make a phrase.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triage.classifier import Trace
from triage.features import Floats, Ints


@dataclass(frozen=True, slots=True)
class Phrase:
    """A range of the normalised text and its contribution to the score (log odds)."""

    start: int
    end: int
    weight: float


def character_weights(
    traces: Sequence[Trace], *, columns: Ints, lengths: Ints, scale: float
) -> list[Floats]:
    """Share each document's contributions to one score among its characters.

    Parameters
    ----------
    traces : sequence of Trace
        As kept by `LineClassifier.score`, for n documents.
    columns : array of int64, length n
        The column of the weights to explain, one a document.
    lengths : array of int64, length n
        Characters of each document.
    scale : float
        Divides the scores: the head's temperature.

    Returns
    -------
    list of n arrays
        Array i has `lengths[i]` values that sum to (score - bias) / scale.
    """
    # A difference array with one spare place a document: an occurrence adds its share to every
    # character it covers.
    first = np.cumsum(lengths + 1) - (lengths + 1)
    size = int((lengths + 1).sum())
    steps = np.zeros(size)
    for trace in traces:
        found, rows = trace.found, trace.rows
        pushed = rows.values[rows.cells] * trace.weights[found.features, columns[found.docs]]
        shares = pushed / (rows.counts[rows.cells] * (found.ends - found.starts) * scale)
        base = first[found.docs]
        steps += np.bincount(base + found.starts, weights=shares, minlength=size)
        steps -= np.bincount(base + found.ends, weights=shares, minlength=size)
    # Each document is summed by itself: rounding must not leak into its neighbours.
    return [
        np.cumsum(steps[low : low + length])
        for low, length in zip(first.tolist(), lengths.tolist(), strict=True)
    ]


def phrases(
    weights: Floats, words: Sequence[str], *, most: int, least_share: float
) -> list[Phrase]:
    """Merge character weights into the phrases that pushed hardest.

    Parameters
    ----------
    weights : array of float64, one a character
    words : sequence of str
        The document's words: a phrase never cuts a word in two.
    most : int
        Phrases to give.
    least_share : float
        A phrase must carry this share of all that pushed.

    Returns
    -------
    list of Phrase
        Strongest first.
    """
    bounds = np.cumsum([0, *map(len, words)])
    sums = np.add.reduceat(weights, bounds[:-1]) if len(weights) else np.zeros(0)
    floor = least_share * float(sums[sums > 0].sum())
    mean = float(sums[sums > 0].mean()) if (sums > 0).any() else 0.0
    found: list[Phrase] = []
    start = None
    for i, word in enumerate([*words, ""]):
        pushes = i < len(words) and sums[i] > mean / 2 and any(c.isalnum() for c in word)
        if pushes and start is None:
            start = i
        elif not pushes and start is not None:
            found.append(_phrase(sums, bounds, start, i))
            start = None
    kept = [phrase for phrase in found if phrase.weight >= floor]
    return sorted(kept, key=lambda phrase: -phrase.weight)[:most]


def _phrase(sums: Floats, bounds: Ints, first: int, last: int) -> Phrase:
    return Phrase(int(bounds[first]), int(bounds[last]), float(sums[first:last].sum()))
