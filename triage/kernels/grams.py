"""Grams of characters and words, and the scores of a linear model over them."""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import CODE_BITS, MULTIPLIER, SPREAD, jit, look_up

_SPACE = 32
# In numbers of four bytes; rows are so long or longer.
_CACHE_LINE = 16
_SEED, _PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)
_ONE, _HALF, _ROTATE = np.uint64(1), np.uint64(32), np.uint64(0xC2B2AE3D27D4EB4F)


@jit
def fold_digits(points):
    """Make every ASCII digit a zero and every line break a space."""
    for i in range(len(points)):
        if 49 <= points[i] <= 57:
            points[i] = 48
        elif points[i] == 10:
            points[i] = 32


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
def word_grams(points, begins, words, white, table, out):
    """Find words and pairs of neighbours, passing over words of white space."""
    sizes, word_bounds = words
    slots, shift = table
    bounds, features, starts, ends = out
    found = 0
    for doc in range(len(begins)):
        at, before, before_start = begins[doc], np.uint64(0), -1
        for word in range(word_bounds[doc], word_bounds[doc + 1]):
            start = at
            at += sizes[word]
            if is_white(points, start, at, white):
                continue
            own = hash_word(points, start, at)
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
def count_features(features, keys, counts, cells, places):
    """Count the features of one document in a small table of its own; give how many differ.

    `keys` is -1 where a slot is free; `cells` gets the slots in the order of the text, `places`
    the slot of each occurrence.
    """
    mask = len(keys) - 1
    found = 0
    for o in range(len(features)):
        slot = (features[o] * SPREAD) & mask
        while keys[slot] != -1 and keys[slot] != features[o]:
            slot = (slot + 1) & mask
        if keys[slot] == -1:
            keys[slot], counts[slot] = features[o], 0
            cells[found] = slot
            found += 1
        counts[slot] += 1
        places[o] = slot
    return found


@jit
def weigh_document(rows, keys, counts, cells, shares, sums):
    """Weigh the cells of one document by sublinear TF-IDF and sum its scores."""
    norm, touched = 0.0, np.float32(0.0)
    for slot in cells:
        shares[slot] = rows[keys[slot], 0]
        # The rest of a row begins its way from memory here, where nothing waits for it.
        touched += rows[keys[slot], min(_CACHE_LINE, rows.shape[1] - 1)]
        if counts[slot] > 1:
            shares[slot] *= 1.0 + np.log(counts[slot])
        norm += shares[slot] * shares[slot]
    norm = np.sqrt(norm)
    sums[:] = 0.0
    for slot in cells:
        value = shares[slot] / norm
        row = rows[keys[slot]]
        for column in range(len(sums)):
            sums[column] += value * row[column + 1]
        shares[slot] = value / counts[slot]
    return touched


@jit
def weigh(bounds, features, rows, shares, totals):
    """Add each document's scores to `totals`.

    `rows` hold the idf of a feature, then its weights; `shares[o]` becomes the value of an
    occurrence's feature over its number of occurrences.
    """
    most = 1
    for doc in range(len(bounds) - 1):
        most = max(most, bounds[doc + 1] - bounds[doc])
    size = 16
    while size < 2 * most:
        size *= 2
    keys, counts = np.full(size, -1, dtype=np.int64), np.empty(size, dtype=np.int64)
    cells, places = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    values, sums = np.empty(size), np.empty(totals.shape[1])
    for doc in range(len(bounds) - 1):
        own = features[bounds[doc] : bounds[doc + 1]]
        found = count_features(own, keys, counts, cells, places)
        weigh_document(rows, keys, counts, cells[:found], values, sums)
        totals[doc] += sums
        for o in range(len(own)):
            shares[bounds[doc] + o] = values[places[o]]
        for slot in cells[:found]:
            keys[slot] = -1
