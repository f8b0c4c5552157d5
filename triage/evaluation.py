"""Metrics shared by the promotion gate and by live monitoring, in plain numpy.

Probabilities are in [0, 1]; `truth` and `predicted` hold codes or 0/1 as each function says.
Intervals are percentile bootstraps at 95 %, seeded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.intervals import wilson

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_BINS = 10
_REPEATS = 1000
_SEED = 20


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabelScore:
    """Precision, recall and F1 of one label, with its number of rows."""

    label: str
    rows: int
    precision: float
    recall: float
    f1: float


def accuracy(truth: Sequence[str], predicted: Sequence[str | None]) -> float:
    """Share of rows whose prediction equals the truth; an abstention counts as wrong."""
    return float(np.mean([t == p for t, p in zip(truth, predicted, strict=True)]))


def label_scores(truth: Sequence[str], predicted: Sequence[str | None]) -> list[LabelScore]:
    """Score each label that occurs in `truth`, most frequent first."""
    rows: list[LabelScore] = []
    pairs = list(zip(truth, predicted, strict=True))
    for label in sorted(set(truth), key=lambda code: (-truth.count(code), code)):
        hit = sum(t == p == label for t, p in pairs)
        said = sum(p == label for _, p in pairs)
        real = sum(t == label for t, _ in pairs)
        rows.append(
            LabelScore(label, real, _ratio(hit, said), _ratio(hit, real), f1(hit, said, real))
        )
    return rows


def macro_f1(truth: Sequence[str], predicted: Sequence[str | None], *, at_least: int = 1) -> float:
    """Mean F1 over the labels with `at_least` rows in `truth`."""
    kept = [row.f1 for row in label_scores(truth, predicted) if row.rows >= at_least]
    return float(np.mean(kept)) if kept else float("nan")


def f1(hit: int, said: int, real: int) -> float:
    """F1 from counts of hits, of what was said and of what is real; 0 when nothing is."""
    return _ratio(2 * hit, said + real)


def calibration_error(confidence: Floats, correct: Bools, *, bins: int = _BINS) -> float:
    """Expected calibration error over bins of equal size (Naeini et al. 2015, equal mass)."""
    order = np.argsort(confidence, kind="stable")
    error = 0.0
    for part in np.array_split(order, bins):
        if len(part):
            gap = abs(float(confidence[part].mean()) - float(correct[part].mean()))
            error += gap * len(part) / len(order)
    return error


def risk_coverage(confidence: Floats, correct: Bools) -> tuple[Floats, Floats]:
    """Accuracy of the most confident share of rows.

    Returns
    -------
    coverage, accuracy : arrays, length n
        Row i tells the accuracy when the i + 1 most confident rows are classified.
    """
    order = np.argsort(-confidence, kind="stable")
    counts = np.arange(1, len(order) + 1)
    return counts / len(order), np.cumsum(correct[order]) / counts


def coverage_at(confidence: Floats, correct: Bools, *, accuracy: float) -> float:
    """Greatest share of rows that can be classified at this accuracy."""
    coverage, reached = risk_coverage(confidence, correct)
    good = np.flatnonzero(reached >= accuracy)
    return float(coverage[good[-1]]) if len(good) else 0.0


def cheapest_threshold(confidence: Floats, correct: Bools, *, abstain_cost: float) -> float:
    """Confidence below which abstaining is cheaper, read from the risk-coverage curve.

    A wrong answer costs 1, an abstention `abstain_cost` (Chow 1970). 0 when never abstaining
    is cheapest.
    """
    order = np.argsort(-confidence, kind="stable")
    wrong = np.concatenate([[0], np.cumsum(~correct[order])])
    left = len(order) - np.arange(len(order) + 1)
    kept = int(np.argmin(wrong + abstain_cost * left))
    if kept == len(order):
        return 0.0
    return float(confidence[order[kept - 1]]) if kept else 1.0


def roc_auc(truth: Bools, score: Floats) -> float:
    """Area under the ROC curve, ties counted half; nan without both classes."""
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    above = float(ranks[truth].sum()) - positives * (positives + 1) / 2
    return above / (positives * negatives)


def pr_auc(truth: Bools, score: Floats) -> float:
    """Average precision; nan without a positive."""
    if not truth.any():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    hits = truth[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())


def brier(truth: Bools, probability: Floats) -> float:
    """Mean squared error of a probability."""
    return float(np.mean((probability - truth) ** 2))


def recall_at(truth: Bools, score: Floats, *, share: float) -> float:
    """Share of the positives among the top `share` of rows."""
    top = np.argsort(-score, kind="stable")[: max(1, round(share * len(score)))]
    return float(truth[top].sum() / truth.sum()) if truth.any() else float("nan")


def captured(truth: Bools, score: Floats) -> tuple[Floats, Floats]:
    """Share of the positives that is found when the highest scores are looked at first.

    Returns
    -------
    looked_at, found : arrays, length n
        Row i tells both shares when i + 1 rows are looked at; `found` is nan without a positive.
        Rows with one score are looked at in no order: between them both shares rise together.
    """
    order = np.argsort(-score, kind="stable")
    size = len(order)
    hits = np.cumsum(truth[order]).astype(np.float64)
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True)) if size else order
    at = np.arange(1, size + 1)
    evened = np.interp(at, np.append(0, ends + 1), np.append(0.0, hits[ends]))
    total = hits[-1] if size and hits[-1] else float("nan")
    return at / max(1, size), evened / total


def bootstrap(
    metric: Callable[[NDArray[np.int64]], float], *, rows: int, repeats: int = _REPEATS
) -> Interval:
    """Give a metric of row numbers with its interval over resampled rows."""
    rng = np.random.default_rng(_SEED)
    draws = [metric(rng.integers(0, rows, rows)) for _ in range(repeats)]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return Interval(metric(np.arange(rows)), float(low), float(high))


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def daily_recall(
    truth: Bools,
    score: Floats,
    day: NDArray[np.int64],
    *,
    share: float,
    repeats: int = _REPEATS,
    among: Bools | None = None,
) -> Interval:
    """Share of the positives among the top `share` of each day's rows, resampling days.

    A day has at least one place; nan without a positive. All rows compete for the places, and
    where `among` says so only the positives of some are counted. Where all of them are found, or
    none, resampling would promise too much, and the interval is Wilson's.
    """
    order = np.lexsort((-score, day))
    _, number, size = np.unique(day[order], return_inverse=True, return_counts=True)
    rank = np.arange(len(order)) - (np.cumsum(size) - size)[number]
    places = np.maximum(1, np.round(share * size))[number]
    counted = (truth if among is None else truth & among)[order]
    hits = np.bincount(number, weights=counted & (rank < places), minlength=len(size))
    positives = np.bincount(number, weights=counted, minlength=len(size))

    def recall(days: NDArray[np.int64]) -> float:
        total = float(positives[days].sum())
        return float(hits[days].sum()) / total if total else float("nan")

    found, total = float(hits.sum()), float(positives.sum())
    if total and found in (0.0, total):
        return Interval(found / total, *wilson(found, total))
    return bootstrap(recall, rows=len(size), repeats=repeats)
