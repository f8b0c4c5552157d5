"""Classes of characters, one bit a class, and the shapes that are told by them."""

from __future__ import annotations

import numpy as np

from triage.kernels.tables import jit

# Classes of characters.
HAN, LATIN, DIGIT, STRONG, HEAD, LINK, NAMED, GAP = (1 << n for n in range(8))
ACT, LABEL, LAST, WORD_END, PLACE, NUMBER, HOUSE, SPACE = (1 << n for n in range(8, 16))
NUMERAL, JOINT, FILL, LOOKALIKE, HEX, DOT, BREAK, POINT = (1 << n for n in range(16, 24))
VALUE, PAUSE, GOES_ON = (1 << n for n in range(24, 27))

# What a word does.
INTRODUCES_NAME, IS_TITLE, INTRODUCES_VALUE, INTRODUCES_SECRET = 1, 2, 4, 8

# Shapes.
CUED, TITLE, ACTING, LABELLED, SIGNED = (1 << n for n in range(5))
PLACED, RUN, PIECEMEAL, DISGUISED, DOTTED, SPOKEN, PLAIN = (1 << n for n in range(5, 12))
INTRODUCED, VALUED = 1 << 12, 1 << 13


@jit
def kind(points, at, begin, end, classes):
    """Give the classes of the character at a place, none outside the text."""
    if at < begin or at >= end or points[at] >= len(classes):
        return np.int32(0)
    return classes[points[at]]
