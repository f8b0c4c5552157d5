"""Classes of characters, one bit a class, and the shapes that are told by them."""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import jit

# Classes of characters.
HAN, LATIN, DIGIT, STRONG, HEAD, LINK, NAMED, GAP = (1 << n for n in range(8))
ACT, LABEL, LAST, WORD_END, PLACE, NUMBER, HOUSE, COMMON = (1 << n for n in range(8, 16))
NUMERAL, JOINT, FILL, LOOKALIKE, HEX, DOT, LEADS, POINT = (1 << n for n in range(16, 24))
VALUE, PAUSE, GOES_ON, ORDINAL = (1 << n for n in range(24, 28))
NEVER, DOUBLE, COLON = (1 << n for n in range(28, 31))
# The bit of the sign; classes are int32.
OPENS = -1 << 31

# What a word does.
INTRODUCES_NAME, IS_CERTAIN, IS_TITLE = 1, 2, 4
INTRODUCES_VALUE, INTRODUCES_SECRET, INTRODUCES_REFERENCE = 8, 16, 32

# Shapes.
CUED, TITLE, ACTING, LABELLED, SIGNED = (1 << n for n in range(5))
PLACED, RUN, PIECEMEAL, DISGUISED, DOTTED, SPOKEN, PLAIN = (1 << n for n in range(5, 12))
INTRODUCED, VALUED, ALONE = 1 << 12, 1 << 13, 1 << 14


@jit
def tell_kinds(points, begin, end, classes, kinds):
    """Write the classes of each character of a text; give those of all."""
    every = np.int32(0)
    for at in range(begin, end):
        own = classes[points[at]] if points[at] < len(classes) else np.int32(0)
        kinds[at] = own
        every |= own
    return every


@jit
def kind(kinds, at, begin, end):
    """Give the classes of the character at a place, none outside the text."""
    return kinds[at] if begin <= at < end else np.int32(0)
