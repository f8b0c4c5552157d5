"""Lines, natures and secondary lines from plain arrays.

One linear model with several heads over blocks of TF-IDF features: `leaf` (calibrated
probabilities that sum to 1) and `nature`. The arrays come from a fitted scikit-learn pipeline,
which is the oracle of the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from triage.features import (
    CharGrams,
    Floats,
    Ints,
    Occurrences,
    Rows,
    WordGrams,
    beginnings,
    tfidf,
)
from triage.reading import Document

Weights = NDArray[np.float32]

# Marks a concept in a vocabulary of words: no pair of words can look like it.
CONCEPT = "concept="


class Block(Protocol):
    """A kind of feature that can be found in documents."""

    def occurrences(self, documents: Sequence[Document]) -> Occurrences:
        """Find the block's features."""
        ...


@dataclass(frozen=True)
class CharBlock:
    """Character grams of the whole text."""

    grams: CharGrams

    def occurrences(self, documents: Sequence[Document]) -> Occurrences:
        """Find the character grams."""
        return self.grams.occurrences([document.text for document in documents])


@dataclass(frozen=True)
class WordBlock:
    """Words and pairs of words."""

    grams: WordGrams

    def occurrences(self, documents: Sequence[Document]) -> Occurrences:
        """Find the words and pairs."""
        return self.grams.occurrences([document.words for document in documents])


@dataclass(frozen=True)
class ConceptBlock:
    """Concepts of the thesaurus; `positions[i]` is the feature of concept `i`, or -1."""

    positions: Ints

    def occurrences(self, documents: Sequence[Document]) -> Occurrences:
        """Look the concept hits up."""
        first = beginnings(np.array([len(document.text) for document in documents]))
        hits = [
            (number, *hit) for number, document in enumerate(documents) for hit in document.concepts
        ]
        docs, concepts, starts, ends = np.array(hits, dtype=np.int64).reshape(-1, 4).T
        features, base = self.positions[concepts], first[docs]
        known = np.flatnonzero(features >= 0)
        found = docs, features, starts + base, ends + base
        return Occurrences(*(column[known] for column in found))


@dataclass(frozen=True)
class MeaningBlock:
    """Words, pairs of words and concepts, weighed together in one block.

    Parameters
    ----------
    words : WordBlock
    word_features : array of int64
        Feature of each gram of `words`.
    concepts : ConceptBlock
    """

    words: WordBlock
    word_features: Ints
    concepts: ConceptBlock

    def occurrences(self, documents: Sequence[Document]) -> Occurrences:
        """Find both kinds."""
        said, meant = self.words.occurrences(documents), self.concepts.occurrences(documents)
        return Occurrences(
            np.concatenate([said.docs, meant.docs]),
            np.concatenate([self.word_features[said.features], meant.features]),
            np.concatenate([said.starts, meant.starts]),
            np.concatenate([said.ends, meant.ends]),
        )


def make_block(kind: str, vocabulary: Sequence[str], *, concept_codes: Sequence[str]) -> Block:
    """Build a block of kind `char`, `word`, `concept` or `meaning` over its vocabulary."""
    if kind == "char":
        return CharBlock(CharGrams(vocabulary))
    if kind == "word":
        return WordBlock(WordGrams(vocabulary))
    place = {feature: i for i, feature in enumerate(vocabulary)}
    if kind == "concept":
        return _concepts(concept_codes, place)
    meant = {f.removeprefix(CONCEPT): i for f, i in place.items() if f.startswith(CONCEPT)}
    said = sorted(set(place.values()) - set(meant.values()))
    return MeaningBlock(
        WordBlock(WordGrams([vocabulary[i] for i in said])),
        np.array(said, dtype=np.int64),
        _concepts(concept_codes, meant),
    )


def _concepts(codes: Sequence[str], place: dict[str, int]) -> ConceptBlock:
    return ConceptBlock(np.array([place.get(code, -1) for code in codes], dtype=np.int64))


@dataclass(frozen=True)
class WeighedBlock:
    """A block with its idf, its share in the model, and the weights of every head."""

    kind: str
    block: Block
    idf: Floats
    weights: Weights


@dataclass(frozen=True)
class Trace:
    """What one block found in a batch, kept so that it can be explained."""

    found: Occurrences
    rows: Rows
    weights: Weights


@dataclass(frozen=True)
class LineScores:
    """Answers for a batch of n documents.

    Attributes
    ----------
    leaves : array (n, n_leaves)
        Calibrated, in [0, 1], each row sums to 1.
    natures : array (n, n_natures)
        The same for natures.
    traces : tuple of Trace
        For `explain`.
    """

    leaves: Floats
    natures: Floats
    traces: tuple[Trace, ...]


@dataclass(frozen=True)
class LineClassifier:
    """The served line model.

    Parameters
    ----------
    blocks : tuple of WeighedBlock
        Weights have one column a leaf, then one a nature.
    bias : array of float64, length n_leaves + n_natures
    n_leaves : int
    temperatures : tuple of float
        Divides the scores of the leaf head and of the nature head before the softmax.
    """

    blocks: tuple[WeighedBlock, ...]
    bias: Floats
    n_leaves: int
    temperatures: tuple[float, float]

    @property
    def reads_concepts(self) -> bool:
        """Whether a block looks at the concepts of a document."""
        return any(isinstance(part.block, ConceptBlock | MeaningBlock) for part in self.blocks)

    def score(self, documents: Sequence[Document]) -> LineScores:
        """Score documents; an empty one gets the bias alone."""
        found = self._occurrences(documents)
        rows = tfidf(found, self._idf, n_docs=len(documents), parts=self._parts)
        total = self.bias + rows.dot(self._weights)
        traces = (Trace(found, rows, self._weights),)
        leaf, nature = total[:, : self.n_leaves], total[:, self.n_leaves :]
        return LineScores(
            softmax(leaf / self.temperatures[0]),
            softmax(nature / self.temperatures[1]),
            traces,
        )

    def _occurrences(self, documents: Sequence[Document]) -> Occurrences:
        found = [part.block.occurrences(documents) for part in self.blocks]
        return Occurrences(
            np.concatenate([f.docs for f in found]),
            np.concatenate([f.features + p for f, p in zip(found, self._parts, strict=True)]),
            np.concatenate([f.starts for f in found]),
            np.concatenate([f.ends for f in found]),
        )

    # The blocks side by side: counted, weighed and multiplied in one go.
    @cached_property
    def _parts(self) -> list[int]:
        return [0, *accumulate(len(part.idf) for part in self.blocks[:-1])]

    @cached_property
    def _idf(self) -> Floats:
        return np.concatenate([part.idf for part in self.blocks])

    @cached_property
    def _weights(self) -> Weights:
        return np.concatenate([part.weights for part in self.blocks])


def softmax(scores: Floats) -> Floats:
    """Turn scores (n, k) into probabilities; each row sums to 1."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
