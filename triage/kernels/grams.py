"""Grams of characters and words, and the scores of a linear model over them."""

from __future__ import annotations

import numpy as np

from triage.kernels.ahead import fetch
from triage.kernels.tables import CODE_BITS, MULTIPLIER, SPREAD, jit, look_up, slot_of

_SPACE = 32
# In numbers of four bytes.
_CACHE_LINE = 16
_SEED, _PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)
_ONE, _HALF, _ROTATE = np.uint64(1), np.uint64(32), np.uint64(0xC2B2AE3D27D4EB4F)


@jit
def pack_gram(points, start, end):
    """Pack up to three characters into one key."""
    key = np.int64(0)
    for at in range(start, end):
        key = (key << CODE_BITS) | (np.int64(points[at]) + 1)
    return key


@jit
def char_keys(points, begins, lengths, keys):
    """Give the key of each gram of a vocabulary."""
    for i in range(len(begins)):
        keys[i] = pack_gram(points, begins[i], begins[i] + lengths[i])


@jit
def char_grams(points, begins, lengths, longest, closed, table, out):
    """Find grams of one to `longest` characters; `closed` tables hold every gram's beginning."""
    slots, shift = table
    bounds, features, starts, ends = out
    found = 0
    for doc in range(len(begins)):
        end = begins[doc] + lengths[doc]
        for start in range(begins[doc], end):
            key = np.int64(0)
            for at in range(start, min(start + longest, end)):
                key = (key << CODE_BITS) | (np.int64(points[at]) + 1)
                fetch(slots, 2 * slot_of(key, shift))
        for start in range(begins[doc], end):
            key = np.int64(0)
            for at in range(start, min(start + longest, end)):
                key = (key << CODE_BITS) | (np.int64(points[at]) + 1)
                feature = look_up(key, slots, shift)
                if feature >= 0:
                    features[found], starts[found], ends[found] = feature, start, at + 1
                    found += 1
                elif closed:
                    break
        bounds[doc + 1] = found
    return found


@jit
def hash_word(points, start, end):
    """Give a number of 64 bits for a word."""
    state = _SEED
    for at in range(start, end):
        state = (state ^ np.uint64(points[at])) * _PRIME
    return state ^ (state >> _HALF)


@jit
def single_key(word):
    """Give the key of a word by its hash; keys are not negative."""
    return np.int64(word >> _ONE)


@jit
def pair_key(first, second):
    """Give the key of two neighbouring words by their hashes."""
    mixed = (first * _ROTATE ^ second) * MULTIPLIER
    return np.int64((mixed ^ (mixed >> _HALF)) >> _ONE)


@jit
def word_keys(points, begins, lengths, keys):
    """Give the key of each word, or pair with one space between, of a vocabulary."""
    for i in range(len(begins)):
        start, end = begins[i], begins[i] + lengths[i]
        middle = start
        while middle < end and points[middle] != _SPACE:
            middle += 1
        keys[i] = single_key(hash_word(points, start, middle))
        if middle < end:
            second = hash_word(points, middle + 1, end)
            keys[i] = pair_key(hash_word(points, start, middle), second)


@jit
def is_white(points, start, end, white):
    """Whether a word is white space alone."""
    for at in range(start, end):
        if points[at] >= len(white) or not white[points[at]]:
            return False
    return True


@jit
def fetch_words(points, begin, words, doc, table, hashes):
    """Hash the words of a document, and fetch where they and their pairs are looked for."""
    sizes, word_bounds = words
    slots, shift = table
    at, before = begin, np.uint64(0)
    for word in range(word_bounds[doc], word_bounds[doc + 1]):
        own = hash_word(points, at, at + sizes[word])
        at += sizes[word]
        fetch(slots, 2 * slot_of(single_key(own), shift))
        fetch(slots, 2 * slot_of(pair_key(before, own), shift))
        hashes[word], before = own, own


