"""Near-duplicates and shared runs of characters among many texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import CountVectorizer

_GRAM = 5
_CHUNK = 500
_SPACE = re.compile(r"\s+")


def near_duplicates(
    texts: Sequence[str], *, jaccard: float, gram: int = _GRAM
) -> Iterator[tuple[int, int, float]]:
    """Give the pairs of texts whose sets of character grams overlap.

    Parameters
    ----------
    texts : sequence of str, length n
    jaccard : float
        Least Jaccard similarity of the two sets.
    gram : int
        Characters a gram; white space does not count, a shorter text is one gram.

    Yields
    ------
    (int, int, float)
        Two positions, the smaller first, and their similarity.
    """
    counts = CountVectorizer(analyzer=lambda text: _grams(text, gram), binary=True)
    matrix = counts.fit_transform(texts).astype(np.int32)
    sizes = np.asarray(matrix.sum(axis=1)).ravel()
    turned = matrix.T.tocsr()
    for start in range(0, len(texts), _CHUNK):
        shared = (matrix[start : start + _CHUNK] @ turned).tocoo()
        left, right = shared.row + start, shared.col
        score = shared.data / (sizes[left] + sizes[right] - shared.data)
        for k in np.flatnonzero((score >= jaccard) & (left < right)):
            yield int(left[k]), int(right[k]), float(score[k])


def clusters(texts: Sequence[str], *, jaccard: float) -> list[int]:
    """Number the clusters of near-duplicates (templates), one number a text."""
    pairs = [(a, b) for a, b, _ in near_duplicates(texts, jaccard=jaccard)]
    rows, columns = zip(*pairs, strict=True) if pairs else ((), ())
    graph = coo_matrix((np.ones(len(pairs)), (rows, columns)), shape=(len(texts),) * 2)
    return [int(label) for label in connected_components(graph, directed=False)[1]]


def common_runs(texts: Iterable[str], *, length: int, more_than: int) -> dict[str, int]:
    """Give the runs of characters that occur in more than so many texts."""
    seen: Counter[str] = Counter()
    for text in texts:
        bare = _SPACE.sub("", text)
        seen.update({bare[i : i + length] for i in range(len(bare) - length + 1)})
    return {run: count for run, count in seen.items() if count > more_than}


def _grams(text: str, size: int) -> set[str]:
    bare = _SPACE.sub("", text)
    return {bare[i : i + size] for i in range(max(1, len(bare) - size + 1))}
