"""When to abstain and when to name a secondary line, chosen on rows not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.corpus import LabelledRow
from training.lines import Floats, Recipe, Unseen
from triage.decision import LineDecider, Thresholds
from triage.evaluation import cheapest_threshold
from triage.taxonomy import FALLBACK_LINE, Taxonomy

_LEAST_HAN = 2
_MARGINS = np.round(np.arange(-1.5, 1.0, 0.02), 2)
# No text scores so high for two lines.
_NEVER = 100.0


def choose_thresholds(
    rows: Sequence[LabelledRow], unseen: Unseen, recipe: Recipe, taxonomy: Taxonomy
) -> Thresholds:
    """Choose when to abstain and when to name a secondary line, on rows not seen.

    The first comes from the risk-coverage curve and the recipe's cost of an abstention, the
    second from the F1 over the authors' secondary lines.
    """
    decider = LineDecider(taxonomy.leaves, Thresholds(0.0, 1.0, _LEAST_HAN))
    totals = decider.line_probabilities(unseen.leaves)
    best = totals.argmax(axis=1)
    correct = np.array([decider.lines[b] == r.line for b, r in zip(best, rows, strict=True)])
    below = cheapest_threshold(totals.max(axis=1), correct, abstain_cost=recipe.abstain_cost)
    real = np.array([[line in row.secondary for line in decider.lines] for row in rows])
    others = _other_margins(unseen.margins, best, decider)
    least = secondary_margin(others, real, [row.group for row in rows])
    return Thresholds(below, least, _LEAST_HAN, by_margin=True)


def _other_margins(margins: Floats, own: NDArray[np.int64], decider: LineDecider) -> Floats:
    """Give the margin of every line that may be a secondary one, (n, n_lines)."""
    found = np.full((len(margins), len(decider.lines)), -np.inf)
    for column, (line, _) in enumerate(decider.pairs):
        best = found[:, decider.lines.index(line)]
        np.maximum(best, margins[:, column], out=best)
    found[np.arange(len(found)), own] = -np.inf
    found[:, [line == FALLBACK_LINE for line in decider.lines]] = -np.inf
    return found


def secondary_margin(margins: Floats, real: NDArray[np.bool_], groups: Sequence[str]) -> float:
    """Choose the least margin of a secondary line.

    The middle of all whose F1 is within one standard error of the best: the curve is flat, its
    top is wherever chance has it.

    Parameters
    ----------
    margins : array (n, n_lines)
        Of rows not seen; minus infinity where a line cannot be a secondary one.
    real : array of bool (n, n_lines)
        Whether the row's author gave the line as a secondary one.
    groups : sequence of str, length n
        Rows of one group count as one draw in the standard error.

    Returns
    -------
    float
        So high that no line is named where no row has a secondary one.
    """
    if not real.any():
        return _NEVER
    hits = np.array([((margins >= m) & real).sum(axis=1) for m in _MARGINS])
    counts = np.array([(margins >= m).sum(axis=1) for m in _MARGINS]) + real.sum(axis=1)
    f1 = 2.0 * hits.sum(axis=1) / counts.sum(axis=1)
    top = int(f1.argmax())
    # Of a ratio of sums: how each group pulls at it.
    owner = np.unique(groups, return_inverse=True)[1]
    pulls = np.bincount(owner, weights=2.0 * hits[top] - f1[top] * counts[top])
    error = np.sqrt((pulls**2).sum()) / counts[top].sum()
    return float(np.median(_MARGINS[f1 >= f1[top] - error]))
