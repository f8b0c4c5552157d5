"""Shapes of a text without which patterns of masking find nothing.

A shape is told by characters of given classes near each other (`triage.kernels.classes`). Every
shape asks for less than its pattern does.
"""

from __future__ import annotations

import numpy as np

from triage.kernels.classes import (
    ACT,
    ACTING,
    BREAK,
    CUED,
    DIGIT,
    DOT,
    GAP,
    HAN,
    HEAD,
    HOUSE,
    INTRODUCED,
    INTRODUCES_NAME,
    INTRODUCES_SECRET,
    INTRODUCES_VALUE,
    IS_TITLE,
    LABEL,
    LABELLED,
    LAST,
    LATIN,
    LINK,
    NAMED,
    NUMBER,
    NUMERAL,
    PLACE,
    PLACED,
    PLAIN,
    SIGNED,
    SPACE,
    STRONG,
    TITLE,
    VALUE,
    VALUED,
    WORD_END,
    kind,
)
from triage.kernels.rows import number_shapes
from triage.kernels.tables import jit
from triage.kernels.tree import child

_REACH, _NUMBER_MOST = 9, 40
# Where the value of a word may stand, and how close together its signs.
_BEFORE, _BEHIND, _WITHIN = 24, 64, 6
_TWO = 50
_PIECE, _YEAR, _TEN = 0x4E2A, 0x5E74, 0x5341  # 个, 年, 十
_IS, _BE, _ALL = 0x662F, 0x4E3A, (0x5168, 0x90FD, 0x90E8)  # 是, 为, 全都部


@jit
def shapes(points, begins, lengths, classes, words, out):
    """Give the shapes that each text holds.

    Parameters
    ----------
    points : array of uint32
        Small letters.
    classes : array of int32
        Of each code point; what lies beyond belongs to none.
    words : tuple
        Their tree (`triage.tree.WordTree.arrays`, read backwards) and what each word does.
    out : array of int64
        One a text.
    """
    for doc in range(len(begins)):
        begin, end = begins[doc], begins[doc] + lengths[doc]
        bits = number_shapes(points, begin, end, classes)
        for at in range(begin, end):
            own = kind(points, at, begin, end, classes)
            if own & HEAD and not kind(points, at - 1, begin, end, classes) & (HAN | LATIN | DIGIT):
                bits |= clause_head(points, at, begin, end, classes, own)
            if own & WORD_END:
                bits |= ended_words(points, at, begin, end, classes, words, bits)
            if own & NUMBER and not kind(points, at - 1, begin, end, classes) & NUMBER:
                bits |= numbered(points, at, begin, end, classes)
        out[doc] = bits


@jit
def clause_head(points, at, begin, end, classes, own):
    """Tell what a surname at the head of a clause may open."""
    bits, behind = 0, at + 1
    if own & STRONG and at > begin and kind(points, at - 1, begin, end, classes) & BREAK:
        bits |= may_sign(points, at, begin, end, classes)
    while behind < at + 4 and kind(points, behind, begin, end, classes) & HAN:
        behind += 1
        if own & STRONG and behind < at + 4 and kind(points, behind, begin, end, classes) & ACT:
            bits |= ACTING
        place = behind
        while place < behind + 3 and kind(points, place, begin, end, classes) & GAP:
            if kind(points, place, begin, end, classes) & LABEL:
                break
            place += 1
        if kind(points, place, begin, end, classes) & LABEL:
            bits |= LABELLED
    return bits


@jit
def may_sign(points, at, begin, end, classes):
    """Tell whether a line may be the name under a letter."""
    place = at + 1
    if not kind(points, place, begin, end, classes) & HAN:
        return 0
    for _ in range(2):
        place += 1
        after = place
        while kind(points, after, begin, end, classes) & SPACE:
            after += 1
        if (
            after >= end
            or kind(points, after, begin, end, classes) & BREAK
            or points[after] == _TWO
        ):
            return SIGNED
    return 0


@jit
def ended_words(points, at, begin, end, classes, words, known):
    """Tell what the words that end at a place say of what stands around them."""
    tree, does = words
    bits, place = 0, at
    node = child(tree, np.int64(0), points[place])
    while node >= 0:
        if tree[3][node] >= 0:
            act = does[tree[3][node]]
            if act & INTRODUCES_NAME and name_behind(points, at + 1, begin, end, classes):
                bits |= CUED
            if act & IS_TITLE and kind(points, place - 1, begin, end, classes) & LAST:
                bits |= TITLE
            low, high = max(begin, place - _BEFORE), min(end, at + _BEHIND)
            if act & INTRODUCES_VALUE:
                bits |= INTRODUCED
                if not known & VALUED and known & PLAIN and has_value(points, low, high, classes):
                    bits |= VALUED
            if act & INTRODUCES_SECRET and is_counted(points, low, high, classes):
                bits |= VALUED
        place -= 1
        if place < begin:
            break
        node = child(tree, node, points[place])
    return bits


@jit
def has_value(points, begin, end, classes):
    """Whether signs of which numbers and secrets are made stand close together."""
    last, before = -_BEHIND, -_BEHIND
    for at in range(begin, end):
        if kind(points, at, begin, end, classes) & VALUE:
            if at - before < _WITHIN:
                return True
            before, last = last, at
    return False


@jit
def is_counted(points, begin, end, classes):
    """Whether figures stand around a word: 六个八, 二六年十二月, 全是零."""
    figure = NUMERAL | DIGIT
    for at in range(begin + 1, end):
        own = points[at]
        if own == _YEAR:
            told = kind(points, at - 1, begin, end, classes) & figure and (
                kind(points, at - 2, begin, end, classes) & figure
            )
        elif own in (_PIECE, _IS, _BE):
            led = points[at - 1] in _ALL
            if own == _PIECE:
                led = points[at - 1] == _TEN or kind(points, at - 1, begin, end, classes) & figure
            told = led and kind(points, at + 1, begin, end, classes) & figure
        else:
            told = False
        if told:
            return True
    return False


@jit
def name_behind(points, at, begin, end, classes):
    """Whether a name may follow, over a joint or a word for name."""
    if kind(points, at, begin, end, classes) & NAMED:
        return True
    place = at
    while place < at + 4 and kind(points, place, begin, end, classes) & LINK:
        place += 1
    if kind(points, place, begin, end, classes) & (HEAD | LATIN):
        return True
    for further in range(place, place + _REACH):
        if kind(points, further, begin, end, classes) & DOT:
            return True
        if not kind(points, further, begin, end, classes) & HAN:
            return False
    return False


@jit
def numbered(points, at, begin, end, classes):
    """Tell whether a number stands between a word for places and a unit of places."""
    before = at - 1
    while kind(points, before, begin, end, classes) & SPACE:
        before -= 1
    if not kind(points, before, begin, end, classes) & PLACE:
        return 0
    place = at
    while place < at + _NUMBER_MOST and kind(points, place, begin, end, classes) & (NUMBER | SPACE):
        place += 1
    return PLACED if kind(points, place, begin, end, classes) & HOUSE else 0
