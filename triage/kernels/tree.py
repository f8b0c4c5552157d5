"""A tree of words, walked character by character.

Each slot of its table packs a node, a character and the node to which that character leads.
"""

from __future__ import annotations

import numpy as np

from triage.kernels.ahead import fetch
from triage.kernels.tables import CODE_BITS, MULTIPLIER, jit

# A node and a character are the key, the node behind them the value: 63 bits in all.
NODE_BITS = 21
# So many more bits than slots tell which of them are taken.
FINER = 1
_CHILD = (1 << NODE_BITS) - 1


@jit
def spread(node, point):
    """Give the key of a node and a character, and that key spread over 64 bits."""
    key = (np.int64(node) << CODE_BITS) | np.int64(point)
    return key, np.uint64(key) * MULTIPLIER


@jit
def find_key(slots, slot, key):
    """Give the node that a key leads to, or -1, and the slot where that is written."""
    mask = len(slots) - 1
    while slots[slot] != -1:
        if slots[slot] >> NODE_BITS == key:
            return slots[slot] & _CHILD, slot
        slot = (slot + 1) & mask
    return np.int64(-1), slot


@jit
def home(tree, node, point):
    """Give the key of a node and a character, and its slot, or -1 where it leads nowhere."""
    key, wide = spread(node, point)
    homes, shift = tree[4], tree[1]
    bit = np.int64(wide >> np.uint64(shift - FINER))
    if not homes[bit >> 3] & (1 << (bit & 7)):
        return key, np.int64(-1)
    return key, np.int64(wide >> np.uint64(shift))


@jit
def child(tree, node, point):
    """Give the node that a character leads to, or -1."""
    roots = tree[2]
    # Most characters lead nowhere: small tables, which stay near the processor, tell so.
    if node == 0 and point < len(roots):
        return np.int64(roots[point])
    key, slot = home(tree, node, point)
    return find_key(tree[0], slot, key)[0] if slot >= 0 else np.int64(-1)


@jit
def look_ahead(points, begin, end, step, tree, values, firsts, seconds):
    """Find the nodes of each character and of it with its neighbour; fetch what is asked next.

    `firsts` and `seconds` get -1 where there is none, and are counted from `begin`. The neighbour
    stands `step` further; `values` are what is asked of a node.
    """
    slots = tree[0]
    for at in range(begin, end):
        first, slot = child(tree, np.int64(0), points[at]), np.int64(-1)
        if first >= 0:
            fetch(values, first)
            if begin <= at + step < end:
                slot = home(tree, first, points[at + step])[1]
            if slot >= 0:
                fetch(slots, slot)
        firsts[at - begin], seconds[at - begin] = first, slot
    for at in range(begin, end):
        slot = seconds[at - begin]
        if slot < 0:
            continue
        key = spread(firsts[at - begin], points[at + step])[0]
        second = find_key(slots, slot, key)[0]
        seconds[at - begin] = second
        if second >= 0:
            fetch(values, second)
            if begin <= at + 2 * step < end:
                slot = home(tree, second, points[at + 2 * step])[1]
                if slot >= 0:
                    fetch(slots, slot)


@jit
def plant(points, begins, lengths, numbers, backwards, tree, nodes):
    """Add words, read from their beginnings or their ends; give how many nodes there are then.

    Parameters
    ----------
    numbers : array of int64
        One a word, not negative.
    tree : arrays
        See `triage.tree.WordTree`.
    nodes : int
        How many there are.
    """
    slots, shift, roots, ends, homes = tree
    # The first characters of all words are the first nodes, which lie side by side.
    for whole in range(2):
        for word in range(len(begins)):
            node = np.int64(0)
            for step in range(lengths[word] if whole else min(1, lengths[word])):
                at = begins[word] + (lengths[word] - 1 - step if backwards else step)
                key, wide = spread(node, points[at])
                below, slot = find_key(slots, np.int64(wide >> np.uint64(shift)), key)
                if below < 0:
                    below, nodes = np.int64(nodes), nodes + 1
                    slots[slot] = (key << NODE_BITS) | below
                    bit = np.int64(wide >> np.uint64(shift - FINER))
                    homes[bit >> 3] |= 1 << (bit & 7)
                    if node == 0 and points[at] < len(roots):
                        roots[points[at]] = below
                node = below
            if whole:
                ends[node] = numbers[word]
    return nodes
