"""Personal data leaves a narrative before anything else sees it.

`mask` replaces every value by a token that tells its kind ([姓名1], [卡号2]) and drops secrets
([已删除]). Recall comes first: a number with a failing check digit is masked too. What the
institution publishes (12378, 95588), amounts, dates and rates stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from triage.masking.look import Look, look_at
from triage.masking.reading import MAIL, Copy, find_all, renew
from triage.masking.signs import Sign
from triage.masking.tokens import Tokens
from triage.masking.view import View, plain_view, spoken_digits, view, wall
from triage.offsets import IDENTITY, Edit, OffsetMap, apply_edits, replaced

_MOST_READINGS = 16
# Digits of a long number, and how a mobile number begins.
_LEAST_RUN = 6
_MOBILE = re.compile("1[3-9]")
# Signs of what only the whole reading copy shows, and of anything.
_REWRITTEN = Sign.STRANGE | Sign.SPOKEN | Sign.DISGUISED
_NUMBERS = Sign.RUN | Sign.PIECEMEAL | Sign.DOTTED | Sign.PLATE | Sign.VALUED
_TELLING = _REWRITTEN | _NUMBERS | MAIL | Sign.OF_PLACES | Sign.OF_NAMES


class Found(NamedTuple):
    """One value that was masked.

    Attributes
    ----------
    kind : str
        A key of `triage.masking.rules.LABELS`, or `secret`.
    start, end : int
        Where it stood in the submitted text.
    token : str
        What stands in its place.
    valid : bool or None
        Result of the check digit; None where the kind has none.
    """

    kind: str
    start: int
    end: int
    token: str
    valid: bool | None = None


class Masked(NamedTuple):
    """A narrative without personal data.

    Attributes
    ----------
    text : str
        The masked text.
    offsets : OffsetMap
        From `text` back to the text as submitted.
    found : tuple of Found
        What was masked, in reading order.
    """

    text: str
    offsets: OffsetMap = IDENTITY
    found: tuple[Found, ...] = ()


def mask(text: str) -> Masked:
    """Replace personal data by tokens.

    Parameters
    ----------
    text : str
        Any string as submitted.

    Returns
    -------
    Masked
        `mask(result.text)` finds nothing more. A text without personal data comes back as the
        same object.
    """
    return mask_many([text])[0]


def mask_many(texts: Sequence[str]) -> list[Masked]:
    """Mask texts; one pass over all of them rules most patterns out for most."""
    return _mask_all(texts, look_at(texts, _TELLING))


def _mask_all(texts: Sequence[str], looks: Mapping[int, Look]) -> list[Masked]:
    masked = [Masked(text) for text in texts]
    told = looks.items()
    held = [_Case(n, texts[n], look) for n, look in told if _is_worth(texts[n], look.signs)]
    renew([case.copy for case in held if case.altered])
    # Read again what was masked: with one value gone, another can come to stand by its cue.
    for _ in range(_MOST_READINGS):
        find_all([case.copy for case in held])
        held = [case for case in held if case.copy.spans]
        if not held:
            break
        for case in held:
            masked[case.number] = case.rewrite()
        renew([case.copy for case in held])
    return masked


def _is_worth(text: str, signs: int) -> bool:
    """Whether there is more to see than numerals that make no number."""
    return signs & _TELLING != Sign.SPOKEN or _spoken(text, signs)


def _spoken(text: str, signs: int) -> bool:
    """Whether numerals in a text may make a number that is personal."""
    rows = spoken_digits(text)
    if signs & (Sign.INTRODUCED | Sign.OF_PLACES | Sign.PLATE | Sign.PLAIN):
        return bool(rows)
    return sum(map(len, rows)) >= _LEAST_RUN or any(map(_MOBILE.match, rows))


class _Case:
    """A narrative while it is masked, reading by reading."""

    def __init__(self, number: int, text: str, look: Look) -> None:
        self.number, self.text = number, text
        self._plain = not look.signs & _REWRITTEN
        # Capitals are no change: what was looked at were small letters.
        self._first, self.altered = plain_view(text) if self._plain else (view(text), True)
        self._tokens: Tokens | None = None
        self._masked = Masked(text)
        self.copy = Copy(self._first, look)

    def rewrite(self) -> Masked:
        """Mask what was found in the copy too, and make the copy of what comes of it."""
        self._tokens = self._tokens or Tokens.of(self.text)
        fresh = []
        for span in self.copy.in_source():
            start, end = self._masked.offsets.to_source(span.start, span.end)
            fresh.append(Found(span.kind, start, end, self._tokens.give(span), span.valid))
        found = tuple(sorted((*self._masked.found, *fresh), key=lambda f: f.start))
        text, offsets = apply_edits(self.text, (Edit(f.start, f.end, f.token) for f in found))
        self._masked = Masked(text, offsets, found)
        self.copy = Copy(self._walled() if self._plain else view(text), self.copy.look)
        return self._masked

    def _walled(self) -> View:
        """Give the plain copy with walls in the place of what is masked."""
        walls = (Edit(f.start, f.end, wall(f.token)) for f in self._masked.found)
        return View(replaced(self._first.text, walls))
