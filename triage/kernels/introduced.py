"""What the words that introduce names, numbers and secrets say of what stands around them."""

from __future__ import annotations

import numpy as np

from triage.kernels.classes import (
    COLON,
    CUED,
    DIGIT,
    DOT,
    DOUBLE,
    HAN,
    HEAD,
    INTRODUCED,
    INTRODUCES_NAME,
    INTRODUCES_REFERENCE,
    INTRODUCES_SECRET,
    INTRODUCES_VALUE,
    IS_CERTAIN,
    IS_TITLE,
    LAST,
    LATIN,
    LINK,
    NAMED,
    NEVER,
    NUMERAL,
    PLAIN,
    TITLE,
    VALUE,
    VALUED,
    kind,
)
from triage.kernels.tables import jit
from triage.kernels.tree import child

_REACH, _LINKS, _TITLED, _SPACE = 9, 4, 4, 32
# Where the value of a word may stand; how many of its signs at least, and how close together.
_BEFORE, _BEHIND = 24, 64
_SECRET_SIGNS, _SECRET_STEP = 3, 4
_VALUE_SIGNS, _VALUE_STEP = 4, 2
_INTRODUCES = INTRODUCES_VALUE | INTRODUCES_SECRET | INTRODUCES_REFERENCE
_PIECE, _YEAR, _TEN = 0x4E2A, 0x5E74, 0x5341  # 个, 年, 十
_IS, _BE, _ALL = 0x662F, 0x4E3A, (0x5168, 0x90FD, 0x90E8)  # 是, 为, 全都部


@jit
def ended_words(points, at, begin, end, kinds, words, known, numbered, places, found):
    """Tell what the words that end at a place say of what stands around them.

    `places` get where words begin behind which a name may stand, from `found` on. Gives the bits
    of what is told, and how many places there are.
    """
    tree, does = words
    bits, place = 0, at
    node = child(tree, np.int64(0), points[place])
    while node >= 0:
        if tree[3][node] >= 0:
            act = does[tree[3][node]]
            if act & INTRODUCES_NAME and name_behind(
                points, at + 1, begin, end, kinds, act & IS_CERTAIN != 0
            ):
                bits |= CUED
                places[found] = place - begin
                found += 1
            if act & IS_TITLE and name_before(place, begin, end, kinds):
                bits |= TITLE
            if act & _INTRODUCES:
                bits |= INTRODUCED
                low, high = max(begin, place - _BEFORE), min(end, at + _BEHIND)
                if not known & VALUED and has_value(points, low, high, kinds, act, known, numbered):
                    bits |= VALUED
        place -= 1
        if place < begin:
            break
        node = child(tree, node, points[place])
    return bits, found


@jit
def name_behind(points, at, begin, end, kinds, certain):
    """Whether a name may follow a word, over a joint or a word for name.

    A name in Latin letters follows what is certain, or a colon.
    """
    if kind(kinds, at, begin, end) & NAMED:
        return True
    place = at
    while place < at + _LINKS and kind(kinds, place, begin, end) & LINK:
        certain = certain or kind(kinds, place, begin, end) & COLON != 0
        place += 1
    own = kind(kinds, place, begin, end)
    if (own & LATIN and certain) or (own & HEAD and given_behind(points, place, begin, end, kinds)):
        return True
    for further in range(place, place + _REACH):
        if kind(kinds, further, begin, end) & DOT:
            return True
        if not kind(kinds, further, begin, end) & HAN:
            return False
    return False


@jit
def name_before(at, begin, end, kinds):
    """Whether a name may end before a title: what can end one, and a surname close by."""
    if not kind(kinds, at - 1, begin, end) & LAST:
        return False
    for place in range(at - _TITLED, at):
        if kind(kinds, place, begin, end) & HEAD:
            return True
    return False


@jit
def given_behind(points, at, begin, end, kinds):
    """Whether a given name may stand behind the surname that begins at a place."""
    behind = kind(kinds, at + 1, begin, end)
    if behind & HAN:
        return kinds[at] & DOUBLE != 0 or not behind & NEVER
    return behind & DOT != 0 or (at + 1 < end and points[at + 1] == _SPACE)


@jit
def has_value(points, begin, end, kinds, act, known, numbered):
    """Whether around a word there may be what it introduces."""
    if act & INTRODUCES_SECRET:
        plain = known & PLAIN and has_row(begin, end, kinds, _SECRET_SIGNS, _SECRET_STEP)
        return plain or is_counted(points, begin, end, kinds)
    if not known & PLAIN or not (act & INTRODUCES_VALUE or numbered):
        return False
    return has_row(begin, end, kinds, _VALUE_SIGNS, _VALUE_STEP)


@jit
def has_row(begin, end, kinds, least, step):
    """Whether so many signs of numbers and secrets stand so close together."""
    run, last = 0, begin
    for at in range(begin, end):
        if kinds[at] & VALUE:
            run = run + 1 if at - last <= step else 1
            last = at
            if run >= least:
                return True
    return False


@jit
def is_counted(points, begin, end, kinds):
    """Whether figures stand around a word: 六个八, 二六年十二月, 全是零."""
    figure = NUMERAL | DIGIT
    for at in range(begin + 1, end):
        own = points[at]
        if own == _YEAR:
            told = kind(kinds, at - 1, begin, end) & figure and (
                kind(kinds, at - 2, begin, end) & figure
            )
        elif own in (_PIECE, _IS, _BE):
            led = points[at - 1] in _ALL
            if own == _PIECE:
                led = points[at - 1] == _TEN or kind(kinds, at - 1, begin, end) & figure
            told = led and kind(kinds, at + 1, begin, end) & figure
        else:
            told = False
        if told:
            return True
    return False
