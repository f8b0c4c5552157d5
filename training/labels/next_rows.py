"""The rows of a file that a person should label next, by the model that is there."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import joblib

from training.estimators import TriageModel
from training.labels.audit import compressed
from training.labels.choose import spread, view_votes, worth
from training.labels.texts import Narrative
from triage.artifact import PIPELINE, read_manifest, read_verified
from triage.taxonomy import split_leaf


def open_pipeline(folder: Path) -> TriageModel:
    """Open the fitted form of a model, after its digest was compared with the manifest's.

    Raises
    ------
    ArtifactRejected
        See `triage.artifact.read_verified`.
    """
    content = read_verified(folder, PIPELINE, read_manifest(folder))
    model: TriageModel = joblib.load(io.BytesIO(content))
    return model


def next_rows(
    narratives: Sequence[Narrative], model: TriageModel, budget: int, *, seed: int = 0
) -> Iterator[dict[str, Any]]:
    """Choose rows and say why; `line` and `subline` are left for the person to fill in.

    Parameters
    ----------
    narratives : sequence of Narrative
        Not labelled yet.
    model : TriageModel
        What is to learn from them.
    budget : int
    seed : int
    """
    matrix = model.features_.transform(
        model.reader_.transform([narrative.text for narrative in narratives])
    )
    head = model.leaves_
    said = head.predict_proba(matrix)
    widths = [len(block.get_feature_names_out()) for _, block in model.features_.transformer_list]
    found = worth(said, view_votes(head.linear_, matrix, widths, head.temperature_))
    chosen = spread(compressed(matrix), found.score, min(budget, len(narratives)), seed=seed)
    for rank, position in enumerate(chosen.tolist(), 1):
        line, subline = split_leaf(str(head.classes_[said[position].argmax()]))
        yield {
            "id": narratives[position].id,
            "text": narratives[position].text,
            "line": None,
            "subline": None,
            "rank": rank,
            "predicted_line": line,
            "predicted_subline": subline,
            "predicted_probability": round(float(said[position].max()), 4),
            "uncertainty": round(1.0 + float(found.uncertainty[position]), 4),
            "disagreement": round(float(found.disagreement[position]), 4),
        }
