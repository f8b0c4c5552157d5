from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from ticket_rows import TAXONOMY, make_rows

from training import escalation
from training.corpus import LabelledRow
from training.lines import Unseen
from triage.reading import Document, TextReader

ROWS = make_rows()


class Uniform:
    """Stands for a fitted model that knows two lines and two natures."""

    classes_ = np.array(sorted(TAXONOMY.leaves[:2]))
    natures_ = SimpleNamespace(classes_=np.array(sorted(TAXONOMY.nature_codes[:2])))

    def predict_proba(self, documents: list[Document]) -> Any:
        return np.full((len(documents), 2), 0.5)

    predict_nature_proba = predict_proba


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return TextReader().many([row.text for row in ROWS])


def unseen(count: int) -> Unseen:
    return Unseen(
        np.full((count, len(TAXONOMY.leaves)), 1 / len(TAXONOMY.leaves)),
        np.full((count, len(TAXONOMY.nature_codes)), 1 / len(TAXONOMY.nature_codes)),
        np.zeros((count, len(TAXONOMY.leaves))),
        (1.0, 1.0),
    )


@pytest.fixture
def fit(documents: list[Document], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Fit on some rows; give the rows simulated over, what was read of them, and the metrics."""
    monkeypatch.setattr(escalation, "load_corpus", lambda taxonomy: ROWS)
    monkeypatch.setattr(escalation, "simulate", lambda rows, **_: rows)
    fake = SimpleNamespace(to_dict=dict)
    monkeypatch.setattr(
        escalation, "fit_risk", lambda year, assess, **_: (fake, {"got": (year, assess([]))})
    )

    def run(rows: list[LabelledRow]) -> Any:
        model: Any = Uniform()
        metrics = escalation.fit_escalation(
            rows,
            documents[: len(rows)],
            unseen(len(rows)),
            model=model,
            taxonomy=TAXONOMY,
            tickets=10,
            seed=5,
        )[1]
        return *metrics.pop("got"), metrics

    return run


def test_marked_rows_are_simulated_over_themselves(fit: Any) -> None:
    year, _, metrics = fit(ROWS[:60])
    assert year == ROWS[:60]
    assert metrics == {"simulated_over": "training rows"}


def test_rows_without_marks_leave_the_outcomes_to_the_shipped_corpus(fit: Any) -> None:
    bare = [replace(row, signals=(), text=f"{row.text}。") for row in ROWS[:60]]
    bare[0] = replace(ROWS[0], signals=())
    year, (leaves, natures, mentions), metrics = fit(bare)
    assert year == ROWS
    assert metrics == {"simulated_over": "shipped corpus"}
    assert len(leaves) == len(natures) == len(mentions) == len(ROWS)
    # Row 0 was trained on: it keeps what was said of it unseen.
    assert (leaves[0] > 0).all()
    assert (leaves[1] > 0).sum() == (natures[1] > 0).sum() == 2
