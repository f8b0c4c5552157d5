"""Grams of characters and words."""

from __future__ import annotations

import numpy as np

from triage.kernels.ahead import fetch
from triage.kernels.tables import CODE_BITS, MULTIPLIER, jit, look_up, slot_of

_SPACE = 32
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
