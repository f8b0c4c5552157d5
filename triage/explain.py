"""Why a line was chosen: exact contributions of the linear model, as readable phrases.

A feature's contribution to a leaf's score is shared equally among its occurrences and, within
an occurrence, among its characters, so the character weights of a document plus the bias sum
to the leaf's score. Neighbouring words that push the same way make a phrase.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from triage.classifier import Trace
from triage.features import Floats, Ints, beginnings

_DIGITS = 9


class Phrase(NamedTuple):
    """A range of the normalised text and its contribution to the score (log odds)."""

    start: int
    end: int
    weight: float


def character_weights(
    traces: Sequence[Trace], *, columns: Ints, lengths: Ints, scale: float
) -> Floats:
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
    array of float64, length `sum(lengths + 1)`
        The documents one behind the other, one place after each. Those of document i sum to
        (score - bias) / scale.
    """
    size = int((lengths + 1).sum())
    steps = np.zeros(size)
    for trace in traces:
        found, rows = trace.found, trace.rows
        places = rows.indices * trace.weights.shape[1] + columns.take(rows.docs)
        pushes = rows.values * trace.weights.ravel().take(places)
        pushes /= rows.counts * scale
        starts, ends = found.starts.take(rows.order), found.ends.take(rows.order)
        shares = np.repeat(pushes, rows.counts) / (ends - starts)
        steps += np.bincount(starts, weights=shares, minlength=size)
        steps -= np.bincount(ends, weights=shares, minlength=size)
    # Each document is summed by itself: rounding must not leak into its neighbours.
    first = beginnings(lengths)
    for low, high in zip(first.tolist(), (first + lengths).tolist(), strict=True):
        np.cumsum(steps[low:high], out=steps[low:high])
        steps[high] = 0.0
    return steps


def phrases(
    weights: Floats, documents: Sequence[Sequence[str]], *, most: int, least_share: float
) -> list[list[Phrase]]:
    """Merge character weights into the phrases that pushed hardest.

    Parameters
    ----------
    weights : array of float64
        From `character_weights`.
    documents : sequence of sequences of str, length n
        The words of each document: a phrase never cuts a word in two.
    most : int
        Phrases to give for each document.
    least_share : float
        A phrase must carry this share of all that pushed.

    Returns
    -------
    list of lists of Phrase, length n
        Strongest first.
    """
    # The place behind a document counts as a word of it, one that never pushes.
    words = list(chain.from_iterable((*words, "\n") for words in documents))
    sizes = np.fromiter((len(words) + 1 for words in documents), dtype=np.int64)
    docs = np.repeat(np.arange(len(documents)), sizes)
    ends = np.cumsum(np.fromiter(map(len, words), dtype=np.int64, count=len(words)))
    bounds = np.concatenate([[0], ends])
    sums = np.add.reduceat(weights, bounds[:-1])
    total = np.bincount(docs, weights=np.maximum(sums, 0.0), minlength=len(documents))
    positive = np.bincount(docs, weights=sums > 0, minlength=len(documents))
    level = total / np.maximum(positive, 1.0) / 2
    pushes = _readable(sums > np.maximum(level[docs], 0.0), words)
    edges = np.flatnonzero(np.diff(pushes, prepend=False))
    if not len(edges):
        return [[] for _ in documents]
    firsts, lasts = edges[::2], edges[1::2]
    strength, owners = np.add.reduceat(sums, edges)[::2], docs[firsts]
    kept = np.flatnonzero(strength >= least_share * total[owners])
    # Rounded, so that equals stand in the order of the text whatever their last bits.
    kept = kept[np.lexsort((-np.round(strength[kept], _DIGITS), owners[kept]))]
    rank = np.arange(len(kept)) - np.searchsorted(owners[kept], owners[kept])
    kept = kept[rank < most]
    base = bounds[np.cumsum(sizes) - sizes]
    places = bounds[firsts[kept]], bounds[lasts[kept]]
    return _listed(owners[kept], base, *places, strength[kept], n_docs=len(documents))


def _readable(pushes: np.ndarray, words: Sequence[str]) -> np.ndarray:
    """Pass over words that are punctuation alone."""
    for i in np.flatnonzero(pushes).tolist():
        word = words[i]
        if not (word.isalnum() or any(char.isalnum() for char in word)):
            pushes[i] = False
    return pushes


def _listed(
    owners: Ints, base: Ints, starts: Ints, ends: Ints, strength: Floats, *, n_docs: int
) -> list[list[Phrase]]:
    found: list[list[Phrase]] = [[] for _ in range(n_docs)]
    columns = owners, starts - base[owners], ends - base[owners], strength
    for owner, start, end, weight in zip(*(c.tolist() for c in columns), strict=True):
        found[owner].append(Phrase(start, end, weight))
    return found
