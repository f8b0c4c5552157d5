"""Which rules the words of a narrative open, and where."""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import jit


@jit
def open_rules(hits, demands, points, out):
    """Find the rules all of whose demands are met, and the stretches in which they may match.

    Parameters
    ----------
    hits : arrays of int64 (n + 1,), (m,), (m,) and (m,)
        Words seen, document by document: bounds, and of each its number, start and end.
    demands : tuple
        uint64 (n_words, n_planes, n_blocks): one bit a rule, whether the word meets the demand
        of that plane, triggers first; uint64 (n_planes, n_blocks): rules without a demand in that
        plane; the same: rules whose demand must be met in the stretch itself; int64 (n_words + 1,)
        and (p,): rules of which a word is a trigger, word by word.
    points : arrays (k,), (n,), (n,) and (s,), and int
        Code points, where texts begin, how long they are; the code points that end a sentence,
        and how far from a trigger a rule may match.
    out : arrays (n + 1,), (room,), (room,), (room,), (n_planes, n_blocks) and (n_blocks,)
        Bounds by document, rules, low and high ends of the stretches; two to work in. Rules stand
        in the order of their first triggers.

    Returns
    -------
    int
        How many there are; beyond the room none is written.
    """
    bounds, words = hits[0], hits[1]
    _, _, _, owned, rules = demands
    out_bounds, opened, found, one = out[0], out[5], 0, np.uint64(1)
    for doc in range(len(bounds) - 1):
        meet(words, bounds[doc], bounds[doc + 1], demands, out[4], opened)
        for hit in range(bounds[doc], bounds[doc + 1]):
            for place in range(owned[words[hit]], owned[words[hit] + 1]):
                rule = rules[place]
                bit = one << np.uint64(rule & 63)
                if opened[rule >> 6] & bit:
                    opened[rule >> 6] ^= bit
                    found = stretches(rule, doc, hit, (hits, demands, points), out, found)
        out_bounds[doc + 1] = found
    return found


@jit
def meet(words, first, last, demands, met, opened):
    """Tell by one bit each which rules have all their demands met by the words of a document."""
    meets, asks_nothing = demands[0], demands[1]
    planes, blocks = asks_nothing.shape
    for plane in range(planes):
        for block in range(blocks):
            met[plane, block] = asks_nothing[plane, block]
    for hit in range(first, last):
        for plane in range(planes):
            for block in range(blocks):
                met[plane, block] |= meets[words[hit], plane, block]
    for block in range(blocks):
        opened[block] = met[0, block]
        for plane in range(1, planes):
            opened[block] &= met[plane, block]


@jit
def stretches(rule, doc, first, known, out, found):
    """Write the stretches of a rule in a document, from the first hit that is its trigger.

    Triggers of one sentence that stand close together are in one stretch.
    """
    hits, demands, points = known
    last, ends, reach = hits[0][doc + 1], hits[3], points[4]
    low, high, before = 0, 0, 0
    for hit in range(first, last):
        if not asked(demands[0][hits[1][hit], 0], rule):
            continue
        end = ends[hit]
        floor = sentence_begin(points, doc, end)
        fresh = floor >= before and ends_sentence(points, doc, floor)
        if high and (fresh or end - reach > high):
            found = keep(rule, doc, low, high, known, out, found)
            high = 0
        if not high:
            low = floor
        high, before = sentence_end(points, doc, end), end
    return keep(rule, doc, low, high, known, out, found)


@jit
def keep(rule, doc, low, high, known, out, found):
    """Write a stretch in which the words stand that must stand there; counts it."""
    hits, demands, _ = known
    bounds, words, starts, ends = hits
    for plane in range(1, demands[2].shape[0]):
        if not asked(demands[2][plane], rule):
            continue
        seen = False
        for hit in range(bounds[doc], bounds[doc + 1]):
            if ends[hit] > high:
                break
            if starts[hit] >= low and asked(demands[0][words[hit], plane], rule):
                seen = True
                break
        if not seen:
            return found
    if found < len(out[1]):
        out[1][found], out[2][found], out[3][found] = rule, low, high
    return found + 1


@jit
def asked(blocks, rule):
    """Tell whether the bit of a rule is set."""
    return blocks[rule >> 6] >> np.uint64(rule & 63) & np.uint64(1)


@jit
def ends_sentence(points, doc, at):
    """Tell whether a sentence ends before the character at `at`."""
    codes, begins, _, stops, _ = points
    for stop in stops:
        if at and codes[begins[doc] + at - 1] == stop:
            return True
    return False


@jit
def sentence_begin(points, doc, end):
    """Give where the sentence of what ends at `end` begins, no further away than the reach."""
    low = max(0, end - points[4])
    for at in range(end - 1, low, -1):
        if ends_sentence(points, doc, at):
            return at
    return low


@jit
def sentence_end(points, doc, end):
    """Give where that sentence ends, no further away than the reach; its stop is part of it."""
    high = min(points[2][doc], end + points[4])
    for at in range(end, high):
        if ends_sentence(points, doc, at):
            return at
    return high
