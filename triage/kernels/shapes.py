"""Shapes of a text without which patterns of masking find nothing.

A shape is told by characters of given classes near each other (`triage.kernels.classes`). Every
shape asks for less than its pattern does.
"""

from __future__ import annotations

import numpy as np

from triage.kernels.classes import (
    ACT,
    ACTING,
    ALONE,
    COMMON,
    DIGIT,
    GAP,
    HAN,
    HEAD,
    HOUSE,
    LABEL,
    LABELLED,
    LAST,
    LATIN,
    LEADS,
    NUMBER,
    OPENS,
    ORDINAL,
    PLACE,
    PLACED,
    RUN,
    SIGNED,
    STRONG,
    WORD_END,
    kind,
    tell_kinds,
)
from triage.kernels.introduced import ended_words
from triage.kernels.rows import number_shapes
from triage.kernels.tables import jit

_NUMBER_MOST = 40
_TWO, _NEW_LINE, _STROKE, _SPACE = 50, 10, 45, 32


@jit
def shapes(points, begins, lengths, classes, words, out, cues, alone):
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
    cues : arrays of int64
        Bounds by text, and places where words begin behind which a name may stand; of one end
        the shortest word first. As many places a character as words of theirs end together.
    alone : arrays of int64
        The same of places where a whole name may stand by itself.
    """
    cue_bounds, cue_places = cues
    alone_bounds, alone_places = alone
    found = lonely = 0
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
            if own & OPENS and may_stand_alone(at, begin, end, kinds, before):
                bits |= ALONE
                alone_places[lonely] = at - begin
                lonely += 1
            if own & WORD_END:
                told, found = ended_words(
                    points, at, begin, end, kinds, words, bits, numbered, cue_places, found
                )
                bits |= told
            if own & NUMBER and not before & NUMBER:
                bits |= placed(points, at, begin, end, kinds)
            before = own
        out[doc], cue_bounds[doc + 1], alone_bounds[doc + 1] = bits, found, lonely


@jit
def clause_head(points, at, begin, end, kinds):
    """Tell what a surname at the head of a clause may open."""
    own, bits, behind = kinds[at], 0, at + 1
    if own & STRONG and at > begin and points[at - 1] == _NEW_LINE:
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
def may_stand_alone(at, begin, end, kinds, before):
    """Tell whether a surname, where a name may begin, has characters of names behind it.

    Two of them, or of a common name one where a word leads to it.
    """
    if not kind(kinds, at + 1, begin, end) & LAST:
        return False
    if before & LEADS and kinds[at] & COMMON:
        return True
    bound = before & (LEADS | DIGIT) or not before & (HAN | LATIN)
    return bound and kind(kinds, at + 2, begin, end) & LAST


@jit
def may_sign(points, at, begin, end, kinds):
    """Tell whether a line may be the name under a letter."""
    place = at + 1
    if not kind(kinds, place, begin, end) & HAN:
        return 0
    for _ in range(2):
        place += 1
        after = place
        while after < end and points[after] == _SPACE:
            after += 1
        if after >= end or points[after] == _NEW_LINE or points[after] == _TWO:
            return SIGNED
    return 0


@jit
def placed(points, at, begin, end, kinds):
    """Tell whether behind a word for places a number has a unit of places, or is 5-2-1102."""
    before = at - 1
    while before >= begin and points[before] == _SPACE:
        before -= 1
    if not kind(kinds, before, begin, end) & PLACE:
        return 0
    place, strokes = at, 0
    while place < min(end, at + _NUMBER_MOST) and (
        kinds[place] & NUMBER or points[place] == _SPACE
    ):
        strokes += points[place] == _STROKE
        place += 1
    return PLACED if strokes > 1 or kind(kinds, place, begin, end) & HOUSE else 0
