from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import random

from training import lines
from training.corpus import LabelledRow
from training.linear import RatioSVC
from training.lines import Floats, Unseen, halves
from training.train import corpus_metrics, load_recipe
from triage.reading import Document
from triage.taxonomy import Taxonomy

ROWS = [
    LabelledRow(str(i), f"第{i}条", ("other", "credit_report")[i % 2], group=f"g{i // 4}")
    for i in range(200)
]


def test_a_group_is_in_one_half_and_the_halves_are_even() -> None:
    half = halves(ROWS, 3)
    assert {half[i : i + 4].sum() for i in range(0, 200, 4)} == {0, 4}
    assert half.sum() == 100


def test_a_rows_temperature_does_not_come_from_its_own_half(
    taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(load_recipe(), seed=3)
    half = halves(ROWS, 3)
    rng = np.random.default_rng(0)
    margins = rng.normal(size=(200, 2))
    monkeypatch.setattr(lines, "unseen_margins", lambda *_, **__: [margins, margins])
    documents: list[Document] = []

    monkeypatch.setattr(lines, "_natures", lambda rows: ["complaint", "praise"] * 100)

    def temperatures() -> Floats:
        found = lines.predict_unseen(ROWS, documents, recipe, taxonomy, concept_codes=()).leaves
        pair = found[:, [taxonomy.leaves.index(code) for code in ("credit_report", "other")]]
        return np.diff(margins).ravel() / np.diff(np.log(pair)).ravel()

    before = temperatures()
    # Better scores in one half change the temperature of the other half alone.
    margins[half] += [[-1.0, 1.0] if i % 2 == 0 else [1.0, -1.0] for i in np.flatnonzero(half)]
    after = temperatures()
    assert np.allclose(before[half], after[half])
    assert not np.isclose(before[~half], after[~half]).any()


def test_the_abstained_share_uses_the_threshold_of_the_other_half(taxonomy: Taxonomy) -> None:
    recipe = replace(load_recipe(), seed=3)
    half = halves(ROWS, 3)
    leaves = np.zeros((200, len(taxonomy.leaves)))
    said = taxonomy.leaves.index("other")
    wrong = np.array([row.leaf != "other" for row in ROWS])
    # In one half the unsure are wrong, in the other nobody is: its threshold is 0.
    leaves[:, said] = np.where(wrong & half, 0.3, 0.9)
    rows = [r if h else replace(r, leaf="other") for r, h in zip(ROWS, half, strict=True)]
    natures = np.zeros((200, len(taxonomy.nature_codes)))
    found = corpus_metrics(rows, Unseen(leaves, natures, leaves, (1.0, 1.0)), recipe, taxonomy)
    assert found["abstained"] == 0.0


def test_the_same_weights_come_of_every_fit_in_one_process_or_two() -> None:
    matrix = random(2_000, 400, density=0.2, format="csr", random_state=3)
    labels = [f"line{number % 4}" for number in range(2_000)]
    one, again = RatioSVC(seed=3).fit(matrix, labels), RatioSVC(seed=3).fit(matrix, labels)
    two = RatioSVC(seed=3, n_jobs=2).fit(matrix, labels)
    for other in (again, two):
        np.testing.assert_array_equal(other.coef_, one.coef_)
        np.testing.assert_array_equal(other.intercept_, one.intercept_)
