"""The most likely words of a text, as jieba's dictionary sees them."""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import jit
from triage.kernels.tree import child, look_ahead

_RETURN, _LINE_BREAK = 13, 10
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FD5


@jit
def in_run(point, marks):
    """Whether a character belongs to what jieba cuts by its dictionary."""
    return _FIRST_HAN <= point <= _LAST_HAN or (point < len(marks) and marks[point])


@jit
def is_plain(point):
    """Whether a character is an ASCII letter or digit."""
    return 48 <= point <= 57 or 97 <= point <= 122 or 65 <= point <= 90


@jit
def best_route(points, start, size, words, total, room):
    """Find the likeliest words of a run, from its end; `ends[i]` is where the word at i ends.

    Of words that are equally likely the longest is taken.
    """
    tree, logs = words
    scores, ends, nodes = room
    firsts, seconds, thirds, _ = nodes
    look_ahead(points, start, size, 1, tree, logs, nodes)
    scores[size] = 0.0
    for at in range(size - 1, -1, -1):
        first, second = firsts[at], seconds[at]
        best, stop = -np.inf, at + 1
        if first >= 0 and logs[first] >= 0.0:
            best = logs[first] - total + scores[at + 1]
        if second >= 0 and logs[second] >= 0.0:
            score = logs[second] - total + scores[at + 2]
            if score >= best:
                best, stop = score, at + 2
        node, last = thirds[at], at + 3
        while node >= 0:
            if logs[node] >= 0.0:
                score = logs[node] - total + scores[last]
                if score >= best:
                    best, stop = score, last
            if last == size:
                break
            node = child(tree, node, points[start + last])
            last += 1
        scores[at] = best if best > -np.inf else 0.0 - total + scores[at + 1]
        ends[at] = stop


@jit
def cut(points, begins, lengths, words, total, marks, out):
    """Cut texts into words; give how many.

    Parameters
    ----------
    words : (tree, logs)
        `logs[node]` is the logarithm of a word's frequency, negative where no word ends.
    total : float
        Logarithm of the sum of all frequencies.
    marks : array of bool
        ASCII characters that belong to runs.
    out : arrays
        Sizes of the words, one behind the other, and their bounds by text; room for the scores,
        the ends and four nodes a character of the longest text, and one more.
    """
    sizes, bounds, room = out
    found = 0
    for doc in range(len(begins)):
        at, end = begins[doc], begins[doc] + lengths[doc]
        while at < end:
            if not in_run(points[at], marks):
                pair = points[at] == _RETURN and at + 1 < end and points[at + 1] == _LINE_BREAK
                sizes[found] = 2 if pair else 1
                at += sizes[found]
                found += 1
                continue
            start = at
            while at < end and in_run(points[at], marks):
                at += 1
            best_route(points, start, at - start, words, total, room)
            found = tell_words(points, start, at, room[1], sizes, found)
        bounds[doc + 1] = found
    return found


@jit
def tell_words(points, start, end, ends, sizes, found):
    """Write the sizes of a run's words; letters and digits that stand alone make one word."""
    place, loose = 0, 0
    while place < end - start:
        size = ends[place] - place
        if size == 1 and is_plain(points[start + place]):
            loose += 1
        else:
            if loose:
                sizes[found], loose = loose, 0
                found += 1
            sizes[found] = size
            found += 1
        place += size
    if loose:
        sizes[found] = loose
        found += 1
    return found
