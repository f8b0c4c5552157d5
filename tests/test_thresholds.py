from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from training.corpus import LabelledRow
from training.lines import Unseen
from training.thresholds import choose_thresholds, secondary_margin
from training.train import load_recipe
from triage.decision import LineDecider, Thresholds
from triage.taxonomy import Taxonomy

LEAVES = ("fraud.loan_fraud", "fraud.scam_transfer", "fee_dispute", "card_service", "other")
PROBABILITIES = np.array([[0.02, 0.02, 0.7, 0.25, 0.01]] * 2)
MARGINS = np.array([[-0.4, -0.3, 0.9, -0.5, 0.1], [-0.9, -0.9, 0.9, -0.9, 0.1]])


def seconds(thresholds: Thresholds) -> list[tuple[str, ...]]:
    decider = LineDecider(LEAVES, thresholds)
    return decider.seconds(decider.rank(PROBABILITIES), MARGINS)


def test_secondary_lines_are_other_lines_whose_best_leaf_has_the_margin() -> None:
    assert seconds(Thresholds(0.5, -0.5, 2, by_margin=True)) == [("fraud", "card_service"), ()]
    assert seconds(Thresholds(0.5, -0.35, 2, by_margin=True)) == [("fraud",), ()]


def test_models_of_format_2_name_lines_that_are_probable() -> None:
    assert seconds(Thresholds(0.5, 0.2, 2)) == [("card_service",)] * 2
    assert seconds(Thresholds(0.5, 0.03, 2)) == [("card_service", "fraud")] * 2


def marked(rows: int) -> tuple[Any, Any, list[str]]:
    """Margins of two lines and whether they are secondary, in groups of four rows."""
    rng = np.random.default_rng(1)
    margins = rng.uniform(-1.4, 0.9, size=(rows, 2))
    real = rng.random((rows, 2)) < np.select([margins > 0.2, margins > -0.6], [0.9, 0.35], 0.1)
    return margins, real, [str(row // 4) for row in range(rows)]


def by_resampling(margins: Any, real: Any, groups: list[str]) -> float:
    """The middle of the margins that are as good as the best, its error from 500 resamples."""
    cuts = np.round(np.arange(-1.5, 1.0, 0.02), 2)
    owner = np.array([int(group) for group in groups])
    counted = np.array(
        [
            [np.bincount(owner, (each & both).sum(axis=1)) for both in (real, True)]
            for each in (margins >= cut for cut in cuts)
        ]
    )
    marks = np.bincount(owner, real.sum(axis=1))

    def f1(times: Any) -> Any:
        return 2 * (counted[:, 0] @ times) / (counted[:, 1] @ times + marks @ times)

    rng, size = np.random.default_rng(2), len(marks)
    drawn = [f1(np.bincount(rng.integers(0, size, size), minlength=size)) for _ in range(500)]
    whole = f1(np.ones(size))
    error = np.std(drawn, axis=0)[whole.argmax()]
    return float(np.median(cuts[whole >= whole.max() - error]))


@pytest.mark.parametrize("rows", [200, 4_000])
def test_the_secondary_margin_is_the_middle_of_those_that_are_as_good_as_the_best(
    rows: int,
) -> None:
    chosen = secondary_margin(*marked(rows))
    assert chosen == pytest.approx(by_resampling(*marked(rows)), abs=0.03)


def test_where_nobody_marked_a_secondary_line_none_is_named(taxonomy: Taxonomy) -> None:
    rows = [LabelledRow(str(i), "", leaf) for i, leaf in enumerate(taxonomy.leaves)]
    scores = np.eye(len(rows)) + 2.0
    natures = np.ones((len(rows), len(taxonomy.nature_codes)))
    unseen = Unseen(scores / scores.sum(axis=1, keepdims=True), natures, scores, (1.0, 1.0))
    chosen = choose_thresholds(rows, unseen, load_recipe(), taxonomy)
    decider = LineDecider(taxonomy.leaves, chosen)
    assert chosen.by_margin
    assert not any(decider.seconds(decider.rank(unseen.leaves), unseen.margins))
    taught = [LabelledRow(row.id, "", row.leaf, ("fraud",), group=row.id) for row in rows]
    chosen = choose_thresholds(taught, unseen, load_recipe(), taxonomy)
    decider = LineDecider(taxonomy.leaves, chosen)
    assert any(decider.seconds(decider.rank(unseen.leaves), unseen.margins))
