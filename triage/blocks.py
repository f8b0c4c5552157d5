"""Kinds of features that are found in documents: characters, words, concepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from triage.features import CharGrams, Coded, Ints, Occurrences, WordGrams
from triage.kernels.grams import join_concepts
from triage.words import Hits

# Marks a concept in a vocabulary of words: no pair of words can look like it.
CONCEPT = "concept="


class Block(Protocol):
    """A kind of feature that can be found in documents."""

    def occurrences(self, coded: Coded, concepts: Hits) -> Occurrences:
        """Find the block's features in texts with their words and concepts."""
        ...


@dataclass(frozen=True)
class GramBlock:
    """Character grams of the whole text, or words and pairs of words."""

    grams: CharGrams | WordGrams

    def occurrences(self, coded: Coded, concepts: Hits) -> Occurrences:  # noqa: ARG002
        """Find the grams."""
        return self.grams.occurrences(coded)


@dataclass(frozen=True)
class ConceptBlock:
    """Concepts of the thesaurus; `positions[i]` is the feature of concept `i`, or -1."""

    positions: Ints

    def occurrences(self, coded: Coded, concepts: Hits) -> Occurrences:
        """Look the concept hits up."""
        said = Occurrences.room(len(coded.begins), 0)
        return joined(said, coded, concepts, self.positions)


@dataclass(frozen=True)
class MeaningBlock:
    """Words, pairs of words and concepts, weighed together in one block.

    Parameters
    ----------
    words : GramBlock
    word_features : array of int32
        Feature of each gram of `words`.
    positions : array of int64
        Feature of each concept, or -1.
    """

    words: GramBlock
    word_features: NDArray[np.int32]
    positions: Ints

    def occurrences(self, coded: Coded, concepts: Hits) -> Occurrences:
        """Find both kinds."""
        said = self.words.occurrences(coded, concepts)
        named = self.word_features[said.features]
        said = Occurrences(said.bounds, named, said.starts, said.ends)
        return joined(said, coded, concepts, self.positions)


def joined(said: Occurrences, coded: Coded, concepts: Hits, positions: Ints) -> Occurrences:
    """Add the concepts that are features to what else was found, document by document."""
    room = Occurrences.room(len(coded.begins), len(said.features) + len(concepts.words))
    found = join_concepts(said.arrays, concepts.arrays, positions, coded.begins, room.arrays)
    return room.cut(found)


def make_block(kind: str, vocabulary: Sequence[str], *, concept_codes: Sequence[str]) -> Block:
    """Build a block of kind `char`, `word`, `concept` or `meaning` over its vocabulary."""
    if kind == "char":
        return GramBlock(CharGrams(vocabulary))
    if kind == "word":
        return GramBlock(WordGrams(vocabulary))
    place = {feature: i for i, feature in enumerate(vocabulary)}
    if kind == "concept":
        return ConceptBlock(_positions(concept_codes, place))
    meant = {f.removeprefix(CONCEPT): i for f, i in place.items() if f.startswith(CONCEPT)}
    said = sorted(set(place.values()) - set(meant.values()))
    return MeaningBlock(
        GramBlock(WordGrams([vocabulary[i] for i in said])),
        np.array(said, dtype=np.int32),
        _positions(concept_codes, meant),
    )


def _positions(codes: Sequence[str], place: dict[str, int]) -> Ints:
    return np.array([place.get(code, -1) for code in codes], dtype=np.int64)