@jit
def word_grams(points, begins, words, white, table, out):
    """Find words and pairs of neighbours, passing over words of white space.

    `out` are bounds by text, features, starts and ends, and room for a number of each word.
    """
    sizes, word_bounds = words
    slots, shift = table
    bounds, features, starts, ends, hashes = out
    found = 0
    for doc in range(len(begins)):
        fetch_words(points, begins[doc], words, doc, table, hashes)
        at, before, before_start = begins[doc], np.uint64(0), -1
        for word in range(word_bounds[doc], word_bounds[doc + 1]):
            start, own = at, hashes[word]
            at += sizes[word]
            if is_white(points, start, at, white):
                continue
            feature = look_up(single_key(own), slots, shift)
            if feature >= 0:
                features[found], starts[found], ends[found] = feature, start, at
                found += 1
            if before_start >= 0:
                feature = look_up(pair_key(before, own), slots, shift)
                if feature >= 0:
                    features[found], starts[found], ends[found] = feature, before_start, at
                    found += 1
            before, before_start = own, start
        bounds[doc + 1] = found
    return found


@jit
def join_concepts(said, concepts, positions, begins, out):
    """Put behind what was said in each document the concepts that are features."""
    bounds, features, starts, ends = out
    found = 0
    for doc in range(len(begins)):
        for at in range(said[0][doc], said[0][doc + 1]):
            features[found], starts[found], ends[found] = said[1][at], said[2][at], said[3][at]
            found += 1
        for at in range(concepts[0][doc], concepts[0][doc + 1]):
            feature = positions[concepts[1][at]]
            if feature >= 0:
                features[found] = feature
                starts[found] = begins[doc] + concepts[2][at]
                ends[found] = begins[doc] + concepts[3][at]
                found += 1
        bounds[doc + 1] = found
    return found


@jit
def count_features(features, first, last, rows, width, keys, counts, cells, places):
    """Count the features of one document in a small table of its own; give how many differ.

    `keys` is -1 where a slot is free; `cells` gets the slots in the order of the text, `places`
    the slot of each occurrence. The rows of the features are fetched.
    """
    mask, found = len(keys) - 1, 0
    for o in range(first, last):
        feature = np.int64(features[o])
        slot = (feature * SPREAD) & mask
        while keys[slot] != -1 and keys[slot] != feature:
            slot = (slot + 1) & mask
        if keys[slot] == -1:
            for column in range(0, width, _CACHE_LINE):
                fetch(rows, feature * width + column)
            keys[slot], counts[slot] = feature, 0
            cells[found] = slot
            found += 1
        counts[slot] += 1
        places[o - first] = slot
    return found


@jit
def weigh_document(rows, width, keys, counts, cells, found, shares, sums):
    """Weigh the cells of one document by sublinear TF-IDF and sum its scores."""
    norm = 0.0
    for cell in range(found):
        slot = cells[cell]
        share = np.float64(rows[keys[slot] * width])
        if counts[slot] > 1:
            share *= 1.0 + np.log(counts[slot])
        shares[slot] = share
        norm += share * share
    norm = np.sqrt(norm)
    for cell in range(found):
        slot = cells[cell]
        value, first = shares[slot] / norm, keys[slot] * width
        # The whole row, its idf and what fills it up too: so long that no rest is left.
        for column in range(width):
            sums[column] += value * rows[first + column]
        shares[slot] = value if counts[slot] == 1 else value / counts[slot]


@jit
def weigh(bounds, features, rows, width, shares, totals, room):
    """Add each document's scores to `totals`.

    `rows` hold the idf of a feature, then its weights, `width` numbers in all; `shares[o]` becomes
    the value of an occurrence's feature over its number of occurrences. `room` is to work in: a
    table of twice as many slots as a document has occurrences, a power of two, -1 in each; counts
    and values by slot; slots in two orders; sums by column.
    """
    keys, counts, values, cells, places, sums = room
    for doc in range(len(bounds) - 1):
        first, last = bounds[doc], bounds[doc + 1]
        found = count_features(features, first, last, rows, width, keys, counts, cells, places)
        sums[:] = 0.0
        weigh_document(rows, width, keys, counts, cells, found, values, sums)
        for column in range(totals.shape[1]):
            totals[doc, column] += sums[column + 1]
        for o in range(first, last):
            shares[o] = values[places[o - first]]
        for cell in range(found):
            keys[cells[cell]] = -1
