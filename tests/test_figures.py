from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from training.figures import Figures, intervals, resamples
from training.outcomes import UNKNOWN, Outcomes, from_predictions, paired

LINES = ("a", "b", "c")


def outcomes(count: int = 200, *, groups: int = 100, shift: int = 0) -> Outcomes:
    rng = np.random.default_rng(5)
    truth = rng.choice(LINES, count, p=[0.5, 0.3, 0.2])
    said = np.where(rng.random(count) < 0.7, truth, rng.choice(LINES, count))
    return Outcomes(
        ids=tuple(str(i + shift) for i in range(count)),
        groups=tuple(f"g{i % groups}" for i in range(count)),
        truth=tuple(truth.tolist()),
        said=tuple(said.tolist()),
        confidence=rng.random(count),
        given=rng.random(count) > 0.2,
        leaf_right=np.full(count, UNKNOWN),
        nature_right=rng.integers(-1, 2, count),
        signals=np.full((count, 3), UNKNOWN),
        secondary=np.full((count, 3), UNKNOWN),
        risk=rng.random(count),
        escalated=(rng.random(count) < 0.1).astype(np.int64),
    )


def test_the_figures_are_scikit_learns() -> None:
    held = outcomes()
    figures = Figures(held, LINES)
    found = dict(zip(figures.names, figures(np.arange(len(held))), strict=True))
    scores = [
        (f1_score, "f1"),
        (precision_score, "precision"),
        (recall_score, "recall"),
    ]
    for score, name in scores:
        expected = score(held.truth, held.said, labels=LINES, average=None)
        for line, value in zip(LINES, expected, strict=True):
            assert found[f"{name}:{line}"] == pytest.approx(value)
    assert found["macro_f1"] == pytest.approx(f1_score(held.truth, held.said, average="macro"))
    assert found["accuracy"] == pytest.approx(np.mean(held.right))


def test_what_nobody_marked_is_not_a_figure() -> None:
    names = Figures(outcomes(), LINES).names
    assert "nature_accuracy" in names
    assert "risk_recall_5" in names
    assert not {"leaf_accuracy", "signals_f1"} & set(names)


def test_a_line_with_few_rows_is_not_in_the_macro_f1() -> None:
    held = outcomes()
    rare = Figures(held, LINES, least_rows=held.truth.count("c") + 1)
    found = dict(zip(rare.names, rare(np.arange(len(held))), strict=True))
    assert found["macro_f1"] == pytest.approx((found["f1:a"] + found["f1:b"]) / 2)


def test_groups_are_drawn_whole() -> None:
    groups = ["x", "y", "x", "z", "y"]
    for rows in resamples(groups, repeats=50):
        times = np.bincount(rows, minlength=5)
        assert times[0] == times[2]
        assert times[1] == times[4]
        assert times[[0, 1, 3]].sum() == 3


def test_rows_that_fall_together_make_an_interval_wider() -> None:
    right = np.arange(400) % 4 < 3
    alone = [str(i) for i in range(400)]
    together = [f"{int(r)}-{i % 20}" for i, r in enumerate(right)]

    def spread(groups: list[str]) -> float:
        (found,) = intervals(lambda rows: np.array([right[rows].mean()]), groups)
        assert found.low < found.value == 0.75 < found.high
        return found.high - found.low

    assert spread(together) > 1.5 * spread(alone)
    assert spread(alone) == spread(alone)


def test_two_models_are_compared_on_the_rows_they_share_in_one_order() -> None:
    one, two = outcomes(100), outcomes(100).take(range(99, 39, -1))
    left, right = paired(one, two)
    assert left.ids == right.ids
    assert set(left.ids) == {str(i) for i in range(40, 100)}
    assert not len(paired(one, outcomes(50, shift=1000))[0])


def test_rows_are_the_same_by_their_text_not_by_their_id() -> None:
    texts = tuple(f"text {i}" for i in range(20))
    one = replace(outcomes(20), digests=texts)
    renamed = replace(outcomes(20, shift=1000), digests=texts)
    assert paired(one, renamed)[1].ids == renamed.ids
    other = replace(outcomes(20), digests=tuple(f"other {i}" for i in range(20)))
    assert not len(paired(one, other)[0])
    twice = replace(outcomes(20), digests=("one text",) * 20)
    assert paired(twice, twice)[1].ids == twice.ids
    # An older model kept none.
    assert len(paired(one, outcomes(20))[0]) == 20


def test_saved_predictions_become_outcomes() -> None:
    raw = {"r1": {"line": "a", "predicted": "b", "probability": 0.4, "group": "g"}}
    held = from_predictions(raw | {"r2": {"line": "a", "predicted": "a", "probability": 0.9}})
    assert held.groups == ("g", "r2")
    assert held.digests == ()
    assert from_predictions({"r1": raw["r1"] | {"digest": "d"}}).digests == ("d",)
    assert held.right.tolist() == [False, True]
    assert "nature_accuracy" not in Figures(held, LINES).names
