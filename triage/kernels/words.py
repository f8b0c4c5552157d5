"""Many words found at once, and the concepts they stand for."""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import jit
from triage.kernels.tree import child

_START_BITS, _LENGTH_BITS = 28, 12
LETTER, DIGIT = 1, 2


@jit
def find_words(points, begins, lengths, tree, out):
    """Find every place of every word, by its end, at one end the longest first.

    `tree` is `triage.tree.WordTree.arrays`, read backwards. Gives how many there are; beyond the
    room of `out` none is written.
    """
    words = tree[3]
    bounds, found_words, starts, ends = out
    found, room = 0, len(found_words)
    for doc in range(len(begins)):
        for end in range(lengths[doc]):
            first, at = found, end
            node = child(tree, np.int64(0), points[begins[doc] + at])
            while node >= 0:
                if words[node] >= 0:
                    if found < room:
                        found_words[found], starts[found], ends[found] = words[node], at, end + 1
                    found += 1
                at -= 1
                if at < 0:
                    break
                node = child(tree, node, points[begins[doc] + at])
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
def runs_on(points, begin, length, start, end, edges):
    """Whether a letter or digit at a word's edge goes on in the text around it."""
    if start > 0 and is_kind(points[begin + start - 1], edges[0]):
        return True
    return end < length and is_kind(points[begin + end], edges[1])


@jit
def opened_at(points, begin, hits, first, at, head, gap, stops):
    """Give the start of the nearest `head` before a hit, or -1: near, and in its sentence."""
    words, starts, ends, valid = hits
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
def longest_hits(packed, out, found):
    """Keep of the overlapping hits of each concept the longest; drop what is cancelled."""
    concepts, starts, ends = out
    first, mask = found, (1 << _LENGTH_BITS) - 1
    packed.sort()
    kept_concept, kept_start, kept_end, kept_cancels = np.int64(-1), 0, 0, False
    for place in range(len(packed) + 1):
        if place < len(packed):
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
        if place < len(packed):
            kept_concept, kept_start, kept_end = concept, start, end
            kept_cancels = bool(hit & 1)
    return found if found > first else first


@jit
def find_concepts(points, begins, lengths, hits, meaning, gap, stops, out):
    """Turn hits of words into concepts; see `triage.concepts.ConceptFinder`.

    Parameters
    ----------
    hits : arrays
        Bounds by document, words, starts and ends, as `find_words` gives them.
    meaning : arrays
        `edges` (n_words, 2); bounds by word and rows (concept, cancels) of meanings; bounds by
        word and rows (head, concept, cancels) of the patterns that it closes.
    out : arrays
        Bounds by document, concepts, starts and ends; room for what `packed` can hold.
    """
    bounds, words, starts, ends = hits
    edges, meant_bounds, meant, closed_bounds, closed = meaning
    valid = np.empty(len(words), dtype=np.bool_)
    packed = np.empty(len(out[1]), dtype=np.int64)
    found = 0
    for doc in range(len(begins)):
        size, first = 0, bounds[doc]
        for at in range(first, bounds[doc + 1]):
            word, start, end = words[at], starts[at], ends[at]
            valid[at] = not runs_on(points, begins[doc], lengths[doc], start, end, edges[word])
            if not valid[at]:
                continue
            for row in range(meant_bounds[word], meant_bounds[word + 1]):
                packed[size] = pack(meant[row, 0], start, end, meant[row, 1])
                size += 1
            for row in range(closed_bounds[word], closed_bounds[word + 1]):
                seen = words, starts, ends, valid
                head = closed[row, 0]
                begin = opened_at(points, begins[doc], seen, first, at, head, gap, stops)
                if begin >= 0:
                    packed[size] = pack(closed[row, 1], begin, end, closed[row, 2])
                    size += 1
        found = longest_hits(packed[:size], out[1:], found)
        out[0][doc + 1] = found


@jit
def pack(concept, start, end, cancels):
    """Write a hit as one number that sorts by concept and place."""
    place = (np.int64(concept) << _START_BITS) | np.int64(start)
    return (((place << _LENGTH_BITS) | np.int64(end - start)) << 1) | np.int64(cancels)
