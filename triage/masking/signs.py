"""What a narrative shows at first sight: most patterns of masking need not be tried on it."""

from __future__ import annotations

from triage.kernels import classes

SHAPES = 15
"""Bits of shapes; those of words stand above them."""


class Sign:
    """Bits of what was seen; a pattern without its sign cannot match.

    Plain integers: an `IntFlag` made masking slower than it was without any signs.
    """

    # Shapes: what stands near what.
    CUED, TITLE, ACTING = classes.CUED, classes.TITLE, classes.ACTING
    LABELLED, SIGNED, PLACED = classes.LABELLED, classes.SIGNED, classes.PLACED
    RUN, PIECEMEAL, DISGUISED = classes.RUN, classes.PIECEMEAL, classes.DISGUISED
    DOTTED, SPOKEN, PLAIN = classes.DOTTED, classes.SPOKEN, classes.PLAIN
    # A whole name where one may begin.
    ALONE = classes.ALONE
    # A word that introduces a number or a secret, and something near it that may be one.
    INTRODUCED, VALUED = classes.INTRODUCED, classes.VALUED
    # Words, as `Screen` tells them.
    NICK, MOU, SURNAMED = 1 << SHAPES, 2 << SHAPES, 4 << SHAPES
    # What the reading copy may change, tokens and what lies beyond the plane too.
    STRANGE, PLATE, ADDRESS_CUE, MAIL = (8 << n for n in range(SHAPES, SHAPES + 4))
    # What names that stand by themselves are made of.
    WHOLE = 128 << SHAPES

    OF_NAMES = CUED | TITLE | ACTING | LABELLED | SIGNED | NICK | MOU | SURNAMED | WHOLE | ALONE
    OF_PLACES = PLACED | ADDRESS_CUE


EVERY = -1
