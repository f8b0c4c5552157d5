from __future__ import annotations

import numpy as np
import pytest

from benchmarks.recipe_table import Augmented, MeanOfDraws, recipes
from training.corpus import LabelledRow
from triage.reading import Document, TextReader

READ = TextReader()


@pytest.fixture(scope="module")
def taught(corpus: list[LabelledRow]) -> tuple[list[Document], list[str]]:
    rows = [row for row in corpus if row.line in {"fee_dispute", "credit_report", "fraud"}][:150]
    return READ.many([row.text for row in rows]), [row.line for row in rows]


def shipped(draw: int, **changes: float) -> Augmented:
    model: Augmented = recipes(READ.finder.codes, draw=draw)["ratio (shipped)"]()
    return model.set_params(**changes)


def test_a_draw_gives_its_own_copies(taught: tuple[list[Document], list[str]]) -> None:
    documents, labels = taught
    one, again, other, lighter = (
        model.fit(documents, labels).decision_function(documents)
        for model in (shipped(1), shipped(1), shipped(2), shipped(1, weight=0.25))
    )
    np.testing.assert_array_equal(one, again)
    assert not np.allclose(one, other)
    assert not np.allclose(one, lighter)


def test_the_mean_of_draws_says_what_their_scores_say_together(
    taught: tuple[list[Document], list[str]],
) -> None:
    documents, labels = taught
    known, asked = documents[::2], documents[1::2]
    singles = [shipped(draw).fit(known, labels[::2]) for draw in (1, 2, 3)]
    together = sum(model.decision_function(asked) for model in singles)
    said = MeanOfDraws(shipped(1), draws=3).fit(known, labels[::2]).predict(asked)
    assert said.tolist() == singles[0].classes_[together.argmax(axis=1)].tolist()
    assert len(set(said)) == 3
