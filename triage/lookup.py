"""Integer keys looked up in an open-addressing table of numpy arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from triage.kernels.tables import fill_table, look_up
from triage.memory import filled

Ints = NDArray[np.int64]
# What kernels take of a table: slots and shift.
Arrays = tuple[Ints, int]

_EMPTY = -1
# Slots a key, at least: most keys that are not there then meet an empty slot at once.
_ROOM = 3


class KeyTable:
    """Positions of integer keys.

    Parameters
    ----------
    keys : array of int64, length n
        Distinct and not negative; key `keys[i]` is found at position `i`.

    Attributes
    ----------
    arrays : tuple
        For the kernels.
    """

    def __init__(self, keys: Ints) -> None:
        bits = max(4, int(len(keys) * _ROOM).bit_length())
        slots = filled((2 << bits,), _EMPTY, np.int64)
        self.arrays: Arrays = slots, 64 - bits
        fill_table(np.asarray(keys, dtype=np.int64), *self.arrays)

    def find(self, key: int) -> int:
        """Give the position of a key, or -1."""
        return int(look_up(key, *self.arrays))
