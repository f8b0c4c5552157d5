"""Shapes of a text without which patterns of masking find nothing.

Each character belongs to classes, one bit a class; a shape is told by characters of given classes
near each other. Every shape asks for less than its pattern does.
"""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import CODE_BITS, jit, look_up

# Classes of characters.
HAN, LATIN, DIGIT, STRONG, HEAD, LINK, NAMED, GAP = (1 << n for n in range(8))
ACT, LABEL, LAST, WORD_END, PLACE, NUMBER, HOUSE, SPACE = (1 << n for n in range(8, 16))
NUMERAL, JOINT, FILL, LOOKALIKE, HEX, DOT, BREAK, POINT = (1 << n for n in range(16, 24))
VALUE, PAUSE, GOES_ON = (1 << n for n in range(24, 27))

# What a word does.
INTRODUCES_NAME, IS_TITLE, INTRODUCES_VALUE = 1, 2, 4

# Shapes.
CUED, TITLE, ACTING, LABELLED, SIGNED = (1 << n for n in range(5))
PLACED, RUN, PIECEMEAL, DISGUISED, DOTTED, SPOKEN, PLAIN = (1 << n for n in range(5, 12))
INTRODUCED, VALUED = 1 << 12, 1 << 13

_LONG, _DISGUISED, _SPOKEN = 6, 11, 3
_REACH, _NUMBER_MOST = 9, 40
# Where the value of a word may stand, and how little of one tells it.
_BEFORE, _BEHIND, _LEAST, _WITHIN = 24, 64, 3, 6
_ONE, _TWO, _THREE, _NINE = 49, 50, 51, 57
# Narrower than the class: no long number runs on across these.
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FA5


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
        Their tree (`triage.words.Tree`) and what each word does.
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
                bits |= ended_words(points, at, begin, end, classes, words)
            if own & NUMBER and not kind(points, at - 1, begin, end, classes) & NUMBER:
                bits |= numbered(points, at, begin, end, classes)
        out[doc] = bits


@jit
def kind(points, at, begin, end, classes):
    """Give the classes of the character at a place, none outside the text."""
    if at < begin or at >= end or points[at] >= len(classes):
        return np.int32(0)
    return classes[points[at]]


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
def ended_words(points, at, begin, end, classes, words):
    """Tell what the words that end at a place say of what stands around them."""
    ((slots, shift), _, word_at), does = words
    bits, node, place = 0, np.int64(0), at
    while place >= begin:
        step = look_up((node << CODE_BITS) | np.int64(points[place]), slots, shift)
        if step < 0:
            break
        if word_at[step] >= 0:
            act = does[word_at[step]]
            if act & INTRODUCES_NAME and name_behind(points, at + 1, begin, end, classes):
                bits |= CUED
            if act & IS_TITLE and kind(points, place - 1, begin, end, classes) & LAST:
                bits |= TITLE
            low, high = max(begin, place - _BEFORE), min(end, at + _BEHIND)
            if act & INTRODUCES_VALUE:
                bits |= INTRODUCED
                bits |= VALUED if has_value(points, low, high, classes) else 0
        node = step + 1
        place -= 1
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


@jit
def number_shapes(points, begin, end, classes):
    """Tell what rows of digits, letters and numerals there are."""
    bits = PLAIN if any_of(points, begin, end, classes, DIGIT | LATIN) else 0
    if any_of(points, begin, end, classes, NUMERAL) and is_spoken(points, begin, end, classes):
        bits |= SPOKEN
    if not bits & PLAIN:
        return bits
    bits |= RUN if has_run(points, begin, end, classes) else 0
    bits |= DISGUISED if is_disguised(points, begin, end, classes) else 0
    bits |= DOTTED if is_dotted(points, begin, end, classes) else 0
    bits |= PIECEMEAL if is_piecemeal(points, begin, end, classes) else 0
    return bits


@jit
def is_piecemeal(points, begin, end, classes):
    """Whether a mobile number begins and goes on in words: 138开头, 1390, 然后."""
    for at in range(begin, end - 2):
        if points[at] != _ONE or not _THREE <= points[at + 1] <= _NINE:
            continue
        place = at + 2
        while kind(points, place, begin, end, classes) & (DIGIT | PAUSE):
            place += 1
        if kind(points, place, begin, end, classes) & GOES_ON:
            return True
    return False


@jit
def any_of(points, begin, end, classes, wanted):
    """Whether a character of one of the classes is there."""
    for at in range(begin, end):
        if kind(points, at, begin, end, classes) & wanted:
            return True
    return False


@jit
def has_run(points, begin, end, classes):
    """Whether digits, and what stands for them, make a row with up to three signs between."""
    run, gap = 0, 0
    for at in range(begin, end):
        own = kind(points, at, begin, end, classes)
        if own & DIGIT or (own & FILL and run):
            run, gap = run + 1, 0
            if run >= _LONG:
                return True
        elif gap == 3 or _FIRST_HAN <= points[at] <= _LAST_HAN:
            run, gap = 0, 0
        else:
            gap += 1
    return False


@jit
def is_disguised(points, begin, end, classes):
    """Whether digits, and letters that look like them, make a row with one sign between."""
    run, gap = 0, False
    for at in range(begin, end):
        own = kind(points, at, begin, end, classes)
        if own & LOOKALIKE:
            run, gap = run + 1, False
            if run >= _DISGUISED:
                return True
        elif gap or not own & JOINT:
            run, gap = 0, False
        else:
            gap = True
    return False


@jit
def is_spoken(points, begin, end, classes):
    """Whether Chinese numerals, with or without digits, make a row with two joints between."""
    run, real, gap = 0, False, 0
    for at in range(begin, end):
        own = kind(points, at, begin, end, classes)
        if own & (NUMERAL | DIGIT):
            run, gap = run + 1, 0
            real = real or own & NUMERAL != 0
            if run >= _SPOKEN and real:
                return True
        elif gap == 2 or not own & JOINT:
            run, real, gap = 0, False, 0
        else:
            gap += 1
    return False


@jit
def is_dotted(points, begin, end, classes):
    """Whether there are parts of an address of a network or a device."""
    last = -1
    for at in range(begin, end):
        own = kind(points, at, begin, end, classes)
        if own & POINT:
            if last >= 0 and at - last <= _REACH:
                return True
            last = at if kind(points, at - 1, begin, end, classes) & HEX else -1
        elif not own & HEX:
            last = -1
    return False
