"""Loops that turn a linear model's scores into phrases."""

from __future__ import annotations

from triage.kernels.tables import jit

# What characters are; `triage.explain` says which.
READABLE, NUMERAL, MORE, UNIT, SLIGHT, MATTER, NOT, ASPECT = (1 << bit for bit in range(8))

_SAME = 1e-9
_FEW = 2
_SHORT = 2


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
def kind_of(points, at, kinds):
    """Give what a character is; beyond the table all is readable."""
    return kinds[points[at]] if points[at] < len(kinds) else READABLE


@jit
def any_of(points, start, end, kinds, kind):
    """Whether any character of a word is of a kind."""
    for at in range(start, end):
        if kind_of(points, at, kinds) & kind:
            return True
    return False


@jit
def counts_on(points, at, size, last, kinds):
    """Whether a numeral, or what it counts, goes on in a word; `last` stands before it."""
    first = kind_of(points, at, kinds)
    if first & (READABLE | UNIT) == 0:
        # A point or comma between digits; behind each text stands a line break.
        next_one = kind_of(points, at + 1, kinds)
        return size == 1 and first & MORE != 0 and last & next_one & NUMERAL != 0
    if first & NUMERAL:
        return last & (NUMERAL | MORE | UNIT) != 0
    return first & (MORE | UNIT) != 0 and last & (NUMERAL | MORE) != 0


@jit
def joins(points, start, at, size, kinds):
    """Whether a word belongs to what began at `start`."""
    own = kind_of(points, start, kinds)
    if own & NUMERAL and counts_on(points, at, size, kind_of(points, at - 1, kinds), kinds):
        return True
    if at - start > 1 or own & READABLE == 0:
        return False
    if own & NOT:
        return kind_of(points, at, kinds) & READABLE != 0
    if own & SLIGHT or size > _SHORT:
        return False
    # A verb of one character and what came of it: 扣 了, 登 不上.
    for place in range(at, at + size):
        if kind_of(points, place, kinds) & ASPECT == 0:
            return False
    return True


@jit
def join_words(points, begin, own, kinds, joined):
    """Join the words of numerals, of short verbs with 了 and of 不 with its verb.

    Writes their sizes to `joined`; gives how many are left.
    """
    count, start, at = 0, begin, begin
    for word in range(len(own)):
        if at > start and not joins(points, start, at, own[word], kinds):
            joined[count] = at - start
            count, start = count + 1, at
        at += own[word]
    if at > start:
        joined[count] = at - start
        count += 1
    return count


@jit
def pushing_words(points, begin, own, kinds, weights, sums, pushes):
    """Sum the characters' weights by word, and mark those that push; give what pushed in all."""
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
        pushes[word] = sums[word] > level and any_of(points, start, at, kinds, READABLE)
    return total


@jit
def is_lone(points, at, word, own, kinds, kind):
    """Whether a word is one character, and of a kind."""
    return own[word] == 1 and kind_of(points, at, kinds) & kind != 0


@jit
def grow_phrases(points, begin, own, kinds, pushes):
    """Drop slight characters at the edges of phrases, and let a lone character take a neighbour.

    It takes the word behind it, else that before it; neither is punctuation or slight.
    """
    at = begin
    for word in range(len(own)):
        if pushes[word] and (word == 0 or not pushes[word - 1]):
            pushes[word] = not is_lone(points, at, word, own, kinds, SLIGHT | NUMERAL)
        at += own[word]
    last = len(own) - 1
    for word in range(last, -1, -1):
        at -= own[word]
        if pushes[word] and (word == last or not pushes[word + 1]):
            pushes[word] = not is_lone(points, at, word, own, kinds, SLIGHT | NUMERAL)
    for word in range(len(own)):
        after = at + own[word]
        lone = pushes[word] and own[word] == 1 and not is_lone(points, at, word, own, kinds, MATTER)
        before = lone and word > 0 and pushes[word - 1]
        if lone and not before and (word == last or not pushes[word + 1]):
            if word < last and is_whole(points, after, own[word + 1], kinds):
                pushes[word + 1] = True
            elif word > 0 and is_whole(points, at - own[word - 1], own[word - 1], kinds):
                pushes[word - 1] = True
        at = after


@jit
def is_whole(points, start, size, kinds):
    """Whether a word can stand beside a lone character: it can be read, and is not slight."""
    if size == 1:
        return kind_of(points, start, kinds) & (READABLE | SLIGHT) == READABLE
    return any_of(points, start, start + size, kinds, READABLE)


@jit
def best_phrases(own, sums, pushes, least, out, first, most):
    """Write the strongest runs of marked words to `out`, strongest first; give the next place."""
    starts, ends, strengths = out
    found, at, run_start, strength, runs = first, 0, 0, 0.0, False
    for word in range(len(own) + 1):
        if word < len(own) and pushes[word]:
            if not runs:
                run_start, strength, runs = at, 0.0, True
            strength += sums[word]
        elif runs:
            runs = False
            if strength > 0.0 and strength >= least:
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
        if word < len(own):
            at += own[word]
    return found


@jit
def find_phrases(points, begins, words, kinds, weights, share, most, out):
    """Merge weights of characters into phrases of whole words; see `triage.explain.phrases`."""
    sizes, word_bounds = words
    bounds, starts, ends, strengths, (joined, sums, pushes) = out
    told = starts, ends, strengths
    found = 0
    for doc in range(len(begins)):
        begin = begins[doc]
        given = sizes[word_bounds[doc] : word_bounds[doc + 1]]
        own = joined[: join_words(points, begin, given, kinds, joined)]
        total = pushing_words(points, begin, own, kinds, weights, sums, pushes)
        first = found
        grow_phrases(points, begin, own, kinds, pushes)
        found = best_phrases(own, sums, pushes, share * total, told, first, most)
        if found == first:
            # A long text may push with many small things: the greatest of them is told.
            found = best_phrases(own, sums, pushes, 0.0, told, first, min(most, _FEW))
        if found == first:
            # Nothing but slight characters pushed.
            pushing_words(points, begin, own, kinds, weights, sums, pushes)
            found = best_phrases(own, sums, pushes, 0.0, told, first, min(most, _FEW))
        bounds[doc + 1] = found
    return found
