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
def look_ahead(points, start, size, step, tree, values, nodes):
    """Find the nodes of each character, of it and the next, and of three; fetch their values.

    All places of one length are asked for before the first is read, and few of them lead further:
    which do is counted, not branched on, since nobody can guess it.

    Parameters
    ----------
    start, size, step : int
        Place `i` of `size` is `points[start + step * i]`; the next ones stand behind it.
    values : array
        What will be asked of a node.
    nodes : four arrays of int64
        The three nodes of each place, -1 where there is none; the last is to work in.
    """
    firsts, seconds, thirds, going = nodes
    for i in range(size):
        node = child(tree, np.int64(0), points[start + step * i])
        firsts[i], seconds[i], thirds[i], going[i] = node, -1, -1, i
        if node >= 0:
            fetch(values, node)
    few = lead_on(points, start, size, step, 1, tree, firsts, going, size)
    few = follow(points, start, step, 1, tree, values, (firsts, seconds), going, few)
    few = lead_on(points, start, size, step, 2, tree, seconds, going, few)
    follow(points, start, step, 2, tree, values, (seconds, thirds), going, few)


@jit
def lead_on(points, start, size, step, depth, tree, nodes, going, count):
    """Keep the places whose nodes may lead on to the character `depth` further; count them."""
    slots, shift, _, _, homes = tree
    kept = 0
    for at in range(count):
        i = going[at]
        if nodes[i] < 0 or i + depth >= size:
            continue
        wide = spread(nodes[i], points[start + step * (i + depth)])[1]
        bit = np.int64(wide >> np.uint64(shift - FINER))
        fetch(slots, np.int64(wide >> np.uint64(shift)))
        going[kept] = i
        kept += (homes[bit >> 3] >> (bit & 7)) & 1
    return kept


@jit
def follow(points, start, step, depth, tree, values, nodes, going, count):
    """Find the nodes that places lead on to; keep and count those that have one."""
    slots, shift = tree[0], tree[1]
    kept = 0
    for at in range(count):
        i = going[at]
        key, wide = spread(nodes[0][i], points[start + step * (i + depth)])
        node = find_key(slots, np.int64(wide >> np.uint64(shift)), key)[0]
        nodes[1][i], going[kept] = node, i
        if node >= 0:
            fetch(values, node)
            kept += 1
    return kept


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
