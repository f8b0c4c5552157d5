"""What a narrative shows at first sight: most patterns of masking need not be tried on it."""

from __future__ import annotations


class Sign:
    """Bits of what was seen; a pattern without its sign cannot match.

    Plain integers: an `IntFlag` made masking slower than it was without any signs.
    """

    # Shapes (triage.kernels.shapes).
    CUED, TITLE, ACTING, LABELLED, SIGNED = (1 << n for n in range(5))
    PLACED, RUN, PIECEMEAL, DISGUISED, DOTTED, SPOKEN, PLAIN = (1 << n for n in range(5, 12))
    # A word that introduces a number or a secret, and something near it that may be one.
    INTRODUCED, VALUED = 1 << 12, 1 << 13
    # Words, as `Screen` tells them.
    NICK, MOU, SURNAMED = (1 << n for n in range(14, 17))
    # What the reading copy changes, tokens and what lies beyond the plane too; a sign of mail.
    STRANGE = 1 << 17
    PLATE, ADDRESS_CUE = 1 << 18, 1 << 19

    OF_NAMES = CUED | TITLE | ACTING | LABELLED | SIGNED | NICK | MOU | SURNAMED
    OF_PLACES = PLACED | ADDRESS_CUE


EVERY = -1
