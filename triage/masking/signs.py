"""What a narrative shows at first sight: most patterns of masking need not be tried on it."""

from __future__ import annotations

from functools import lru_cache
from string import ascii_lowercase, digits

from triage.masking.cued import cued_signs, plate_signs
from triage.masking.lexicon import lexicon
from triage.masking.places import address_signs
from triage.masking.view import numeral_signs, strange_signs
from triage.screen import Screen


class Sign:
    """Bits of what was seen; a pattern without its sign cannot match.

    Plain integers: an `IntFlag` made masking slower than it was without any signs.
    """

    # A word that introduces a name, and what may stand behind it.
    CUE, CUED = 1 << 0, 1 << 1
    TITLE, NICK, MOU, SURNAMED, LABELLED, ACTING = (1 << n for n in range(2, 8))
    OF_NAMES = CUE | TITLE | NICK | MOU | SURNAMED | LABELLED | ACTING
    # What the reading copy changes, beyond the plane too; a sign of mail.
    STRANGE = 1 << 8
    # Two numerals of which one is Chinese, or one with a unit.
    PAIRS = 1 << 9
    # A number with a unit of places, and what stands before such a number.
    NUMBERED, ANCHOR = 1 << 10, 1 << 14
    ADDRESS_CUE = 1 << 15
    # A word that introduces a number or a secret.
    INTRODUCED = 1 << 11
    PLATE = 1 << 12
    # An ASCII digit or letter: nearly every value holds one.
    PLAIN = 1 << 13


EVERY = -1


@lru_cache(maxsize=1)
def sign_screen() -> Screen:
    """Give the screen whose gates are those of `Sign`, in its order."""
    addresses = address_signs()
    plain = f"{digits}{ascii_lowercase}"
    others = (
        strange_signs(),
        numeral_signs(),
        addresses["numbered"],
        cued_signs(),
        plate_signs(),
        plain,
        addresses["anchor"],
        addresses["cue"],
    )
    return Screen([*lexicon().signs.values(), *others], beyond=[Sign.STRANGE.bit_length() - 1])
