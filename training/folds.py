"""Features of many folds over the same documents: counted once, weighed anew in each fold.

Reading out grams is most of the work of `training.estimators.feature_union` and says the same in
every fold; which of them are kept and how they are weighed is learned from a fold's rows alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from scipy.sparse import hstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.pipeline import FeatureUnion, make_pipeline

from training.estimators import analyzer
from triage.reading import Document


class KeptColumns(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Columns of one block of counts that occur in enough rows.

    Parameters
    ----------
    start, end : int
        The block's columns.
    min_df : int
        Rows of the fitted matrix in which a column must count something.

    Attributes
    ----------
    kept_ : array of int
        Columns of the whole matrix.
    """

    def __init__(self, start: int, end: int, min_df: int) -> None:
        self.start = start
        self.end = end
        self.min_df = min_df

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002
        """Look which columns are kept; X is a sparse matrix in rows."""
        found = np.bincount(X.indices, minlength=X.shape[1])[self.start : self.end]
        self.kept_ = self.start + np.flatnonzero(found >= self.min_df)
        return self

    def transform(self, X: Any) -> Any:
        """Give the kept columns."""
        return X[:, self.kept_]


def count_features(
    documents: Sequence[Document], views: dict[str, dict[str, Any]], concept_codes: tuple[str, ...]
) -> tuple[Any, FeatureUnion]:
    """Count every feature of documents.

    Returns
    -------
    counts : sparse matrix (n, n_features)
    union : FeatureUnion
        Unfitted; over rows of `counts` it gives what `feature_union` gives over their documents.
    """
    parts, blocks, start = [], [], 0
    for kind, view in views.items():
        counts = CountVectorizer(analyzer=analyzer(kind, view, concept_codes))
        parts.append(counts.fit_transform(documents))
        end = start + parts[-1].shape[1]
        kept = KeptColumns(start, end, view.get("min_df", 1))
        blocks.append((kind, make_pipeline(kept, TfidfTransformer(sublinear_tf=True))))
        start = end
    weights = {kind: view.get("weight", 1.0) for kind, view in views.items()}
    return hstack(parts, format="csr"), FeatureUnion(blocks, transformer_weights=weights)
