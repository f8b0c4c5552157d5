"""Integer keys in open-addressing tables, and how every kernel is compiled.

The cache of a kernel is renewed when its own file changes, not when this one does: after an edit
here touch the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel at its first call; its code is kept on disk where there is a place."""
    return _compiled(function, set())


def fused(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel whose products and sums may be one step each, rounded once."""
    return _compiled(function, {"contract"})


def _compiled(function: Callable[..., Any], freedoms: set[str]) -> Callable[..., Any]:
    try:
        kept: Callable[..., Any] = njit(cache=True, error_model="numpy", fastmath=freedoms)(
            function
        )
    except RuntimeError:
        # No folder can be written: every process compiles for itself.
        kept = njit(error_model="numpy", fastmath=freedoms)(function)
    return kept


# Three characters fit into a key.
CODE_BITS = 21
# Spreads keys over a table.
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@jit
def slot_of(key, shift):
    """Give the slot at which a key is looked for first."""
    return np.int64((np.uint64(key) * MULTIPLIER) >> np.uint64(shift))


@jit
def fill_table(keys, slots, shift):
    """Put `keys[i] -> i` into an empty open-addressing table; a slot is a key and its position."""
    mask = len(slots) // 2 - 1
    for i in range(len(keys)):
        slot = slot_of(keys[i], shift)
        while slots[2 * slot] != -1:
            slot = (slot + 1) & mask
        slots[2 * slot], slots[2 * slot + 1] = keys[i], i


@jit
def look_up(key, slots, shift):
    """Give the position of a key, or -1."""
    slot = slot_of(key, shift)
    mask = len(slots) // 2 - 1
    while slots[2 * slot] != -1:
        if slots[2 * slot] == key:
            return slots[2 * slot + 1]
        slot = (slot + 1) & mask
    return np.int64(-1)
