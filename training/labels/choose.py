"""Which rows to label next: those a model is unsure of, that its views differ on, and not alike.

First the rows are ranked by how close the two best labels are (uncertainty) and by how far the
blocks of features differ when each votes alone (disagreement: Muslea, Minton and Knoblock 2006).
Of thirty times as many as are wanted, weighted k-means takes one from each corner (diversity:
Zhdanov 2019), so that no batch asks the same question ten times.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans

from triage.classifier import softmax
from triage.features import Floats

Ints = NDArray[np.int64]

_CANDIDATES = 30
_DISAGREEMENT = 0.5
# So that the last of the candidates counts for something too.
_LEAST = 0.05


class Worth(NamedTuple):
    """What a label of each of n rows is worth to a model.

    Attributes
    ----------
    uncertainty, disagreement : arrays (n,)
        The largest are worth most; the second is in nats.
    score : array (n,)
        Both together, by rank.
    """

    uncertainty: Floats
    disagreement: Floats
    score: Floats


def worth(probabilities: Floats, views: list[Floats]) -> Worth:
    """Rank rows by how much their labels would teach.

    Parameters
    ----------
    probabilities : array (n, k)
        Of the model.
    views : list of arrays (n, k)
        What each of its blocks of features says alone.
    """
    best = np.sort(probabilities, axis=1)
    uncertainty = best[:, -2] - best[:, -1]
    mean = sum(views) / len(views)
    disagreement = _entropy(np.asarray(mean)) - sum(_entropy(view) for view in views) / len(views)
    score = _ranks(uncertainty) + _DISAGREEMENT * _ranks(np.asarray(disagreement))
    return Worth(uncertainty, np.asarray(disagreement), score)


def view_votes(model: Any, matrix: Any, widths: list[int], temperature: float) -> list[Floats]:
    """Give what each block of a linear model says alone, the bias spread evenly.

    Parameters
    ----------
    model : RatioSVC
        Of at least two labels.
    matrix : sparse matrix (n, n_features)
    widths : list of int
        Features a block, in order; they sum to n_features.
    temperature : float
        Of the whole model. A block has a part of the margin only, so its own is smaller.
    """
    ends = np.cumsum([0, *widths])
    votes = []
    for start, end in pairwise(ends.tolist()):
        part = matrix[:, start:end] @ model.coef_[:, start:end].T + model.intercept_ / len(widths)
        margins = np.column_stack([-part, part]) if part.shape[1] == 1 else part
        votes.append(softmax(margins * len(widths) / temperature))
    return votes


def spread(places: Floats, score: Floats, budget: int, *, seed: int = 0) -> Ints:
    """Choose rows of much worth that are unlike each other.

    Parameters
    ----------
    places : array (n, d)
        Where rows lie; near ones ask the same.
    score : array (n,)
    budget : int
        At most n.
    seed : int

    Returns
    -------
    array of int (budget,)
        Positions, those worth most in front.
    """
    first = np.argsort(-score, kind="stable")[: budget * _CANDIDATES]
    if len(first) <= budget:
        return first
    weights = _ranks(score[first]) + _LEAST
    clusters = MiniBatchKMeans(budget, random_state=seed, n_init=1)
    far = clusters.fit(places[first], sample_weight=weights).transform(places[first])
    taken = dict.fromkeys(far.argmin(axis=0).tolist())
    # Two centres may share their nearest row: the best of the rest stand in.
    for position in range(len(first)):
        if len(taken) >= budget:
            break
        taken.setdefault(position)
    return first[sorted(taken)]


def _ranks(values: Floats) -> Floats:
    """Put values in (0, 1] by rank."""
    return (np.argsort(np.argsort(values, kind="stable")) + 1) / len(values)


def _entropy(probabilities: Floats) -> Floats:
    return -np.asarray((probabilities * np.log(probabilities + 1e-12)).sum(axis=1))
