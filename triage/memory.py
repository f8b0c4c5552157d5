"""Room for large tables that are read at random."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_HUGE_PAGE = 1 << 21
_CACHE_LINE = 64


def filled(shape: tuple[int, ...], value: float, dtype: DTypeLike) -> NDArray[Any]:
    """Give an array for a table, all of one value, from the beginning of a cache line.

    A table of some size gets pages of 2 MiB where the system has them: else a place read at
    random costs a walk through the tables of pages besides.
    """
    kind = np.dtype(dtype)
    size = int(np.prod(shape)) * kind.itemsize
    large = size > _HUGE_PAGE
    space = _HUGE_PAGE if large else _CACHE_LINE
    raw = _huge(size) if large else np.empty(size + space, dtype=np.uint8)
    skipped = -raw.ctypes.data % space
    table = raw[skipped : skipped + size].view(kind).reshape(shape)
    table[...] = value
    return table


def _huge(size: int) -> NDArray[np.uint8]:
    space = (-(-size // _HUGE_PAGE) + 1) * _HUGE_PAGE
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return np.empty(space, dtype=np.uint8)
    # Pages that are shared are not made huge.
    block = mmap.mmap(-1, space, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    block.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(block, dtype=np.uint8)
