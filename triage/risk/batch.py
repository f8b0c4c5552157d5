"""What the escalation features see: a batch of narratives, as read, with what intake knew.

Nothing recorded after intake can be reached from here, so no feature can use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np

from triage.features import Floats
from triage.records import Context, Mention

CONTEXT_SOURCES = (
    "received_at",
    "channel",
    "visited_branch",
    "outlet_touchpoint",
    "amount_cny",
    "prior_complaints_90d",
    "days_open",
    "transfers",
    "group_size",
    "customer_segment",
)
TEXT_SOURCES = ("narrative", "signals", "lines", "natures")

# Without any of these a narrative stands alone; that a service knows the hour is no history.
HISTORY_SOURCES = (
    "channel",
    "amount_cny",
    "prior_complaints_90d",
    "days_open",
    "transfers",
    "group_size",
    "customer_segment",
)

# Columns of `Batch.told`.
_TOLD = ("amount_cny", "contact_count")

_values = attrgetter(*CONTEXT_SOURCES)
_history = attrgetter(*HISTORY_SOURCES)

# Beyond any amount or count: keeps a feature finite whatever a caller sends.
_MOST = 1e12


@dataclass(frozen=True, slots=True)
class Column:
    """One feature.

    Attributes
    ----------
    name : str
        Column of the matrix.
    family : str
        Features of one family are told as one reason.
    mention : str or None
        Code of the mentions that a reason points to.
    show : str
        How the number is told: `count` undoes ln(1 + x), `yuan` undoes log10(1 + x).
    rising : bool
        More of it may never lower the risk: a signal is no excuse to look away.
    """

    name: str
    family: str
    mention: str | None = None
    show: str = ""
    rising: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Features that one small function computes together.

    Attributes
    ----------
    columns : tuple of Column
    kind : str
        `text` or `history`.
    sources : tuple of str
        What the function reads; each must be known at intake.
    compute : callable or None
        Batch of n -> array (n, len(columns)), finite.
    known_at_intake : bool
        Declared by whoever adds the block.
    each : callable or None
        In the place of `compute`, where one context field, `sources[0]`, is looked at value by
        value: a value -> its features.
    """

    columns: tuple[Column, ...]
    kind: str
    sources: tuple[str, ...]
    compute: Callable[[Batch], Floats] | None
    known_at_intake: bool = True
    each: Callable[[Any], tuple[float, ...]] | None = None


class Batch:
    """A batch of n narratives as the features see it.

    Parameters
    ----------
    leaves, natures : arrays (n, n_leaves) and (n, n_natures)
        Probabilities of the line model.
    mentions : sequence of sequences of Mention, length n
    texts : sequence of str, length n
        Normalised.
    contexts : sequence of Context, length n
    signal_codes : tuple of str

    Attributes
    ----------
    alone : array of float, length n
        1 where nothing of `HISTORY_SOURCES` is known.
    quiet : bool
        Whether no narrative has any context at all.
    signals : array (n, n_signals)
        1 where a signal counts.
    told : array (n, 2)
        Greatest amount in yuan and greatest count of earlier contacts that the text tells.
    """

    def __init__(
        self,
        leaves: Floats,
        natures: Floats,
        mentions: Sequence[Sequence[Mention]],
        texts: Sequence[str],
        contexts: Sequence[Context],
        *,
        signal_codes: tuple[str, ...],
    ) -> None:
        self.leaves, self.natures, self.texts = leaves, natures, texts
        self.signal_codes = signal_codes
        rows = [_values(context) for context in contexts]
        none = len(HISTORY_SOURCES)
        alone = [_history(context).count(None) == none for context in contexts]
        self.alone = np.array(alone, dtype=np.float64)
        self.quiet = all(row.count(None) == len(row) for row in rows)
        self._columns = dict(zip(CONTEXT_SOURCES, zip(*rows, strict=True), strict=False))
        self._read(mentions)

    def __len__(self) -> int:
        """Count the narratives."""
        return len(self.texts)

    def values(self, field: str) -> tuple[Any, ...]:
        """Give a context field as it came, None where nobody knew."""
        return self._columns.get(field, ())

    def by_value(self, blocks: Iterable[Block]) -> list[list[float]]:
        """Compute the blocks that look at context fields value by value, side by side.

        Nearly always there is one narrative, for which arrays cost ten times what lists do.
        """
        told = [
            [block.each(value) for value in self.values(block.sources[0])]
            for block in blocks
            if block.each is not None
        ]
        return [list(chain.from_iterable(row)) for row in zip(*told, strict=True)]

    def _read(self, mentions: Sequence[Sequence[Mention]]) -> None:
        """Note which signals count in each narrative, and the greatest numbers it tells."""
        place = _places(self.signal_codes)
        self.signals = np.zeros((len(mentions), len(place)))
        self.told = np.zeros((len(mentions), len(_TOLD)))
        for row, found in enumerate(mentions):
            for mention in found:
                column = place.get(mention.code)
                if column is not None:
                    if mention.status.counts:
                        self.signals[row, column] = 1.0
                elif mention.code in _TOLD and mention.value is not None:
                    told = _TOLD.index(mention.code)
                    greater = max(self.told[row, told], min(mention.value, _MOST))
                    self.told[row, told] = greater


def number_of(value: Any) -> float | None:
    """Give a context value as a number, None where nobody knew; below zero counts as zero."""
    if value is None:
        return None
    number = float(value)
    return min(max(number, 0.0), _MOST) if number == number else None  # noqa: PLR0124 - not a number


@lru_cache(maxsize=16)
def _places(codes: tuple[str, ...]) -> dict[str, int]:
    return {code: number for number, code in enumerate(codes)}
