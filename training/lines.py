"""Fits the line model and judges it on rows it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline

from training.corpus import LabelledRow
from training.estimators import TriageModel
from training.folds import count_features
from training.introductions import Copies
from training.linear import RatioSVC, fit_temperature, two_sided
from triage.classifier import softmax
from triage.reading import Document
from triage.taxonomy import Taxonomy

Floats = NDArray[np.float64]

# The nature on which a row is trained that has none.
UNMARKED = "complaint"
NO_COPIES = Copies()


@dataclass(frozen=True)
class Recipe:
    """How the line model is made (`data/recipes.yaml`).

    Attributes
    ----------
    views : dict
        Kind of feature block -> its options.
    linear : dict
        Parameters of `RatioSVC`.
    folds : int
        Of the grouped cross-validation.
    introduced : float
        Share of the rows that are taught a second time with an introduction of the writer; see
        `training.introductions`.
    abstain_cost : float
        Cost of handing a row to a person, where a wrong line costs 1: sets the abstention
        threshold on the risk-coverage curve of rows not seen.
    seed : int
    """

    name: str
    views: dict[str, dict[str, Any]]
    linear: dict[str, float]
    folds: int
    abstain_cost: float
    seed: int
    introduced: float = 0.0

    def classifier(self, n_jobs: int | None = None) -> RatioSVC:
        """Give the unfitted linear classifier."""
        return RatioSVC(**self.linear, seed=self.seed, n_jobs=n_jobs)


@dataclass(frozen=True)
class Unseen:
    """Predictions for training rows by models that had not seen them.

    Attributes
    ----------
    leaves : array (n, n_leaves)
        In taxonomy order, calibrated by a temperature fitted on the other half of the groups.
    natures : array (n, n_natures)
    margins : array (n, n_leaves)
        Of leaves before calibration; without end below all others where no row had the leaf.
    temperatures : (float, float)
        Fitted on all of these rows' scores: those of the final model.
    """

    leaves: Floats
    natures: Floats
    margins: Floats
    temperatures: tuple[float, float]


def fit_lines(
    rows: Sequence[LabelledRow],
    documents: Sequence[Document],
    recipe: Recipe,
    *,
    concept_codes: tuple[str, ...],
    temperatures: tuple[float, float] | None = None,
    copies: Copies = NO_COPIES,
) -> TriageModel:
    """Fit both heads on every row and copy."""
    model = TriageModel(
        views=recipe.views,
        linear=recipe.classifier(n_jobs=-1),
        temperatures=temperatures,
        concept_codes=concept_codes,
        seed=recipe.seed,
    )
    taught = [*rows, *(rows[i] for i in copies.of)]
    leaves, groups = [row.leaf for row in taught], [row.group for row in taught]
    known = [*documents, *copies.documents]
    return model.fit(known, leaves, _natures(taught), groups, weights_of(taught))


def predict_unseen(
    rows: Sequence[LabelledRow],
    documents: Sequence[Document],
    recipe: Recipe,
    taxonomy: Taxonomy,
    *,
    concept_codes: tuple[str, ...],
    copies: Copies = NO_COPIES,
) -> Unseen:
    """Predict every row by grouped cross-validation, features refitted in each fold.

    Copies are taught with the rows of their groups and not predicted.
    """
    found = []
    heads = (([r.leaf for r in rows], taxonomy.leaves), (_natures(rows), taxonomy.nature_codes))
    scored = unseen_margins(
        rows, documents, [labels for labels, _ in heads], recipe, concept_codes, copies=copies
    )
    for (labels, order), margins in zip(heads, scored, strict=True):
        classes = sorted(set(labels))
        scaled = margins / _other_temperatures(margins, labels, classes, halves(rows, recipe.seed))
        final = fit_temperature(margins, labels, classes)
        found.append((ordered(softmax(scaled), classes, order), final))
    (leaves, leaf), (natures, nature) = found
    known = ordered(scored[0], sorted(set(heads[0][0])), taxonomy.leaves, absent=-np.inf)
    return Unseen(leaves, natures, known, (leaf, nature))


def weights_of(rows: Sequence[LabelledRow]) -> Floats | None:
    """Give the weights of rows; None where all count as one."""
    weights = np.array([row.weight for row in rows])
    return None if (weights == 1.0).all() else weights


def halves(rows: Sequence[LabelledRow], seed: int) -> NDArray[np.bool_]:
    """Cut rows in two by group; True is one half. What one half chose is judged on the other."""
    _, owner = np.unique([row.group for row in rows], return_inverse=True)
    coin = np.random.default_rng(seed).permutation(int(owner.max()) + 1) % 2 == 0
    return np.asarray(coin[owner])


def _other_temperatures(
    margins: Floats, labels: Sequence[str], classes: Sequence[str], half: NDArray[np.bool_]
) -> Floats:
    """Give each row the temperature of the half it is not in, (n, 1)."""
    found = np.empty((len(labels), 1))
    for inside in (half, ~half):
        known = [label for label, kept in zip(labels, ~inside, strict=True) if kept]
        found[inside] = fit_temperature(margins[~inside], known, classes)
    return found


def _natures(rows: Sequence[LabelledRow]) -> list[str]:
    return [row.nature or UNMARKED for row in rows]


def unseen_margins(
    rows: Sequence[LabelledRow],
    documents: Sequence[Document],
    heads: Sequence[list[str]],
    recipe: Recipe,
    concept_codes: tuple[str, ...],
    *,
    copies: Copies = NO_COPIES,
) -> list[Floats]:
    """Score every row for each head's labels by grouped cross-validation, all refitted in a fold.

    Returns
    -------
    list of arrays (n, n_labels)
        Columns are a head's labels in alphabetical order; copies have no row of their own.
    """
    taught = [*rows, *(rows[i] for i in copies.of)]
    known = [*documents, *copies.documents]
    counts, features = count_features(known, recipe.views, concept_codes)
    pipeline = Pipeline([("features", features), ("linear", recipe.classifier())])
    every = [np.array([*labels, *(labels[i] for i in copies.of)]) for labels in heads]
    folds = StratifiedGroupKFold(recipe.folds, shuffle=True, random_state=recipe.seed)
    groups, weights = [row.group for row in taught], weights_of(taught)
    splits = [(y, *split) for y in every for split in folds.split(counts, y, groups)]
    # Folds of all heads in one list: no core waits for the last fold of the first head.
    scored = Parallel(n_jobs=-1)(
        delayed(_fold_margins)(clone(pipeline), counts, y, fitted, judged, weights=weights)
        for y, fitted, judged in splits
    )
    found = [np.empty((len(taught), len(set(labels)))) for labels in heads]
    for place, ((_, _, judged), margins) in enumerate(zip(splits, scored, strict=True)):
        found[place // recipe.folds][judged] = margins
    return [margins[: len(rows)] for margins in found]


def _fold_margins(
    pipeline: Pipeline, counts: Any, y: Any, fitted: Any, judged: Any, *, weights: Floats | None
) -> Floats:
    some = {} if weights is None else {"linear__sample_weight": weights[fitted]}
    pipeline.fit(counts[fitted], y[fitted], **some)
    return two_sided(pipeline.decision_function(counts[judged]))


def ordered(
    scores: Floats, classes: Sequence[str], labels: Sequence[str], *, absent: float = 0.0
) -> Floats:
    """Put columns for `classes` in the order of `labels`; a label without one is `absent`."""
    full = np.full((len(scores), len(labels)), absent)
    for column, label in enumerate(classes):
        full[:, list(labels).index(label)] = scores[:, column]
    return full
