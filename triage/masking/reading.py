"""What is personal in reading copies: the finders in their order, the surest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from triage.masking.cards import NUMBER_FINDERS
from triage.masking.cued import cued_finders, devices, passports
from triage.masking.look import NOTHING, Look, look_at
from triage.masking.names import names
from triage.masking.numbers import LONG_RUN, PIECEMEAL
from triage.masking.parts import id_parts, spoken_phones
from triage.masking.places import addresses
from triage.masking.plain import emails, plates
from triage.masking.rules import Span
from triage.masking.signs import EVERY, Sign
from triage.masking.view import BARRIER, View
from triage.offsets import Edit, replaced

_DOTTED_IP = re.compile(r"[0-9a-f]{1,4}[.:-][0-9a-f]{0,8}[.:-]")
MAIL = Sign.MAIL | Sign.STRANGE
"""Signs of an address of mail."""


@dataclass(slots=True)
class Copy:
    """A reading copy while values are found in it.

    Attributes
    ----------
    seen : View
    look : Look
        What was seen in `text`.
    text : str
        The copy, with what was found blanked.
    spans : list of Span
        What was found, in positions of the copy.
    """

    seen: View
    look: Look
    text: str = field(init=False)
    spans: list[Span] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.text = self.seen.text

    def take(self, told: Iterable[Span]) -> bool:
        """Note and blank what does not overlap; whether there was any."""
        fresh = _placed(told, len(self.text))
        if fresh:
            self.spans += fresh
            edits = (Edit(s.start, s.end, BARRIER * (s.end - s.start)) for s in fresh)
            self.text = replaced(self.text, edits)
        return bool(fresh)

    def take_numbers(self) -> bool:
        """Take all but places and names, first of all; whether there was any."""
        for finder in _finders(self.text, self.look.signs):
            self.take(finder(self.text))
        return bool(self.spans)

    def in_source(self) -> list[Span]:
        """Give what was found, in positions of what the copy was made from, in their order."""
        source = self.seen.source
        spans = [Span(*source(s.start, s.end), s.kind, s.value, s.valid) for s in self.spans]
        return sorted(spans, key=lambda s: s.start)


def find_all(copies: Sequence[Copy]) -> None:
    """Find what is personal in reading copies.

    What is blanked is a sign itself: before places and names are read, the signs are renewed.
    """
    renew([copy for copy in copies if copy.take_numbers()])
    placed = (copy for copy in copies if copy.look.signs & Sign.OF_PLACES)
    renew([copy for copy in placed if copy.take(addresses(copy.text, copy.look.signs))])
    for copy in copies:
        copy.take(names(copy.text, copy.look))


def renew(copies: Sequence[Copy]) -> None:
    """Look again at copies that are not what was looked at, unless every pattern is wanted."""
    copies = [copy for copy in copies if copy.look.signs != EVERY]
    if copies:
        looks = look_at([copy.text for copy in copies])
        for number, copy in enumerate(copies):
            copy.look = looks.get(number, NOTHING)


def _finders(copy: str, signs: int) -> Iterator[Callable[[str], Iterator[Span]]]:
    """Give the finders of numbers and secrets that can find anything in a copy."""
    if signs & MAIL:
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
        yield passports
    if signs & Sign.PLATE:
        yield plates


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
