"""The linear heads of a model: one weight vector a label, and a temperature.

The import paths of this module are written inside every saved pipeline.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import diags
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.svm import LinearSVC

from triage.classifier import softmax

Floats = NDArray[np.float64]

_PRIOR = 0.05
_FOLDS = 5
_TEMPERATURES = (0.02, 5.0)


class RatioSVC(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """One-against-rest linear SVMs, each blended with its naive-Bayes scaled twin.

    For each label two SVMs are fitted, balanced between the label and the rest: one on the
    features as they are, one on features scaled by their log-count ratio for that label (Wang
    and Manning 2012). Both are linear in the features, so their weighted sum is one weight
    vector.

    Parameters
    ----------
    C : float
        Inverse regularisation.
    blend : float
        Share of the scaled twin's weights; 0 leaves it out.
    power : float
        Exponent of the log-count ratio.
    tol : float
        When liblinear stops; 0.1 is its own default, scikit-learn's is 1e-4 (`ratio, tight` of
        `benchmarks.recipes`).
    seed : int
    n_jobs : int, optional
        Processes that fit labels. Never threads: those share liblinear's one state of chance, and
        no two fits would be the same.

    Attributes
    ----------
    classes_ : array of str
    coef_ : array (n_labels, n_features); one row for two labels
    intercept_ : array (n_labels,)
    """

    def __init__(
        self,
        *,
        C: float = 0.4,
        blend: float = 0.5,
        power: float = 0.5,
        tol: float = 0.1,
        seed: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.C = C
        self.blend = blend
        self.power = power
        self.tol = tol
        self.seed = seed
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Sequence[str], sample_weight: Floats | None = None) -> Self:
        """Fit on a sparse matrix (n, n_features) that is nowhere negative.

        `sample_weight` (n,) multiplies what a row costs the SVMs; ratios count rows.
        """
        labels = np.asarray(y)
        self.classes_ = np.unique(labels)
        if len(self.classes_) < 2:
            raise ValueError(f"one label only: {self.classes_.tolist()}")
        kept = self.classes_ if len(self.classes_) > 2 else self.classes_[1:]
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(self._one)(X, labels == label, sample_weight) for label in kept
        )
        self.coef_ = np.vstack([coef for coef, _ in fitted])
        self.intercept_ = np.array([intercept for _, intercept in fitted])
        return self

    def _one(
        self, X: Any, inside: NDArray[np.bool_], weights: Floats | None
    ) -> tuple[Floats, float]:
        plain = self._svc().fit(X, inside, sample_weight=weights)
        coef, intercept = plain.coef_[0], float(plain.intercept_[0])
        if self.blend:
            scale = np.abs(log_count_ratio(X, inside)) ** self.power
            scaled = self._svc().fit(X @ diags(scale), inside, sample_weight=weights)
            coef = coef + self.blend * scaled.coef_[0] * scale
            intercept += self.blend * float(scaled.intercept_[0])
        return coef, intercept

    def _svc(self) -> LinearSVC:
        return LinearSVC(
            C=self.C, class_weight="balanced", random_state=self.seed, dual=True, tol=self.tol
        )

    def decision_function(self, X: Any) -> Floats:
        """Give scores (n, n_labels), or (n,) for two labels."""
        scores = np.asarray(X @ self.coef_.T + self.intercept_)
        return scores if scores.shape[1] > 1 else scores.ravel()

    def predict(self, X: Any) -> NDArray[np.str_]:
        """Give the label with the highest score."""
        return np.asarray(self.classes_[two_sided(self.decision_function(X)).argmax(axis=1)])


class CalibratedLinear(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A linear classifier whose scores become probabilities by one temperature.

    Parameters
    ----------
    linear : estimator
        With `decision_function`, `coef_` and `intercept_`.
    temperature : float, optional
        Left out, it is fitted on scores of grouped cross-validation over the same matrix.
    seed : int

    Attributes
    ----------
    linear_ : the fitted estimator
    classes_ : array of str
    temperature_ : float
    """

    def __init__(
        self, linear: BaseEstimator, *, temperature: float | None = None, seed: int = 0
    ) -> None:
        self.linear = linear
        self.temperature = temperature
        self.seed = seed

    def fit(
        self,
        X: Any,
        y: Sequence[str],
        groups: Sequence[Any] | None = None,
        sample_weight: Floats | None = None,
    ) -> Self:
        """Fit on every row; calibration never changes a label, and counts rows as they are."""
        labels = list(y)
        extra = {} if sample_weight is None else {"sample_weight": sample_weight}
        self.linear_ = clone(self.linear).fit(X, labels, **extra)
        self.classes_ = self.linear_.classes_
        self.temperature_ = self.temperature or self._temperature(X, labels, groups)
        return self

    def _temperature(self, X: Any, labels: list[str], groups: Sequence[Any] | None) -> float:
        kept = list(range(len(labels))) if groups is None else list(groups)
        folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=self.seed)
        margins = cross_val_predict(
            clone(self.linear),
            X,
            labels,
            cv=list(folds.split(labels, labels, kept)),
            method="decision_function",
        )
        return fit_temperature(two_sided(margins), labels, self.classes_)

    def predict_proba(self, X: Any) -> Floats:
        """Give probabilities (n, n_labels) in the order of `classes_`."""
        return softmax(two_sided(self.linear_.decision_function(X)) / self.temperature_)

    def predict(self, X: Any) -> NDArray[np.str_]:
        """Give the most probable label."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


def log_count_ratio(X: Any, inside: NDArray[np.bool_]) -> Floats:
    """Log ratio of a feature's share inside a label to its share outside, (n_features,)."""
    within = np.asarray(X[inside].sum(axis=0)).ravel() + _PRIOR
    beyond = np.asarray(X[~inside].sum(axis=0)).ravel() + _PRIOR
    return np.asarray(np.log(within / within.sum()) - np.log(beyond / beyond.sum()))


def two_sided(margins: Floats) -> Floats:
    """Give two columns of scores for the one that two labels have."""
    return margins if margins.ndim == 2 else np.column_stack([-margins, margins])


def fit_temperature(margins: Floats, labels: Sequence[str], classes: Sequence[str]) -> float:
    """Fit the temperature with the least log loss (Guo et al. 2017).

    Parameters
    ----------
    margins : array (n, n_labels)
        Scores of rows that the model had not seen.
    labels : sequence of str, length n
    classes : sequence of str
        The columns of `margins`.
    """
    place = {label: i for i, label in enumerate(classes)}
    column = np.array([place[label] for label in labels])

    def loss(log_temperature: float) -> float:
        probabilities = softmax(margins / np.exp(log_temperature))
        return -float(np.log(probabilities[np.arange(len(column)), column] + 1e-12).mean())

    low, high = np.log(_TEMPERATURES)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high)).x))
