"""Personal data leaves a narrative before anything else sees it.

`mask` replaces every value by a token that tells its kind ([姓名1], [卡号2]) and drops secrets
([已删除]). Recall comes first: a number with a failing check digit is masked too. What the
institution publishes (12378, 95588), amounts, dates and rates stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from triage.masking.cards import NUMBER_FINDERS
from triage.masking.cued import (
    cued_finders,
    devices,
    documents,
    emails,
    plates,
)
from triage.masking.names import names
from triage.masking.numbers import LONG_RUN, PIECEMEAL, spoken_phones
from triage.masking.places import addresses
from triage.masking.rules import LABELS, Span
from triage.masking.signs import EVERY, Sign, sign_screen
from triage.masking.view import BARRIER, MOST_INDEX, TOKEN, disguises, spoken_digits, view
from triage.offsets import IDENTITY, Edit, OffsetMap, apply_edits

_MOST_READINGS = 16
DROPPED = "[已删除]"
_Finder = Callable[..., Iterator[Span]]
# Digits that `LONG_RUN` asks for, and how a mobile number begins.
_LEAST_RUN = 6
_MOBILE = re.compile("1[3-9]")
_MAIL_SIGN = re.compile("[@#]|艾特|at")
_DIGIT = re.compile("[0-9]")
_DOTTED_IP = re.compile(r"[0-9a-f]{1,4}[.:-][0-9a-f]{0,8}[.:-]")


@dataclass(frozen=True, slots=True)
class Found:
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


@dataclass(frozen=True, slots=True)
class Masked:
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


@dataclass(slots=True)
class _Tokens:
    """Hands out tokens; equal values of a kind share one, numbers in the text are skipped."""

    used: dict[str, int]
    known: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> _Tokens:
        used: dict[str, int] = {}
        for found in TOKEN.finditer(text):
            label = found[0].strip("[]").rstrip("0123456789")
            number = found[0].strip("[]")[len(label) :]
            used[label] = max(used.get(label, 0), int(number or 0))
        return cls(used)

    def give(self, span: Span) -> str:
        if span.kind == "secret":
            return DROPPED
        key = (span.kind, span.value)
        if key not in self.known:
            label = LABELS[span.kind]
            # Beyond the last number values share it: no token may look like a value.
            self.used[label] = min(self.used.get(label, 0) + 1, MOST_INDEX)
            self.known[key] = f"[{label}{self.used[label]}]"
        return self.known[key]


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
    return [_mask(text, signs) for text, signs in zip(texts, sign_screen()(texts), strict=True)]


def _may_hold(text: str, lower: str, signs: int) -> bool:
    """Whether anything but a name can be personal in a text."""
    if signs & Sign.STRANGE or _placed_by(signs):
        return True
    if signs & Sign.PAIRS and (rows := spoken_digits(text)):
        known = signs & (Sign.INTRODUCED | Sign.ANCHOR | Sign.PLATE | Sign.PLAIN)
        if known or sum(map(len, rows)) >= _LEAST_RUN or any(map(_MOBILE.match, rows)):
            return True
    if not signs & Sign.PLAIN:
        return False
    if signs & Sign.PLATE or disguises(lower) or _DOTTED_IP.search(lower):
        return True
    if signs & Sign.INTRODUCED and any(True for _ in cued_finders(lower)):
        return True
    return bool(LONG_RUN.search(text) or PIECEMEAL.search(text))


def _placed_by(signs: int) -> bool:
    """Whether an address can stand in a text."""
    numbered = Sign.NUMBERED | Sign.ANCHOR
    return bool(signs & Sign.ADDRESS_CUE or signs & numbered == numbered)


def _mask(text: str, signs: int) -> Masked:
    lower = text.lower() if signs & Sign.PLAIN else text
    if not _may_hold(text, lower, signs) and not any(True for _ in names(lower, signs)):
        return Masked(text)
    tokens = _Tokens.of(text) if "[" in text else _Tokens({})
    masked = Masked(text)
    # Read again what was masked: with one value gone, another can come to stand by its cue.
    for _ in range(_MOST_READINGS):
        spans = _read(masked.text, signs)
        if not spans:
            break
        signs = EVERY
        masked = _rewrite(text, tokens, _to_source(spans, masked.offsets), known=masked.found)
    return masked


def _to_source(spans: list[Span], offsets: OffsetMap) -> list[Span]:
    return [Span(*offsets.to_source(s.start, s.end), s.kind, s.value, s.valid) for s in spans]


def _rewrite(text: str, tokens: _Tokens, spans: list[Span], known: tuple[Found, ...]) -> Masked:
    fresh = [Found(s.kind, s.start, s.end, tokens.give(s), s.valid) for s in spans]
    found = tuple(sorted((*known, *fresh), key=lambda f: f.start))
    masked, offsets = apply_edits(text, (Edit(f.start, f.end, f.token) for f in found))
    return Masked(masked, offsets, found)


def _read(text: str, signs: int) -> list[Span]:
    """Find what is personal in a text; positions are those of `text`."""
    seen = view(text)
    copy, taken = seen.text, list[Span]()
    if copy != text:
        signs = EVERY
    for finder in _finders(copy, signs):
        # What is blanked is a sign itself.
        told = finder(copy) if finder is not names else names(copy, EVERY if taken else signs)
        fresh = _placed(told, len(copy))
        if fresh:
            taken += fresh
            copy = _blank(copy, fresh)
    spans = [Span(*seen.source(s.start, s.end), s.kind, s.value, s.valid) for s in taken]
    return sorted(spans, key=lambda s: s.start)


def _finders(copy: str, signs: int) -> Iterator[_Finder]:
    """Give the finders that can find anything here, the surest first."""
    digits = bool(_DIGIT.search(copy))
    if _MAIL_SIGN.search(copy):
        yield emails
    if signs & Sign.INTRODUCED:
        yield from cued_finders(copy)
    if digits and _DOTTED_IP.search(copy):
        yield devices
    if digits and PIECEMEAL.search(copy):
        yield spoken_phones
    if digits and LONG_RUN.search(copy):
        yield from NUMBER_FINDERS
        yield documents
    if digits and signs & Sign.PLATE:
        yield plates
    if _placed_by(signs):
        yield addresses
    yield names


def _placed(spans: Iterable[Span], length: int) -> list[Span]:
    """Keep spans that do not overlap; the longer first."""
    wanted = sorted(spans, key=lambda s: (s.start - s.end, s.start))
    if len(wanted) < 2:
        return wanted
    kept: list[Span] = []
    taken = bytearray(length)
    for span in wanted:
        if 1 not in taken[span.start : span.end]:
            taken[span.start : span.end] = b"\x01" * (span.end - span.start)
            kept.append(span)
    return sorted(kept, key=lambda s: s.start)


def _blank(copy: str, spans: Iterable[Span]) -> str:
    edits = (Edit(s.start, s.end, BARRIER * (s.end - s.start)) for s in spans)
    return apply_edits(copy, edits)[0]
