"""scikit-learn is the oracle: pipeline and arrays give the same probabilities."""

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
import pytest

from training.corpus import LabelledRow
from triage.engine import Engine

HOSTILE = [
    "",
    " ",
    "\n\n还款\n\n还款",
    "催" * 3000,
    "😀信用卡😀𠮷𠮷年费",
    "\ud800卡\udfff",
    "a b  c\t卡",
    "１２３４５元，12345元,0",
    "[姓名1][手机1]您好",
    "﷽" * 20,
    "\u200b卡\u200b费",
    "卡\x00费",
]


@pytest.fixture(scope="module")
def texts(corpus: list[LabelledRow]) -> list[str]:
    return [row.text for row in corpus] + HOSTILE


def test_arrays_and_pipeline_agree(tiny_model: Path, tiny_engine: Engine, texts: list[str]) -> None:
    model = joblib.load(tiny_model / "pipeline.joblib")
    reading = tiny_engine.read.batch(texts)
    documents, own = reading.documents, tiny_engine.classifier.score(reading)
    columns = [tiny_engine.decider.leaves.index(leaf) for leaf in model.classes_]
    np.testing.assert_allclose(
        own.leaves[:, columns], model.predict_proba(documents), rtol=0, atol=1e-6
    )
    margins = model.leaves_.linear_.decision_function(model.features_.transform(documents))
    np.testing.assert_allclose(own.margins[:, columns], margins, rtol=0, atol=1e-6)
    columns = [tiny_engine.natures.index(nature) for nature in model.natures_.classes_]
    np.testing.assert_allclose(
        own.natures[:, columns], model.predict_nature_proba(documents), rtol=0, atol=1e-6
    )


def test_contributions_sum_to_the_score(tiny_engine: Engine, texts: list[str]) -> None:
    from triage.explain import character_weights

    seen = tiny_engine.classifier.score(tiny_engine.read.batch(texts[-60:]))
    assert seen.basis is not None
    tops, bias = tiny_engine.decider.rank(seen.leaves).tops, tiny_engine.classifier.bias
    scale, coded = tiny_engine.classifier.temperatures[0], seen.basis.coded
    weights = character_weights(seen.basis, columns=tops, scale=scale)
    for i, top in enumerate(tops):
        wanted = (seen.basis.scores[i, top] - bias[top]) / scale
        pushed = weights[coded.begins[i] : coded.begins[i] + coded.lengths[i]].sum()
        assert pushed == pytest.approx(wanted, abs=1e-5)
