"""Every figure of a judgement as one vector of numbers, and its bootstrap intervals.

Intervals are percentile bootstraps over whole groups (a customer, a template, a contrast pair),
because rows of one group stand or fall together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from training.outcomes import UNKNOWN, Ints, Outcomes
from triage.evaluation import (
    Floats,
    Interval,
    calibration_error,
    coverage_at,
    f1,
    pr_auc,
    recall_at,
    roc_auc,
)

LEAST_ROWS = 5
WANTED_ACCURACY = 0.95
RECALL_SHARES = (0.05, 0.10, 0.20)

_SEED = 20
_MOST_REPEATS = 1000
_LEAST_REPEATS = 100
# Rows drawn in all: keeps the intervals of a million rows within minutes.
_BUDGET = 20_000_000

# Absent where nobody marked what they are judged by, as in saved predictions.
OPTIONAL = frozenset({"leaf_accuracy", "nature_accuracy", "signals_f1", "secondary_f1"})
OPTIONAL_KIND = "risk_"

Vector = Callable[[Ints], Floats]


class Figures:
    """Computes the figures of some outcomes for any selection of their rows.

    Parameters
    ----------
    outcomes : Outcomes
    lines : sequence of str
        Lines of the taxonomy; the figures of each are `precision:`, `recall:` and `f1:`.
    least_rows : int
        A line with fewer rows is not in the macro-F1.

    Attributes
    ----------
    names : tuple of str
        What the numbers of the vector are. Those that nobody marked are absent.
    """

    def __init__(
        self, outcomes: Outcomes, lines: Sequence[str], *, least_rows: int = LEAST_ROWS
    ) -> None:
        self.held = outcomes
        self.lines = tuple(dict.fromkeys([*lines, *outcomes.truth, *outcomes.said]))
        place = {line: i for i, line in enumerate(self.lines)}
        self.truth = np.array([place[line] for line in outcomes.truth], dtype=np.int64)
        self.said = np.array([place[line] for line in outcomes.said], dtype=np.int64)
        self.right = self.truth == self.said
        counts = np.bincount(self.truth, minlength=len(self.lines))
        self.macro = np.flatnonzero(counts >= least_rows)
        self.parts = [self._lines, self._sureness, *self._optional()]
        self.names = tuple(name for part in self.parts for name in part(np.arange(len(outcomes))))

    def __call__(self, rows: Ints) -> Floats:
        """Give the figures of some rows in the order of `names`."""
        return np.array([value for part in self.parts for value in part(rows).values()])

    def confusion(self, rows: Ints) -> Ints:
        """Count rows by true line and best line, (n_lines, n_lines)."""
        size = len(self.lines)
        codes = self.truth[rows] * size + self.said[rows]
        return np.bincount(codes, minlength=size * size).reshape(size, size)

    def _lines(self, rows: Ints) -> dict[str, float]:
        table = self.confusion(rows)
        hit, said, real = np.diag(table), table.sum(axis=0), table.sum(axis=1)
        share = 2 * hit / np.maximum(said + real, 1)
        found = {
            "accuracy": float(hit.sum() / max(1, table.sum())),
            "macro_f1": float(share[self.macro].mean()) if len(self.macro) else float("nan"),
        }
        for i, line in enumerate(self.lines):
            found[f"precision:{line}"] = float(hit[i] / said[i]) if said[i] else float("nan")
            found[f"recall:{line}"] = float(hit[i] / real[i]) if real[i] else float("nan")
            found[f"f1:{line}"] = float(share[i]) if said[i] + real[i] else float("nan")
        return found

    def _sureness(self, rows: Ints) -> dict[str, float]:
        sure, right = self.held.confidence[rows], self.right[rows]
        return {
            "coverage_95": coverage_at(sure, right, accuracy=WANTED_ACCURACY),
            "ece": calibration_error(sure, right),
        }

    def _given(self, rows: Ints) -> dict[str, float]:
        right, given = self.right[rows], self.held.given[rows]
        return {
            "given": float(given.mean()),
            "accuracy_given": float(right[given].mean()) if given.any() else float("nan"),
        }

    def _optional(self) -> list[Callable[[Ints], dict[str, float]]]:
        parts: list[Callable[[Ints], dict[str, float]]] = []
        if self.held.given_known:
            parts.append(self._given)
        if (self.held.leaf_right != UNKNOWN).any():
            parts.append(lambda rows: {"leaf_accuracy": _share(self.held.leaf_right[rows])})
        if (self.held.nature_right != UNKNOWN).any():
            parts.append(lambda rows: {"nature_accuracy": _share(self.held.nature_right[rows])})
        if (self.held.signals != UNKNOWN).any():
            parts.append(lambda rows: {"signals_f1": _micro_f1(self.held.signals[rows])})
        if (self.held.secondary > 0).any():
            parts.append(lambda rows: {"secondary_f1": _micro_f1(self.held.secondary[rows])})
        if (self.held.escalated == 1).any() and (self.held.escalated == 0).any():
            parts.append(self._risk)
        return parts

    def _risk(self, rows: Ints) -> dict[str, float]:
        known = rows[self.held.escalated[rows] != UNKNOWN]
        truth, score = self.held.escalated[known] == 1, self.held.risk[known]
        found = {
            "risk_roc_auc": roc_auc(truth, score),
            "risk_pr_auc": pr_auc(truth, score),
            "risk_ece": calibration_error(score, truth) if len(known) else float("nan"),
        }
        for share in RECALL_SHARES:
            found[f"risk_recall_{share:.0%}".rstrip("%")] = (
                recall_at(truth, score, share=share) if len(known) else float("nan")
            )
        return found


def resamples(groups: Sequence[str], *, repeats: int | None = None) -> Iterator[Ints]:
    """Draw whole groups with replacement; give the row numbers of each draw.

    Parameters
    ----------
    groups : sequence of str, length n
    repeats : int, optional
        Default: 1,000, fewer for very many rows.
    """
    _, owner = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    count = int(owner.max()) + 1
    rng = np.random.default_rng(_SEED)
    rows = np.arange(len(owner))
    usual = int(np.clip(_BUDGET // max(1, len(owner)), _LEAST_REPEATS, _MOST_REPEATS))
    for _ in range(repeats or usual):
        times = np.bincount(rng.integers(0, count, count), minlength=count)
        yield np.repeat(rows, times[owner])


def intervals(
    metric: Vector, groups: Sequence[str], *, level: float = 0.95, repeats: int | None = None
) -> list[Interval]:
    """Give every number of a vector with its interval.

    Parameters
    ----------
    metric : callable
        Row numbers -> vector.
    groups : sequence of str, length n
    level : float
        Share of the draws inside the interval.
    """
    draws = np.array([metric(rows) for rows in resamples(groups, repeats=repeats)])
    values = metric(np.arange(len(groups)))
    tail = 50 * (1 - level)
    return [
        Interval(float(value), *_ends(column, tail))
        for value, column in zip(values, draws.T, strict=True)
    ]


def _ends(draws: Floats, tail: float) -> tuple[float, float]:
    kept = draws[~np.isnan(draws)]
    if not len(kept):
        return float("nan"), float("nan")
    low, high = np.percentile(kept, [tail, 100 - tail])
    return float(low), float(high)


def _micro_f1(counts: Ints) -> float:
    """F1 over rows of hits, said and real; rows that nobody marked say nothing."""
    hit, said, real = np.maximum(counts, 0).sum(axis=0).tolist()
    return f1(hit, said, real)


def _share(marks: Ints) -> float:
    known = marks[marks != UNKNOWN]
    return float(known.mean()) if len(known) else float("nan")
