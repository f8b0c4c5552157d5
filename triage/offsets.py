"""Where a stretch of rewritten text came from.

A rewriting step records only its edits; positions outside them are found by bisection, so a
text that was hardly touched costs next to nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Edit(NamedTuple):
    """`source[src_start:src_end]` was replaced by `text`."""

    src_start: int
    src_end: int
    text: str


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Maps ranges of an output text back to ranges of its source.

    Attributes
    ----------
    out_starts, out_ends, src_starts, src_ends : tuple of int
        One entry an edit, ascending: `output[out_start:out_end]` stands for
        `source[src_start:src_end]`.
    """

    out_starts: tuple[int, ...] = ()
    out_ends: tuple[int, ...] = ()
    src_starts: tuple[int, ...] = ()
    src_ends: tuple[int, ...] = ()
    below: tuple[OffsetMap, ...] = field(default=())

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Give the source range that produced `output[start:end]`.

        A position inside a replaced stretch widens to the whole of what was replaced.
        """
        if not self.out_starts and not self.below:
            return start, max(start, end)
        low, high = self._left(start), self._right(end)
        for step in reversed(self.below):
            low, high = step._left(low), step._right(high)
        return low, max(low, high)

    def after(self, earlier: OffsetMap) -> OffsetMap:
        """Compose: this map's source is the output of `earlier`."""
        if not self.out_starts and not self.below:
            return earlier
        if not earlier.out_starts and not earlier.below:
            return self
        steps = (*earlier.below, _bare(earlier), *self.below)
        return OffsetMap(self.out_starts, self.out_ends, self.src_starts, self.src_ends, steps)

    def _left(self, pos: int) -> int:
        i = bisect_right(self.out_starts, pos) - 1
        if i < 0:
            return pos
        if pos < self.out_ends[i]:
            return self.src_starts[i]
        return self.src_ends[i] + pos - self.out_ends[i]

    def _right(self, pos: int) -> int:
        i = bisect_right(self.out_starts, pos - 1) - 1
        if i < 0:
            return pos
        if pos <= self.out_ends[i]:
            return self.src_ends[i]
        return self.src_ends[i] + pos - self.out_ends[i]


def _bare(offsets: OffsetMap) -> OffsetMap:
    return OffsetMap(offsets.out_starts, offsets.out_ends, offsets.src_starts, offsets.src_ends)


IDENTITY = OffsetMap()


def apply_edits(source: str, edits: Iterable[Edit]) -> tuple[str, OffsetMap]:
    """Rewrite `source` and give the map back to it.

    Parameters
    ----------
    source : str
    edits : iterable of Edit
        Ascending and not overlapping.
    """
    parts: list[str] = []
    out_starts: list[int] = []
    out_ends: list[int] = []
    src_starts: list[int] = []
    src_ends: list[int] = []
    last = length = 0
    for edit in edits:
        parts += (source[last : edit.src_start], edit.text)
        length += edit.src_start - last
        out_starts.append(length)
        length += len(edit.text)
        out_ends.append(length)
        src_starts.append(edit.src_start)
        src_ends.append(edit.src_end)
        last = edit.src_end
    if not out_starts:
        return source, IDENTITY
    parts.append(source[last:])
    offsets = OffsetMap(tuple(out_starts), tuple(out_ends), tuple(src_starts), tuple(src_ends))
    return "".join(parts), offsets


def replaced(source: str, edits: Iterable[Edit]) -> str:
    """Rewrite `source` without a map back; `edits` as `apply_edits` takes them."""
    parts: list[str] = []
    last = 0
    for start, end, text in edits:
        parts += (source[last:start], text)
        last = end
    return "".join((*parts, source[last:])) if parts else source
