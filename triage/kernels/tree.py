"""A tree of words, walked character by character.

Each slot of its table packs a node, a character and the node to which that character leads.
"""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import CODE_BITS, MULTIPLIER, jit

# A node and a character are the key, the node behind them the value: 63 bits in all.
NODE_BITS = 21
_CHILD = (1 << NODE_BITS) - 1


@jit
def find_child(slots, shift, node, point):
    """Give the node that a character leads to, or -1, and the slot where that is written."""
    key = (np.int64(node) << CODE_BITS) | np.int64(point)
    slot = np.int64((np.uint64(key) * MULTIPLIER) >> np.uint64(shift))
    mask = len(slots) - 1
    while slots[slot] != -1:
        if slots[slot] >> NODE_BITS == key:
            return slots[slot] & _CHILD, slot
        slot = (slot + 1) & mask
    return np.int64(-1), slot


@jit
def child(tree, node, point):
    """Give the node that a character leads to, or -1."""
    slots, shift, roots = tree[:3]
    # Most characters begin no word: a look at the first ones tells so.
    if node == 0 and point < len(roots):
        return roots[point]
    return find_child(slots, shift, node, point)[0]


@jit
def plant(points, begins, lengths, numbers, backwards, tree, nodes):
    """Add words, read from their beginnings or their ends; give how many nodes there are then.

    Parameters
    ----------
    numbers : array of int64
        One a word, not negative.
    tree : arrays
        Slots and their shift, the node of each character of the basic plane that begins a word,
        and the number of the word that ends at each node, or -1.
    nodes : int
        How many there are.
    """
    slots, shift, roots, ends = tree
    for word in range(len(begins)):
        node = np.int64(0)
        for step in range(lengths[word]):
            at = begins[word] + (lengths[word] - 1 - step if backwards else step)
            below, slot = find_child(slots, shift, node, points[at])
            if below < 0:
                below, nodes = np.int64(nodes), nodes + 1
                key = (np.int64(node) << CODE_BITS) | np.int64(points[at])
                slots[slot] = (key << NODE_BITS) | below
                if node == 0 and points[at] < len(roots):
                    roots[points[at]] = below
            node = below
        ends[node] = numbers[word]
    return nodes
