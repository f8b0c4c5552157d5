"""Many integer keys looked up at once in an open-addressing table of numpy arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_EMPTY = -1
# Slots a key, at least: most keys that are not there then meet an empty slot at once.
_ROOM = 8


class KeyTable:
    """Finds the positions of integer keys, many at once.

    Parameters
    ----------
    keys : array of int64, length n
        Distinct and not negative; key `keys[i]` is found at position `i`.
    """

    def __init__(self, keys: Ints) -> None:
        bits = max(4, int(len(keys) * _ROOM).bit_length())
        self._shift = np.uint64(64 - bits)
        self._mask = np.int64((1 << bits) - 1)
        # The last element stands for the empty slot: no key is negative.
        self._keys = np.append(np.asarray(keys, dtype=np.int64), np.int64(-1))
        self._slots = np.full(1 << bits, _EMPTY, dtype=np.int32)
        self._fill()

    def _first_slots(self, keys: Ints) -> Ints:
        slots = keys.view(np.uint64) * _MULTIPLIER
        slots >>= self._shift
        return slots.view(np.int64)

    def _fill(self) -> None:
        todo = np.arange(len(self._keys) - 1, dtype=np.int64)
        slots = self._first_slots(self._keys[:-1])
        while len(todo):
            free = self._slots[slots] == _EMPTY
            # Of several keys that want one free slot the last has it.
            self._slots[slots[free]] = todo[free]
            lost = self._slots[slots] != todo
            todo, slots = todo[lost], (slots[lost] + 1) & self._mask

    def find(self, keys: Ints) -> tuple[Ints, NDArray[np.int32]]:
        """Find keys.

        Parameters
        ----------
        keys : array of int64, length m
            Not negative.

        Returns
        -------
        places : array of int64, length h
            Which of the `keys` are there, ascending.
        positions : array of int32, length h
            Their positions.
        """
        slots = self._first_slots(keys)
        found = self._slots.take(slots)
        hit = self._keys.take(found) == keys
        open_ = np.flatnonzero(~hit & (found != _EMPTY))
        while len(open_):
            slots[open_] += 1
            slots[open_] &= self._mask
            next_ = self._slots[slots[open_]]
            same = self._keys[next_] == keys[open_]
            found[open_[same]] = next_[same]
            hit[open_[same]] = True
            open_ = open_[~same & (next_ != _EMPTY)]
        places = np.flatnonzero(hit)
        return places, found.take(places)
