"""What a model folder keeps of its training: which rows, what was said of them, figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from training.cases import Case
from training.corpus import text_digest
from training.outcomes import Outcomes, from_predictions
from triage.artifact import read_manifest, read_verified

UNSEEN = "unseen.json"
METRICS = "metrics.json"


def unseen(folder: Path) -> Outcomes:
    """Read what a model's like said of its own training rows when it had not seen them."""
    return from_predictions(_json(folder, UNSEEN))


def trained_on(folder: Path) -> frozenset[str]:
    """Ids and text digests of the rows that a model was fitted on."""
    rows = _json(folder, UNSEEN)
    return frozenset(rows) | {row["digest"] for row in rows.values() if "digest" in row}


def is_among(case: Case, seen: frozenset[str]) -> bool:
    """Whether a row is among those of `trained_on`, by its id or by its text under another."""
    return case.id in seen or text_digest(case.text) in seen


def metrics(folder: Path) -> dict[str, Any]:
    """Read metrics.json of a model folder."""
    return _json(folder, METRICS)


def _json(folder: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads(read_verified(folder, name, read_manifest(folder)))
    return content
