"""Many words found at once, and the concepts they stand for."""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import jit
from triage.kernels.tree import child, look_ahead

_START_BITS, _LENGTH_BITS = 28, 12
LETTER, DIGIT = 1, 2


@jit
def find_words(points, begins, lengths, tree, out):
    """Find every place of every word, by its end, at one end the longest first.

    `tree` is `triage.tree.WordTree.arrays`, read backwards. `out` are bounds by text, words,
    starts and ends, and room for four nodes a character of the longest text. Gives how many there
    are; beyond the room none is written.
    """
    words = tree[3]
    bounds, found_words, starts, ends, nodes = out
    found, room = 0, len(found_words)
    for doc in range(len(begins)):
        size, begin = lengths[doc], begins[doc]
        look_ahead(points, begin + size - 1, size, -1, tree, words, nodes)
        for end in range(1, size + 1):
            first, at, node = found, end, np.int64(0)
            while at > 0 and node >= 0:
                at -= 1
                if end - at <= 3:
                    node = nodes[end - at - 1][size - end]
                else:
                    node = child(tree, node, points[begin + at])
                if node >= 0 and words[node] >= 0:
                    if found < room:
                        found_words[found], starts[found], ends[found] = words[node], at, end
                    found += 1
            low, high = first, min(found, room) - 1
            while low < high:
                found_words[low], found_words[high] = found_words[high], found_words[low]
                starts[low], starts[high] = starts[high], starts[low]
                low, high = low + 1, high - 1
        bounds[doc + 1] = found
    return found


@jit
def is_kind(point, kind):
    """Whether a character is a small letter, or a digit."""
    if kind == LETTER:
        return 97 <= point <= 122
    return kind == DIGIT and 48 <= point <= 57


@jit
def runs_on(points, begin, length, start, end, before, behind):
    """Whether a letter or digit at a word's edge goes on in the text around it."""
    if before and start > 0 and is_kind(points[begin + start - 1], before):
        return True
    return behind != 0 and end < length and is_kind(points[begin + end], behind)


@jit
def opened_at(points, begin, words, starts, ends, valid, first, at, head, gap, stops):
    """Give the start of the nearest `head` before a hit, or -1: near, and in its sentence."""
    start = starts[at]
    for before in range(at - 1, first - 1, -1):
        if ends[before] < start - gap:
            break
        if words[before] != head or not valid[before] or ends[before] > start:
            continue
        for place in range(begin + ends[before], begin + start):
            for stop in stops:
                if points[place] == stop:
                    return -1
        return starts[before]
    return -1


@jit
def put_in_order(numbers, size):
    """Sort the first `size` numbers, in steps that become smaller."""
    step = 1
    while 3 * step < size:
        step = 3 * step + 1
    while step > 0:
        for at in range(step, size):
            value, place = numbers[at], at
            while place >= step and numbers[place - step] > value:
                numbers[place] = numbers[place - step]
                place -= step
            numbers[place] = value
        step //= 3


@jit
def longest_hits(packed, size, concepts, starts, ends, found):
    """Keep of the overlapping hits of each concept the longest; drop what is cancelled."""
    mask = (1 << _LENGTH_BITS) - 1
    put_in_order(packed, size)
    kept_concept, kept_start, kept_end, kept_cancels = np.int64(-1), 0, 0, False
    for place in range(size + 1):
        if place < size:
            hit = packed[place]
            concept = hit >> (_START_BITS + _LENGTH_BITS + 1)
            start = (hit >> (_LENGTH_BITS + 1)) & ((1 << _START_BITS) - 1)
            end = start + ((hit >> 1) & mask)
            if concept == kept_concept and start < kept_end:
                if end - start > kept_end - kept_start:
                    kept_start, kept_end, kept_cancels = start, end, bool(hit & 1)
                continue
        if kept_concept >= 0 and not kept_cancels:
            concepts[found], starts[found], ends[found] = kept_concept, kept_start, kept_end
            found += 1
        if place < size:
            kept_concept, kept_start, kept_end = concept, start, end
            kept_cancels = bool(hit & 1)
    return found


@jit
def find_concepts(points, begins, lengths, hits, meaning, gap, stops, out):
    """Turn hits of words into concepts; see `triage.concepts.ConceptFinder`.

    Parameters
    ----------
    hits : arrays
        Bounds by document, words, starts and ends, as `find_words` gives them.
    meaning : arrays
        One row a word (whether a letter or digit must not go on before and behind it, from and to
        which row its meanings stand, and the patterns that it closes); rows (concept, cancels) of
        meanings; rows (head, concept, cancels) of patterns.
    out : arrays
        Bounds by document, concepts, starts and ends, and room to work in: one place a hit, and
        as many as the meanings and patterns of a document's hits.
    """
    bounds, words, starts, ends = hits
    facts, meant, closed = meaning
    out_bounds, concepts, firsts, lasts, valid, packed = out
    found = 0
    for doc in range(len(begins)):
        size, first, begin = 0, bounds[doc], begins[doc]
        for at in range(first, bounds[doc + 1]):
            word, start, end = words[at], starts[at], ends[at]
            before, behind = facts[word, 0], facts[word, 1]
            valid[at] = not runs_on(points, begin, lengths[doc], start, end, before, behind)
            if not valid[at]:
                continue
            for row in range(facts[word, 2], facts[word, 3]):
                packed[size] = pack(meant[row, 0], start, end, meant[row, 1])
                size += 1
            for row in range(facts[word, 4], facts[word, 5]):
                head = closed[row, 0]
                opened = opened_at(
                    points, begin, words, starts, ends, valid, first, at, head, gap, stops
                )
                if opened >= 0:
                    packed[size] = pack(closed[row, 1], opened, end, closed[row, 2])
                    size += 1
        found = longest_hits(packed, size, concepts, firsts, lasts, found)
        out_bounds[doc + 1] = found
    return found


@jit
def pack(concept, start, end, cancels):
    """Write a hit as one number that sorts by concept and place."""
    place = (np.int64(concept) << _START_BITS) | np.int64(start)
    return (((place << _LENGTH_BITS) | np.int64(end - start)) << 1) | np.int64(cancels)
