"""Loops that turn a linear model's scores into phrases."""

from __future__ import annotations

from triage.kernels.tables import jit

_SAME = 1e-9
_FEW = 2


@jit
def push_characters(bounds, features, starts, ends, shares, rows, columns, scale, steps):
    """Share each occurrence's push among its characters, as differences of neighbours."""
    for doc in range(len(bounds) - 1):
        column = columns[doc]
        for o in range(bounds[doc], bounds[doc + 1]):
            push = shares[o] * rows[features[o], column] / scale / (ends[o] - starts[o])
            steps[starts[o]] += push
            steps[ends[o]] -= push


@jit
def sum_documents(begins, lengths, steps):
    """Turn differences into values, each document by itself."""
    for doc in range(len(begins)):
        value, end = 0.0, begins[doc] + lengths[doc]
        for at in range(begins[doc], end):
            value += steps[at]
            steps[at] = value
        steps[end] = 0.0


@jit
def is_readable(points, start, end, alnum):
    """Whether a word holds a letter, a digit or a Chinese character."""
    for at in range(start, end):
        if points[at] >= len(alnum) or alnum[points[at]]:
            return True
    return False


@jit
def pushing_words(points, begin, own, alnum, weights, sums):
    """Sum the characters' weights by word; give what pushed, and the level that counts."""
    total, positive, at = 0.0, 0, begin
    for word in range(len(own)):
        sums[word] = 0.0
        start = at
        at += own[word]
        for place in range(start, at):
            sums[word] += weights[place]
        if sums[word] > 0.0:
            total += sums[word]
            positive += 1
    level = total / max(positive, 1) / 2.0
    at = begin
    for word in range(len(own)):
        start = at
        at += own[word]
        if sums[word] <= level or not is_readable(points, start, at, alnum):
            sums[word] = 0.0
    return total


@jit
def best_phrases(own, sums, least, out, first, most):
    """Write the strongest runs of pushing words to `out`, strongest first; give the next place."""
    starts, ends, strengths = out
    found, at, run_start, strength = first, 0, 0, 0.0
    for word in range(len(own) + 1):
        pushes = word < len(own) and sums[word] > 0.0
        if pushes:
            if strength == 0.0:
                run_start = at
            strength += sums[word]
        elif strength > 0.0:
            if strength >= least:
                place = found
                # Equals stand in the order of the text, whatever their last bits.
                while place > first and strengths[place - 1] < strength - _SAME:
                    place -= 1
                if place < first + most:
                    found = min(found + 1, first + most)
                    for later in range(found - 1, place, -1):
                        starts[later], ends[later] = starts[later - 1], ends[later - 1]
                        strengths[later] = strengths[later - 1]
                    starts[place], ends[place], strengths[place] = run_start, at, strength
            strength = 0.0
        if word < len(own):
            at += own[word]
    return found


@jit
def find_phrases(points, begins, words, alnum, weights, share, most, out):
    """Merge weights of characters into phrases of whole words; see `triage.explain.phrases`."""
    sizes, word_bounds = words
    bounds, starts, ends, strengths, sums = out
    told = starts, ends, strengths
    found = 0
    for doc in range(len(begins)):
        own = sizes[word_bounds[doc] : word_bounds[doc + 1]]
        total = pushing_words(points, begins[doc], own, alnum, weights, sums)
        first = found
        found = best_phrases(own, sums, share * total, told, first, most)
        if found == first:
            # A long text may push with many small things: the greatest of them is told.
            found = best_phrases(own, sums, 0.0, told, first, min(most, _FEW))
        bounds[doc + 1] = found
    return found
