"""Fits the line model and judges it on rows it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline

from training.corpus import LabelledRow
from training.estimators import TriageModel, feature_union, linear_svc
from triage.classifier import softmax
from triage.decision import LineDecider, Thresholds
from triage.evaluation import cheapest_threshold, f1
from triage.reading import Document
from triage.taxonomy import Taxonomy

Floats = NDArray[np.float64]

_LEAST_HAN = 2
_GRID = np.round(np.arange(0.05, 0.5, 0.01), 2)


@dataclass(frozen=True)
class Recipe:
    """How the line model is made (`data/recipes.yaml`).

    Attributes
    ----------
    views : dict
        Kind of feature block -> its options.
    C, class_weight
        Of the linear model.
    folds : int
        Of the grouped cross-validation.
    abstain_cost : float
        Cost of handing a row to a person, where a wrong line costs 1: sets the abstention
        threshold on the risk-coverage curve of rows not seen.
    seed : int
    """

    name: str
    views: dict[str, dict[str, Any]]
    C: float
    class_weight: str | None
    folds: int
    abstain_cost: float
    seed: int


@dataclass(frozen=True)
class Unseen:
    """Predictions for training rows by models that had not seen them.

    Attributes
    ----------
    leaves : array (n, n_leaves)
        In taxonomy order, calibrated with the final model's temperature.
    natures : array (n, n_natures)
    """

    leaves: Floats
    natures: Floats


def fit_lines(
    rows: Sequence[LabelledRow],
    documents: Sequence[Document],
    recipe: Recipe,
    *,
    concept_codes: tuple[str, ...],
) -> TriageModel:
    """Fit both heads on every row."""
    model = TriageModel(
        views=recipe.views,
        C=recipe.C,
        class_weight=recipe.class_weight,
        concept_codes=concept_codes,
        seed=recipe.seed,
    )
    return model.fit(documents, [r.leaf for r in rows], _natures(rows), [r.group for r in rows])


def predict_unseen(
    rows: Sequence[LabelledRow],
    documents: Sequence[Document],
    model: TriageModel,
    recipe: Recipe,
    taxonomy: Taxonomy,
) -> Unseen:
    """Predict every row by grouped cross-validation, features refitted in each fold."""
    leaves = _margins(rows, documents, [r.leaf for r in rows], recipe, model.concept_codes)
    natures = _margins(rows, documents, _natures(rows), recipe, model.concept_codes)
    return Unseen(
        _ordered(leaves, model.leaves_, taxonomy.leaves),
        _ordered(natures, model.natures_, taxonomy.nature_codes),
    )


def _natures(rows: Sequence[LabelledRow]) -> list[str]:
    return [row.nature or "complaint" for row in rows]


def _margins(
    rows: Sequence[LabelledRow],
    documents: Sequence[Document],
    labels: list[str],
    recipe: Recipe,
    concept_codes: tuple[str, ...],
) -> Floats:
    pipeline = Pipeline(
        [
            ("features", feature_union(recipe.views, concept_codes)),
            (
                "linear",
                linear_svc(C=recipe.C, class_weight=recipe.class_weight, seed=recipe.seed),
            ),
        ]
    )
    folds = StratifiedGroupKFold(recipe.folds, shuffle=True, random_state=recipe.seed)
    groups = [row.group for row in rows]
    splits = list(folds.split(np.zeros(len(rows)), labels, groups))
    margins = cross_val_predict(
        pipeline, list(documents), labels, cv=splits, method="decision_function", n_jobs=-1
    )
    return margins if margins.ndim == 2 else np.column_stack([-margins, margins])


def _ordered(margins: Floats, head: Any, labels: Sequence[str]) -> Floats:
    beta = float(head.calibrated_classifiers_[0].calibrators[0].beta_)
    probabilities = softmax(margins * beta)
    full = np.zeros((len(margins), len(labels)))
    for column, label in enumerate(head.classes_):
        full[:, list(labels).index(label)] = probabilities[:, column]
    return full


def choose_thresholds(
    rows: Sequence[LabelledRow], unseen: Unseen, recipe: Recipe, taxonomy: Taxonomy
) -> Thresholds:
    """Choose when to abstain and when to name a secondary line, on rows not seen.

    The first comes from the risk-coverage curve and the recipe's cost of an abstention, the
    second is the one with the best F1 over the authors' secondary lines.
    """
    open_ = Thresholds(0.0, 1.0, _LEAST_HAN)
    decider = LineDecider(taxonomy.leaves, open_)
    totals = decider.line_probabilities(unseen.leaves)
    best = totals.argmax(axis=1)
    correct = np.array([decider.lines[b] == r.line for b, r in zip(best, rows, strict=True)])
    below = cheapest_threshold(totals.max(axis=1), correct, abstain_cost=recipe.abstain_cost)
    return Thresholds(below, _secondary_threshold(rows, totals, best, decider), _LEAST_HAN)


def _secondary_threshold(
    rows: Sequence[LabelledRow], totals: Floats, best: NDArray[np.int64], decider: LineDecider
) -> float:
    others = totals.copy()
    others[np.arange(len(others)), best] = 0.0
    real = np.zeros(others.shape, dtype=bool)
    for i, row in enumerate(rows):
        for code in row.secondary:
            real[i, decider.lines.index(code)] = True
    scores = []
    for threshold in _GRID:
        said = others >= threshold
        scores.append(f1(int((said & real).sum()), int(said.sum()), int(real.sum())))
    return float(_GRID[int(np.argmax(scores))])
