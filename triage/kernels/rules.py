"""Which rules the words of a narrative open."""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import jit


@jit
def open_rules(words, bounds, meets, asks_nothing, own, out):
    """Find the rules all of whose demands are met, and the hits that are their triggers.

    Parameters
    ----------
    words : array of int64
        Words seen, document by document.
    bounds : array of int64, length n + 1
        Words of document i stand from `bounds[i]` to `bounds[i + 1]`.
    meets : array of uint64 (n_words, n_planes, n_blocks)
        One bit a rule: whether the word meets the demand of that plane.
    asks_nothing : array of uint64 (n_planes, n_blocks)
        Rules without a demand in that plane.
    own : arrays (n_words + 1,) and (m,)
        Rules of which a word is a trigger, word by word.
    out : arrays (n + 1,), (room,), (room,), (n_planes, n_blocks) and (n_blocks,)
        Bounds by document, rules, and places of the triggers in `words`; two to work in.

    Returns
    -------
    int
        How many there are; beyond the room none is written.
    """
    owned, rules = own
    out_bounds, out_rules, out_places, met, opened = out
    planes, blocks = asks_nothing.shape
    one, found = np.uint64(1), 0
    for doc in range(len(bounds) - 1):
        for plane in range(planes):
            for block in range(blocks):
                met[plane, block] = asks_nothing[plane, block]
        for hit in range(bounds[doc], bounds[doc + 1]):
            for plane in range(planes):
                for block in range(blocks):
                    met[plane, block] |= meets[words[hit], plane, block]
        for block in range(blocks):
            opened[block] = met[0, block]
            for plane in range(1, planes):
                opened[block] &= met[plane, block]
        for hit in range(bounds[doc], bounds[doc + 1]):
            for place in range(owned[words[hit]], owned[words[hit] + 1]):
                rule = rules[place]
                if opened[rule >> 6] >> np.uint64(rule & 63) & one:
                    if found < len(out_rules):
                        out_rules[found], out_places[found] = rule, hit
                    found += 1
        out_bounds[doc + 1] = found
    return found
