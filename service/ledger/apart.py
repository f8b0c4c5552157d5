"""Things that came in together, cut where one could concern another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def apart(things: Sequence[T], marks: Callable[[T], set[object]]) -> Iterator[list[T]]:
    """Cut things into rows, in their order; no two of a row share a mark."""
    some: list[T] = []
    seen: set[object] = set()
    for thing in things:
        told = marks(thing)
        if seen & told:
            yield some
            some, seen = [], set()
        some.append(thing)
        seen |= told
    if some:
        yield some
