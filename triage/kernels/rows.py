"""Rows of digits, letters and numerals without which patterns of masking find nothing."""

from __future__ import annotations

from triage.kernels.classes import (
    DIGIT,
    DISGUISED,
    DOTTED,
    FILL,
    GOES_ON,
    HEX,
    JOINT,
    LATIN,
    LOOKALIKE,
    NUMERAL,
    PAUSE,
    PIECEMEAL,
    PLAIN,
    POINT,
    RUN,
    SPOKEN,
    kind,
)
from triage.kernels.tables import jit

_LONG, _DISGUISED, _SPOKEN, _REACH = 6, 11, 3, 9
_ONE, _THREE, _NINE = 49, 51, 57
# Narrower than the class: no long number runs on across these.
_FIRST_HAN, _LAST_HAN = 0x4E00, 0x9FA5


@jit
def number_shapes(points, begin, end, kinds, every):
    """Tell what rows of digits, letters and numerals there are; `every` are all the classes."""
    bits = PLAIN if every & (DIGIT | LATIN) else 0
    if every & NUMERAL and is_spoken(begin, end, kinds):
        bits |= SPOKEN
    if not bits & PLAIN:
        return bits
    bits |= RUN if has_run(points, begin, end, kinds) else 0
    bits |= DISGUISED if is_disguised(begin, end, kinds) else 0
    bits |= DOTTED if every & POINT and is_dotted(begin, end, kinds) else 0
    bits |= PIECEMEAL if is_piecemeal(points, begin, end, kinds) else 0
    return bits


@jit
def is_piecemeal(points, begin, end, kinds):
    """Whether a mobile number begins and goes on in words: 138开头, 1390, 然后."""
    for at in range(begin, end - 2):
        if points[at] != _ONE or not _THREE <= points[at + 1] <= _NINE:
            continue
        place = at + 2
        while kind(kinds, place, begin, end) & (DIGIT | PAUSE):
            place += 1
        if kind(kinds, place, begin, end) & GOES_ON:
            return True
    return False


@jit
def has_run(points, begin, end, kinds):
    """Whether digits, and what stands for them, make a row with up to three signs between."""
    run, gap = 0, 0
    for at in range(begin, end):
        own = kinds[at]
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
def is_disguised(begin, end, kinds):
    """Whether digits, and letters that look like them, make a row with one sign between."""
    run, gap = 0, False
    for at in range(begin, end):
        own = kinds[at]
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
def is_spoken(begin, end, kinds):
    """Whether Chinese numerals, with or without digits, make a row with two joints between."""
    run, real, gap = 0, False, 0
    for at in range(begin, end):
        own = kinds[at]
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
def is_dotted(begin, end, kinds):
    """Whether there are parts of an address of a network or a device."""
    last = -1
    for at in range(begin, end):
        own = kinds[at]
        if own & POINT:
            if last >= 0 and at - last <= _REACH:
                return True
            last = at if kind(kinds, at - 1, begin, end) & HEX else -1
        elif not own & HEX:
            last = -1
    return False
