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
    INTRODUCES_REFERENCE,
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
    ORDINAL,
    PLACE,
    PLACED,
    PLAIN,
    RUN,
    SIGNED,
    SPACE,
    STRONG,
    TITLE,
    VALUE,
    VALUED,
    WORD_END,
    kind,
    tell_kinds,
)
from triage.kernels.rows import number_shapes
from triage.kernels.tables import jit
from triage.kernels.tree import child

_REACH, _NUMBER_MOST = 9, 40
# Where the value of a word may stand; how many of its signs at least, and how close together.
_BEFORE, _BEHIND = 24, 64
_SECRET_SIGNS, _SECRET_STEP = 3, 4
_VALUE_SIGNS, _VALUE_STEP = 4, 2
_INTRODUCES = INTRODUCES_VALUE | INTRODUCES_SECRET | INTRODUCES_REFERENCE
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
    kinds = np.empty(len(points), dtype=np.int32)
    for doc in range(len(begins)):
        begin, end = begins[doc], begins[doc] + lengths[doc]
        every = tell_kinds(points, begin, end, classes, kinds)
        bits = number_shapes(points, begin, end, kinds, every)
        numbered = every & ORDINAL != 0 or bits & RUN != 0
        before = np.int32(0)
        for at in range(begin, end):
            own = kinds[at]
            if own & HEAD and not before & (HAN | LATIN | DIGIT):
                bits |= clause_head(points, at, begin, end, kinds)
            if own & WORD_END:
                bits |= ended_words(points, at, begin, end, kinds, words, bits, numbered)
            if own & NUMBER and not before & NUMBER:
                bits |= placed(at, begin, end, kinds)
            before = own
        out[doc] = bits


@jit
def clause_head(points, at, begin, end, kinds):
    """Tell what a surname at the head of a clause may open."""
    own, bits, behind = kinds[at], 0, at + 1
    if own & STRONG and at > begin and kind(kinds, at - 1, begin, end) & BREAK:
        bits |= may_sign(points, at, begin, end, kinds)
    while behind < at + 4 and kind(kinds, behind, begin, end) & HAN:
        behind += 1
        if own & STRONG and behind < at + 4 and kind(kinds, behind, begin, end) & ACT:
            bits |= ACTING
        place = behind
        while place < behind + 3 and kind(kinds, place, begin, end) & GAP:
            if kind(kinds, place, begin, end) & LABEL:
                break
            place += 1
        if kind(kinds, place, begin, end) & LABEL:
            bits |= LABELLED
    return bits


@jit
def may_sign(points, at, begin, end, kinds):
    """Tell whether a line may be the name under a letter."""
    place = at + 1
    if not kind(kinds, place, begin, end) & HAN:
        return 0
    for _ in range(2):
        place += 1
        after = place
        while kind(kinds, after, begin, end) & SPACE:
            after += 1
        if after >= end or kind(kinds, after, begin, end) & BREAK or points[after] == _TWO:
            return SIGNED
    return 0


@jit
def ended_words(points, at, begin, end, kinds, words, known, numbered):
    """Tell what the words that end at a place say of what stands around them."""
    tree, does = words
    bits, place = 0, at
    node = child(tree, np.int64(0), points[place])
    while node >= 0:
        if tree[3][node] >= 0:
            act = does[tree[3][node]]
            if act & INTRODUCES_NAME and name_behind(at + 1, begin, end, kinds):
                bits |= CUED
            if act & IS_TITLE and kind(kinds, place - 1, begin, end) & LAST:
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
    return bits


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


@jit
def name_behind(at, begin, end, kinds):
    """Whether a name may follow, over a joint or a word for name."""
    if kind(kinds, at, begin, end) & NAMED:
        return True
    place = at
    while place < at + 4 and kind(kinds, place, begin, end) & LINK:
        place += 1
    if kind(kinds, place, begin, end) & (HEAD | LATIN):
        return True
    for further in range(place, place + _REACH):
        if kind(kinds, further, begin, end) & DOT:
            return True
        if not kind(kinds, further, begin, end) & HAN:
            return False
    return False


@jit
def placed(at, begin, end, kinds):
    """Tell whether a number stands between a word for places and a unit of places."""
    before = at - 1
    while kind(kinds, before, begin, end) & SPACE:
        before -= 1
    if not kind(kinds, before, begin, end) & PLACE:
        return 0
    place = at
    while place < at + _NUMBER_MOST and kind(kinds, place, begin, end) & (NUMBER | SPACE):
        place += 1
    return PLACED if kind(kinds, place, begin, end) & HOUSE else 0
