"""Narratives cut into batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# Larger batches gain nothing and cost memory (benchmarks/speed.py).
BATCH = 512
BATCH_CHARACTERS = 131_072


def batches(
    narratives: Sequence[str], most: int = BATCH, most_characters: int = BATCH_CHARACTERS
) -> Iterator[slice]:
    """Cut narratives into batches of a bounded number, and of bounded size where they are long."""
    start = size = 0
    for number, narrative in enumerate(narratives):
        if number > start and (number == start + most or size + len(narrative) > most_characters):
            yield slice(start, number)
            start, size = number, 0
        size += len(narrative)
    if narratives:
        yield slice(start, len(narratives))
