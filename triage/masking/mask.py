"""Personal data leaves a narrative before anything else sees it.

`mask` replaces every value by a token that tells its kind ([姓名1], [卡号2]) and drops secrets
([已删除]). Recall comes first: a number with a failing check digit is masked too. What the
institution publishes (12378, 95588), amounts, dates and rates stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from triage.masking.cards import NUMBER_FINDERS
from triage.masking.cued import cued_finders, devices, documents
from triage.masking.look import signs_of
from triage.masking.names import names
from triage.masking.numbers import LONG_RUN, PIECEMEAL
from triage.masking.parts import id_parts, spoken_phones
from triage.masking.places import addresses
from triage.masking.plain import emails, plates
from triage.masking.rules import Span
from triage.masking.signs import EVERY, Sign
from triage.masking.tokens import Tokens
from triage.masking.view import BARRIER, USUAL, View, spoken_digits, view
from triage.offsets import IDENTITY, Edit, OffsetMap, apply_edits

_MOST_READINGS = 16
_Finder = Callable[..., Iterator[Span]]
# Digits of a long number, and how a mobile number begins.
_LEAST_RUN = 6
_MOBILE = re.compile("1[3-9]")
_DOTTED_IP = re.compile(r"[0-9a-f]{1,4}[.:-][0-9a-f]{0,8}[.:-]")
# Signs of what only the reading copy shows, and of everything.
_READ = Sign.RUN | Sign.PIECEMEAL | Sign.DISGUISED | Sign.DOTTED | Sign.PLATE
_BY_SIGNS = (addresses, names)
_MAIL = Sign.MAIL | Sign.STRANGE
_TELLING = _READ | _MAIL | Sign.SPOKEN | Sign.VALUED | Sign.OF_PLACES | Sign.OF_NAMES


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
    return _mask_all(texts, signs_of(texts))


def _holds(text: str, signs: int) -> bool:
    """Whether a text is worth reading for personal data."""
    if signs & _READ or (signs & Sign.SPOKEN and _spoken(text, signs)):
        return True
    # Little else changes in the reading copy of such a text, so the finders are asked at once.
    copy = text.lower()
    for char, plain in USUAL.items():
        if char in copy:
            copy = copy.replace(char, plain)
    if signs & Sign.STRANGE and view(text).text != copy:
        return True
    return any(map(_any, _likely(copy, signs)))


def _likely(copy: str, signs: int) -> Iterator[Iterator[Span]]:
    """Ask the finders of what needs no number."""
    if signs & _MAIL:
        yield emails(copy)
    if signs & Sign.VALUED:
        yield from (finder(copy) for finder in cued_finders(copy))
    if signs & Sign.OF_PLACES:
        yield addresses(copy, signs)
    yield names(copy, signs)


def _spoken(text: str, signs: int) -> bool:
    """Whether numerals in a text may make a number that is personal."""
    rows = spoken_digits(text)
    if signs & (Sign.INTRODUCED | Sign.OF_PLACES | Sign.PLATE | Sign.PLAIN):
        return bool(rows)
    return sum(map(len, rows)) >= _LEAST_RUN or any(map(_MOBILE.match, rows))


def _any(spans: Iterator[Span]) -> bool:
    return next(spans, None) is not None


def _mask_all(texts: Sequence[str], signs: Sequence[int]) -> list[Masked]:
    masked = [Masked(text) for text in texts]
    held = {
        number: shown
        for number, (text, shown) in enumerate(zip(texts, signs, strict=True))
        if shown & _TELLING and _holds(text, shown)
    }
    tokens = {n: Tokens.of(texts[n]) if "[" in texts[n] else Tokens({}) for n in held}
    # Read again what was masked: with one value gone, another can come to stand by its cue.
    for _ in range(_MOST_READINGS):
        told = _read_all([masked[n].text for n in held], list(held.values()))
        for number, spans in zip(list(held), told, strict=True):
            if not spans:
                del held[number]
                continue
            known = masked[number]
            fresh = _to_source(spans, known.offsets)
            masked[number] = _rewrite(texts[number], tokens[number], fresh, known=known.found)
        if not held:
            break
    return masked


def _to_source(spans: list[Span], offsets: OffsetMap) -> list[Span]:
    return [Span(*offsets.to_source(s.start, s.end), s.kind, s.value, s.valid) for s in spans]


def _rewrite(text: str, tokens: Tokens, spans: list[Span], known: tuple[Found, ...]) -> Masked:
    fresh = [Found(s.kind, s.start, s.end, tokens.give(s), s.valid) for s in spans]
    found = tuple(sorted((*known, *fresh), key=lambda f: f.start))
    masked, offsets = apply_edits(text, (Edit(f.start, f.end, f.token) for f in found))
    return Masked(masked, offsets, found)


def _read_all(texts: Sequence[str], signs: Sequence[int]) -> list[list[Span]]:
    """Find what is personal in texts; the reading copies that differ are looked at together."""
    seen = [view(text) for text in texts]
    other = [
        number
        for number, (text, shown) in enumerate(zip(texts, signs, strict=True))
        if shown != EVERY and seen[number].text != text
    ]
    anew = dict(zip(other, signs_of([seen[n].text for n in other]), strict=True)) if other else {}
    return [_read(one, anew.get(n, signs[n])) for n, one in enumerate(seen)]


def _read(seen: View, signs: int) -> list[Span]:
    """Find what is personal in a reading copy; positions are those of its text."""
    copy, taken, blanked = seen.text, list[Span](), False
    for finder in _finders(copy, signs):
        if blanked and finder in _BY_SIGNS:
            # What is blanked is a sign itself.
            signs, blanked = _seen_in(copy, signs), False
        told = finder(copy, signs) if finder in _BY_SIGNS else finder(copy)
        fresh = _placed(told, len(copy))
        if fresh:
            taken, copy, blanked = taken + fresh, _blank(copy, fresh), True
    spans = [Span(*seen.source(s.start, s.end), s.kind, s.value, s.valid) for s in taken]
    return sorted(spans, key=lambda s: s.start)


def _seen_in(copy: str, signs: int) -> int:
    """Look again at what changed, unless every pattern is wanted."""
    return signs if signs == EVERY else signs_of([copy])[0]


def _finders(copy: str, signs: int) -> Iterator[_Finder]:
    """Give the finders that can find anything here, the surest first."""
    if signs & _MAIL:
        yield emails
    if signs & Sign.VALUED:
        yield from cued_finders(copy)
    if signs & Sign.DOTTED and _DOTTED_IP.search(copy):
        yield devices
    long = signs & Sign.RUN and LONG_RUN.search(copy)
    if long:
        yield id_parts
    if signs & Sign.PIECEMEAL and PIECEMEAL.search(copy):
        yield spoken_phones
    if long:
        yield from NUMBER_FINDERS
        yield documents
    if signs & Sign.PLATE:
        yield plates
    if signs & Sign.OF_PLACES:
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
