"""The line model of an opened model folder."""

from __future__ import annotations

from triage.artifact import Opened
from triage.blocks import make_block
from triage.classifier import LineClassifier, WeighedBlock
from triage.reading import TextReader


def build_classifier(opened: Opened, read: TextReader) -> LineClassifier:
    """Build the line model of an opened folder."""
    model, arrays = opened.model, opened.arrays
    blocks = tuple(
        WeighedBlock(
            kind,
            make_block(kind, vocabulary, concept_codes=read.finder.codes),
            arrays[f"{kind}_idf"],
            arrays[f"{kind}_weights"],
        )
        for kind, vocabulary in opened.vocabularies.items()
    )
    leaf, nature = model["temperatures"]
    return LineClassifier(blocks, arrays["bias"], len(model["leaves"]), (leaf, nature))
