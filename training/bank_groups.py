"""Which rows of a bank's file must stay together: one customer, or one template.

Small files are compared pair by pair. Large ones by MinHash (Broder 1997): texts that share a
band of their signature are candidates, and belong together when the signatures agree enough.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from training.similarity import clusters

Ints = NDArray[np.int64]
_Words = NDArray[np.uint64]

JACCARD = 0.5
_EXACT_UP_TO = 20_000
_GRAM = 5
_BANDS, _ROWS = 20, 4
_SEED = 20
# A prime above every hash, so that a * x + b stays a permutation in 64 bits.
_PRIME = np.uint64((1 << 31) - 1)


def template_clusters(
    texts: Sequence[str], *, jaccard: float = JACCARD, exact_up_to: int = _EXACT_UP_TO
) -> list[int]:
    """Number the clusters of near-duplicates, one number a text.

    Parameters
    ----------
    texts : sequence of str, length n
        Masked.
    jaccard : float
        Least similarity of the sets of character 5-grams (an estimate above `exact_up_to`).
    exact_up_to : int
        Up to so many texts are compared exactly.
    """
    if not texts:
        return []
    if len(texts) <= exact_up_to:
        return clusters(texts, jaccard=jaccard)
    signatures = _signatures(texts)
    left, right = _candidates(signatures)
    agree = (signatures[left] == signatures[right]).mean(axis=1) >= jaccard
    return _components(left[agree], right[agree], len(texts))


def joined_groups(keys: Sequence[Sequence[str | None]], templates: Sequence[int]) -> list[str]:
    """Join rows that share a key (customer, group of the file) or a template.

    Parameters
    ----------
    keys : sequence of sequences, each of length n
        None where a row has no such key.
    templates : sequence of int, length n

    Returns
    -------
    list of str, length n
        Equal where rows must not be parted.
    """
    count = len(templates)
    pairs: list[tuple[int, int]] = []
    for column in (*keys, templates):
        first: dict[str | int, int] = {}
        for row, key in enumerate(column):
            if key is not None:
                pairs.append((first.setdefault(key, row), row))
    if not pairs:
        return []
    left, right = np.array(pairs, dtype=np.int64).T
    return [f"g{number}" for number in _components(left, right, count)]


def _components(left: Ints, right: Ints, count: int) -> list[int]:
    graph = coo_matrix((np.ones(len(left)), (left, right)), shape=(count, count))
    return [int(label) for label in connected_components(graph, directed=False)[1]]


def _signatures(texts: Sequence[str]) -> NDArray[np.uint32]:
    rng = np.random.default_rng(_SEED)
    size = _BANDS * _ROWS
    factor = rng.integers(1, int(_PRIME), size, dtype=np.uint64)[:, None]
    shift = rng.integers(0, int(_PRIME), size, dtype=np.uint64)[:, None]
    out = np.empty((len(texts), size), dtype=np.uint32)
    for row, text in enumerate(texts):
        out[row] = ((factor * _grams(text) + shift) % _PRIME).min(axis=1)
    return out


def _grams(text: str) -> _Words:
    """Hash the 5-grams of a text without white space to 31 bits."""
    points = np.frombuffer("".join(text.split()).encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = points.astype(np.uint64)
    if len(codes) < _GRAM:
        return np.array([zlib.crc32(text.encode("utf-8", "surrogatepass"))], np.uint64) % _PRIME
    hashed = np.zeros(len(codes) - _GRAM + 1, dtype=np.uint64)
    for step in range(_GRAM):
        hashed = (hashed * np.uint64(1_000_003) + codes[step : len(hashed) + step]) % _PRIME
    return np.unique(hashed)


def _candidates(signatures: NDArray[np.uint32]) -> tuple[Ints, Ints]:
    """Pair each text with the first of its bucket and with its neighbour there, band by band."""
    lefts, rights = [], []
    for band in range(_BANDS):
        keys = np.zeros(len(signatures), dtype=np.uint64)
        for column in range(band * _ROWS, (band + 1) * _ROWS):
            keys = keys * np.uint64(0x9E3779B97F4A7C15) + signatures[:, column]
        order = np.argsort(keys, kind="stable")
        same = keys[order][1:] == keys[order][:-1]
        starts = np.concatenate([[True], ~same])
        head = order[np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))]
        lefts += [order[:-1][same], head[1:][same]]
        rights += [order[1:][same], order[1:][same]]
    return np.concatenate(lefts), np.concatenate(rights)
