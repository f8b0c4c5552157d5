"""Kinds of features that are found in documents: characters, words, concepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from triage.features import CharGrams, Coded, Ints, Occurrences, WordGrams
from triage.reading import Document

# Marks a concept in a vocabulary of words: no pair of words can look like it.
CONCEPT = "concept="


class Block(Protocol):
    """A kind of feature that can be found in documents."""

    def occurrences(self, coded: Coded, documents: Sequence[Document]) -> Occurrences:
        """Find the block's features; `coded` holds the texts and words of the documents."""
        ...


@dataclass(frozen=True)
class GramBlock:
    """Character grams of the whole text, or words and pairs of words."""

    grams: CharGrams | WordGrams

    def occurrences(self, coded: Coded, documents: Sequence[Document]) -> Occurrences:  # noqa: ARG002
        """Find the grams."""
        return self.grams.occurrences(coded)


@dataclass(frozen=True)
class ConceptBlock:
    """Concepts of the thesaurus; `positions[i]` is the feature of concept `i`, or -1."""

    positions: Ints

    def occurrences(self, coded: Coded, documents: Sequence[Document]) -> Occurrences:
        """Look the concept hits up."""
        every = [document.concepts for document in documents]
        docs = np.repeat(np.arange(len(every)), list(map(len, every)))
        flat = np.fromiter(chain.from_iterable(chain.from_iterable(every)), dtype=np.int64)
        concepts, starts, ends = flat.reshape(-1, 3).T
        features, base = self.positions[concepts], coded.begins[docs]
        known = np.flatnonzero(features >= 0)
        columns = (features, starts + base, ends + base)
        bounds = np.searchsorted(docs[known], np.arange(len(documents) + 1))
        return Occurrences(bounds, *(column[known].astype(np.int32) for column in columns))


@dataclass(frozen=True)
class MeaningBlock:
    """Words, pairs of words and concepts, weighed together in one block.

    Parameters
    ----------
    words : GramBlock
    word_features : array of int32
        Feature of each gram of `words`.
    concepts : ConceptBlock
    """

    words: GramBlock
    word_features: NDArray[np.int32]
    concepts: ConceptBlock

    def occurrences(self, coded: Coded, documents: Sequence[Document]) -> Occurrences:
        """Find both kinds."""
        said = self.words.occurrences(coded, documents)
        meant = self.concepts.occurrences(coded, documents)
        owners = [np.repeat(np.arange(len(documents)), np.diff(f.bounds)) for f in (said, meant)]
        order = np.argsort(np.concatenate(owners), kind="stable")
        features = np.concatenate([self.word_features[said.features], meant.features])
        return Occurrences(
            said.bounds + meant.bounds,
            features[order],
            np.concatenate([said.starts, meant.starts])[order],
            np.concatenate([said.ends, meant.ends])[order],
        )


def make_block(kind: str, vocabulary: Sequence[str], *, concept_codes: Sequence[str]) -> Block:
    """Build a block of kind `char`, `word`, `concept` or `meaning` over its vocabulary."""
    if kind == "char":
        return GramBlock(CharGrams(vocabulary))
    if kind == "word":
        return GramBlock(WordGrams(vocabulary))
    place = {feature: i for i, feature in enumerate(vocabulary)}
    if kind == "concept":
        return _concepts(concept_codes, place)
    meant = {f.removeprefix(CONCEPT): i for f, i in place.items() if f.startswith(CONCEPT)}
    said = sorted(set(place.values()) - set(meant.values()))
    return MeaningBlock(
        GramBlock(WordGrams([vocabulary[i] for i in said])),
        np.array(said, dtype=np.int32),
        _concepts(concept_codes, meant),
    )


def _concepts(codes: Sequence[str], place: dict[str, int]) -> ConceptBlock:
    return ConceptBlock(np.array([place.get(code, -1) for code in codes], dtype=np.int64))
