"""An engine that knows a few words, so that judging and reporting need no trained model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from triage.classifier import LineScores
from triage.decision import LineDecider, Thresholds
from triage.engine import Pass
from triage.masking.mask import mask
from triage.offsets import IDENTITY
from triage.reading import Document
from triage.records import Mention, Status
from triage.taxonomy import Taxonomy, load_taxonomy

WORDS = {"年费": "fee_dispute", "征信": "credit_report", "催收": "loan_collection.unspecified"}
CERTAIN, UNSURE = 0.9, 0.2


class FakeEngine:
    """Says the leaf of the first of its words, `other` without one, and abstains then."""

    def __init__(
        self,
        words: Mapping[str, str] = WORDS,
        *,
        version: str = "fake.1",
        taxonomy: Taxonomy | None = None,
    ) -> None:
        self.taxonomy = taxonomy or load_taxonomy()
        self.version = version
        self.words = words
        self.natures = self.taxonomy.nature_codes
        self.decider = LineDecider(self.taxonomy.leaves, Thresholds(0.5, 1.0, 2))
        self.rank = self.decider.rank
        self.risk = self
        self.looked = 0

    def look(self, narratives: Sequence[str]) -> Pass:
        self.looked += len(narratives)
        documents = [_document(mask(text).text) for text in narratives]
        leaves = np.array([self._leaves(d.text) for d in documents])
        natures = np.zeros((len(documents), len(self.natures)))
        natures[:, 0] = 1.0
        return Pass(documents, LineScores(leaves, natures, leaves), [_media(d) for d in documents])

    def predict(self, matrix: Any) -> Any:
        return np.linspace(0.1, 0.9, len(matrix))

    def _leaves(self, text: str) -> list[float]:
        found = next((leaf for word, leaf in self.words.items() if word in text), None)
        sure = CERTAIN if found else UNSURE
        rest = (1 - sure) / (len(self.taxonomy.leaves) - 1)
        return [sure if leaf == (found or "other") else rest for leaf in self.taxonomy.leaves]


def _document(text: str) -> Document:
    return Document(text, text, np.array([len(text)]), np.array([], dtype=int), IDENTITY, IDENTITY)


def _media(document: Document) -> tuple[Mention, ...]:
    at = document.text.find("曝光")
    if at < 0:
        return ()
    status = Status.DENIED if "不会曝光" in document.text else Status.THREATENED
    return (Mention("media", at, at + 2, "曝光", status),)
