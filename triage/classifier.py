"""Lines, natures and secondary lines from plain arrays.

One linear model with several heads over blocks of TF-IDF features: `leaf` (calibrated
probabilities that sum to 1) and `nature`. The arrays come from a fitted scikit-learn pipeline,
which is the oracle of the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from triage.blocks import Block, ConceptBlock, MeaningBlock
from triage.features import Coded, Floats, Occurrences, Places, encode
from triage.kernels.weigh import weigh
from triage.memory import filled
from triage.reading import Reading
from triage.words import Hits

Weights = NDArray[np.float32]
# In numbers of four bytes.
_CACHE_LINE = 16


@dataclass(frozen=True)
class WeighedBlock:
    """A block with its idf and the weights of every head, its share in the model included."""

    kind: str
    block: Block
    idf: Floats
    weights: Weights

    @cached_property
    def rows(self) -> Weights:
        """The weights of each feature and its idf side by side, each row in lines of its own."""
        width = -(-(1 + self.weights.shape[1]) // _CACHE_LINE) * _CACHE_LINE
        rows = filled((len(self.idf), width), 0.0, np.float32)
        columns = self.weights.shape[1]
        rows[:, :columns], rows[:, columns] = self.weights, self.idf
        return rows


@dataclass(frozen=True)
class Trace:
    """What one block found in a batch, kept so that it can be explained.

    Attributes
    ----------
    found : Occurrences
    shares : array of float64
        Value of each occurrence's feature in its document, over its number of occurrences.
    rows : array of float32
        See `WeighedBlock.rows`.
    """

    found: Occurrences
    shares: Floats
    rows: Weights


@dataclass(frozen=True)
class Basis:
    """What the answers for n documents were made from.

    Attributes
    ----------
    scores : array (n, n_leaves + n_natures)
        Of both heads, before temperature and softmax.
    coded : Coded
        The texts as read.
    traces : tuple of Trace
        One a block.
    """

    scores: Floats
    coded: Coded
    traces: tuple[Trace, ...]


@dataclass(frozen=True)
class LineScores:
    """Answers for a batch of n documents.

    Attributes
    ----------
    leaves : array (n, n_leaves)
        Calibrated, in [0, 1], each row sums to 1.
    natures : array (n, n_natures)
        The same for natures.
    margins : array (n, n_leaves)
        Of leaves before temperature and softmax: how much of each leaf a text holds, whatever
        else it holds.
    basis : Basis or None
        For `explain`; None where the answers came from elsewhere.
    """

    leaves: Floats
    natures: Floats
    margins: Floats
    basis: Basis | None = None


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
        """Whether a block looks at concepts."""
        return any(isinstance(part.block, ConceptBlock | MeaningBlock) for part in self.blocks)

    def score(self, reading: Reading) -> LineScores:
        """Score narratives; an empty one gets the bias alone."""
        coded = encode(reading.bare, reading.words.sizes, reading.words.bounds)
        totals = np.tile(self.bias, (len(coded.begins), 1))
        traces = tuple(_weighed(part, coded, reading.concepts, totals) for part in self.blocks)
        leaf, nature = totals[:, : self.n_leaves], totals[:, self.n_leaves :]
        return LineScores(
            softmax(leaf / self.temperatures[0]),
            softmax(nature / self.temperatures[1]),
            leaf,
            Basis(totals, coded, traces),
        )


def _weighed(part: WeighedBlock, coded: Coded, concepts: Hits, totals: Floats) -> Trace:
    """Add a block's scores to the totals."""
    found = part.block.occurrences(coded, concepts)
    shares = np.empty(len(found.features))
    rows = part.rows
    room = work_room(found, rows.shape[1])
    weigh(found.bounds, found.features, rows.ravel(), rows.shape[1], shares, totals, room)
    return Trace(found, shares, part.rows)


def work_room(found: Occurrences, columns: int) -> tuple[Places | Floats, ...]:
    """Give what `weigh` works in."""
    most = int(np.maximum.reduce(found.bounds[1:] - found.bounds[:-1], initial=8))
    table = np.empty(1 << (2 * most - 1).bit_length(), dtype=np.int32)
    kinds, counts, places = (np.empty(most, dtype=np.int32) for _ in range(3))
    return table, kinds, counts, np.empty(most), places, np.empty(columns)


def softmax(scores: Floats) -> Floats:
    """Turn scores (n, k) into probabilities; each row sums to 1."""
    # Ufuncs asked directly: their methods on arrays cost more than the work, for one narrative.
    powers = np.exp(scores - np.maximum.reduce(scores, axis=1, keepdims=True))
    powers /= np.add.reduce(powers, axis=1, keepdims=True)
    return np.asarray(powers)
