"""Occurrences of features counted and weighed: sparse rows, and their product with weights."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
AnyInts = NDArray[np.signedinteger[Any]]

# Fits the cache, and BLAS starts no threads for so little.
_PIECE = 256


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
        # Row by row: the whole product would be written to memory and read again.
        bounds = self.indptr.tolist()
        for row, (low, high) in enumerate(pairwise(bounds)):
            for start in range(low, high, _PIECE):
                piece = slice(start, min(start + _PIECE, high))
                out[row] += self.values[piece] @ weights.take(self.indices[piece], axis=0)
        return out


def tfidf(found: Occurrences, idf: Floats, *, n_docs: int) -> Rows:
    """Weigh occurrences: sublinear term frequency times idf, each row of length one.

    Parameters
    ----------
    found : Occurrences
    idf : array of float64, length n_features
    n_docs : int

    Returns
    -------
    Rows
        What `TfidfVectorizer(sublinear_tf=True, norm="l2")` gives for the same vocabulary.
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
    cells = packed[firsts]
    docs, indices = cells >> middle, cells & ((1 << middle) - 1)
    values = idf[indices]
    often = np.flatnonzero(counts > 1)
    values[often] *= 1.0 + np.log(counts[often])
    indptr = np.zeros(n_docs + 1, dtype=np.int64)
    np.cumsum(np.bincount(docs, minlength=n_docs), out=indptr[1:])
    norms = np.sqrt(np.bincount(docs, weights=values * values, minlength=n_docs))
    values /= norms[docs]
    return Rows(indptr, docs, indices, values, counts, order)
