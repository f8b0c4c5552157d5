"""The escalation model of a training run, fitted on a simulated year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from training.corpus import LabelledRow, load_corpus
from training.estimators import TriageModel
from training.lines import Unseen, ordered
from training.risk_model import fit_risk
from training.simulate import simulate
from triage.features import Floats
from triage.linguistic import Reader
from triage.reading import Document, TextReader
from triage.records import Mention
from triage.taxonomy import Taxonomy

OWN = "training rows"
SHIPPED = "shipped corpus"


def fit_escalation(
    rows: Sequence[LabelledRow],
    documents: Sequence[Document],
    unseen: Unseen,
    *,
    model: TriageModel,
    taxonomy: Taxonomy,
    tickets: int,
    seed: int,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Simulate a year over the training rows and fit escalation on it.

    Simulated outcomes come from marked signals. Rows without a single mark, as a bank's file
    often has them, would teach that no signal matters: then the year is simulated over the
    shipped corpus, read by the new model. Rows of lines that the bank has not are among them: the
    process wants the labels of the corpus, the risk what the model makes of a text.

    Parameters
    ----------
    rows, documents, unseen
        Of training, in the same order.
    model : TriageModel
        Just fitted on them.
    tickets, seed : int
        Of the simulated year.

    Returns
    -------
    model, metrics : dicts
        JSON-able; `simulated_over` tells which rows.
    """
    leaves, natures = unseen.leaves, unseen.natures
    own = any(row.signals for row in rows)
    if not own:
        rows, documents, leaves, natures = _shipped(rows, unseen, model, taxonomy)
    reader = Reader()
    mentions = [reader.read(d.text, d.words) for d in documents]
    texts = {row.text: d.text for row, d in zip(rows, documents, strict=True)}

    def assess(_: Sequence[str]) -> tuple[Floats, Floats, list[tuple[Mention, ...]]]:
        # Probabilities of rows not seen: at service every narrative is one.
        return leaves, natures, mentions

    year = simulate(rows, seed=seed, tickets=tickets)
    risk, metrics = fit_risk(year, assess, normal=texts.__getitem__)
    return risk.to_dict(), {"simulated_over": OWN if own else SHIPPED, **metrics}


def _shipped(
    rows: Sequence[LabelledRow], unseen: Unseen, model: TriageModel, taxonomy: Taxonomy
) -> tuple[list[LabelledRow], list[Document], Floats, Floats]:
    """Read the shipped corpus; rows that were trained on keep what was said of them unseen."""
    corpus = load_corpus(None)
    documents = TextReader().many([row.text for row in corpus])
    leaves = ordered(model.predict_proba(documents), list(model.classes_), taxonomy.leaves)
    natures = ordered(
        model.predict_nature_proba(documents),
        [str(code) for code in model.natures_.classes_],
        taxonomy.nature_codes,
    )
    place = {row.text: i for i, row in enumerate(rows)}
    known = np.array([place.get(row.text, -1) for row in corpus])
    met = known >= 0
    leaves[met], natures[met] = unseen.leaves[known[met]], unseen.natures[known[met]]
    return corpus, documents, leaves, natures
