"""What tracking is told of labelled rows: labels and lengths, never a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.corpus import LabelledRow, corpus_digest
from triage.taxonomy import split_leaf


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a run was trained or judged on; `digest` is a sha256 over ids, texts and labels."""

    name: str
    digest: str
    table: Sequence[Mapping[str, Any]]


def dataset_of(rows: Sequence[LabelledRow], *, name: str) -> Dataset:
    """Describe labelled rows for tracking."""
    table = [
        {
            "id": row.id,
            "line": row.line,
            "subline": split_leaf(row.leaf)[1] or "",
            "nature": row.nature or "",
            "register": row.register or "",
            "signals": float(len(row.signals)),
            "characters": float(len(row.text)),
        }
        for row in rows
    ]
    return Dataset(name, corpus_digest(rows), table)


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turn nested mappings into one with dotted names."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Give the finite numbers of nested figures, by dotted names."""
    return {
        name: float(value)
        for name, value in flat(metrics).items()
        if isinstance(value, int | float) and np.isfinite(value)
    }
