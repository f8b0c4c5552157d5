"""Occurrences of features counted and weighed: sparse rows, and their product with weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
AnyInts = NDArray[np.signedinteger[Any]]

# BLAS starts no threads for so little.
_PIECE = 256
# Cells whose weights are fetched at once: they stay in the cache.
_GATHERED = 4096


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every place where a feature occurs in a batch, before counting.

    Attributes
    ----------
    docs, features : arrays of int, length m
        Document number and feature position.
    starts, ends : arrays of int, length m
        Range of characters in the texts of the batch written one behind the other with one
        place between: document i begins at `sum(lengths[:i]) + i`.
    """

    docs: AnyInts
    features: AnyInts
    starts: AnyInts
    ends: AnyInts


@dataclass(frozen=True, slots=True)
class Rows:
    """A sparse matrix in row order.

    Attributes
    ----------
    indptr : array of int64, length n_docs + 1
    docs, indices : arrays of int64
        Row and column of each cell.
    values : array of float64
    counts : array of int64
        How often each cell's feature occurs in its document.
    order : array of int64
        The occurrences the rows were made from, those of a cell side by side.
    """

    indptr: Ints
    docs: Ints
    indices: Ints
    values: Floats
    counts: Ints
    order: Ints

    def dot(self, weights: NDArray[np.float32]) -> Floats:
        """Multiply by a dense matrix (n_features, k); gives (n_docs, k)."""
        out = np.zeros((len(self.indptr) - 1, weights.shape[1]))
        bounds = self.indptr.tolist()
        for first, last in _groups(bounds):
            base = bounds[first]
            part = weights.take(self.indices[base : bounds[last]], axis=0).astype(np.float64)
            # Row by row and piece by piece: no answer depends on the rows around it.
            for row in range(first, last):
                for low in range(bounds[row], bounds[row + 1], _PIECE):
                    high = min(low + _PIECE, bounds[row + 1])
                    out[row] += self.values[low:high] @ part[low - base : high - base]
        return out


def _groups(bounds: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Cut rows into groups of about `_GATHERED` cells."""
    first = 0
    for last in range(1, len(bounds)):
        if bounds[last] - bounds[first] >= _GATHERED or last == len(bounds) - 1:
            yield first, last
            first = last


def tfidf(found: Occurrences, idf: Floats, *, n_docs: int, parts: Sequence[int] = (0,)) -> Rows:
    """Weigh occurrences: sublinear term frequency times idf, each part of a row of length one.

    Parameters
    ----------
    found : Occurrences
    idf : array of float64, length n_features
    n_docs : int
    parts : sequence of int
        First features of the blocks that the features are made of.

    Returns
    -------
    Rows
        What `TfidfVectorizer(sublinear_tf=True, norm="l2")` gives for the same vocabularies.
    """
    # Document, feature and occurrence in one number: sorting numbers is several times faster
    # than sorting what they stand for, and nothing has to be found again afterwards.
    low, middle = len(found.docs).bit_length(), len(idf).bit_length()
    packed = found.docs.astype(np.int64) << middle
    packed |= found.features
    packed <<= low
    packed |= np.arange(len(packed), dtype=np.int64)
    packed.sort()
    order = packed & ((1 << low) - 1)
    packed >>= low
    firsts = np.flatnonzero(np.diff(packed, prepend=-1))
    counts = np.diff(firsts, append=len(packed))
    cells = packed.take(firsts)
    docs, indices = cells >> middle, cells & ((1 << middle) - 1)
    values = idf.take(indices)
    often = np.flatnonzero(counts > 1)
    values[often] *= 1.0 + np.log(counts[often])
    indptr = np.zeros(n_docs + 1, dtype=np.int64)
    np.cumsum(np.bincount(docs, minlength=n_docs), out=indptr[1:])
    owners = docs * len(parts)
    for part in parts[1:]:
        owners += indices >= part
    values /= np.sqrt(np.bincount(owners, weights=values * values)).take(owners)
    return Rows(indptr, docs, indices, values, counts, order)
