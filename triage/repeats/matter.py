"""What is compared of a ticket, made ready once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from triage.normalize import normalize
from triage.numerals import parse_number
from triage.repeats.settings import Settings
from triage.repeats.sketch import Sketch, sketch

_NUMBER = re.compile(
    r"[0-9][0-9,]*(?:\.[0-9]+)?[万千百亿wk]?[0-9]?|[零一二两三四五六七八九十百千万亿]{2,14}"
)
# Smaller ones count days, times and persons: they tell nothing of the matter.
_LEAST_NUMBER = 20
_MASKS = re.compile(r"\[[^\[\]]{1,8}\]")
_SIGNS = re.compile(r"[\W_]")
_PAIR = 2
# Characters of a usual text: a long one has words like 又 and 再 by the dozen, whatever it says.
_USUAL = 40


@dataclass(frozen=True, slots=True)
class Matter:
    """A ticket as repeats see it.

    Attributes
    ----------
    id : str
        Whatever the ledger calls it.
    customer_ref : str or None
        Stands for the customer; None where nobody knows.
    received_at : datetime
        With a zone.
    bare : str
        The masked and normalised text without masks, punctuation and blanks.
    sketch : Sketch
    bands : tuple of int
        Keys to find like texts by; none for a text too short to be a template.
    line : str or None
    secondary : tuple of str
    product : str or None
    pairs : frozenset of str
        Neighbouring characters of `bare`, digits apart: numbers are compared as numbers.
    numbers : frozenset of float
        Amounts, tails of cards and other numbers that tell one matter from another.
    refers_back : float
        Words for what was said or promised before, to 40 characters; a short text counts as 40.
    says_another : bool
        Whether the text says itself that it is about something else.
    """

    id: str
    customer_ref: str | None
    received_at: datetime
    bare: str
    sketch: Sketch
    bands: tuple[int, ...]
    line: str | None
    secondary: tuple[str, ...]
    product: str | None
    pairs: frozenset[str]
    numbers: frozenset[float]
    refers_back: float
    says_another: bool


def read_matter(
    ident: str,
    masked_text: str,
    settings: Settings,
    *,
    received_at: datetime,
    customer_ref: str | None,
    line: str | None = None,
    secondary: tuple[str, ...] = (),
    product: str | None = None,
    amount_cny: float | None = None,
    known: Sketch | None = None,
    normal: str | None = None,
) -> Matter:
    """Make a ticket ready.

    Parameters
    ----------
    ident : str
    masked_text : str
        Without personal data, as it is stored; anything a str can hold.
    settings : Settings
    received_at : datetime
        With a zone.
    customer_ref : str or None
        None and empty are nobody: such a ticket repeats no other.
    line, secondary, product, amount_cny : optional
        What the assessment and the intake say.
    known : Sketch, optional
        The sketch of the text, where it was stored.
    normal : str, optional
        The text normalised, where that was done already.
    """
    text = normalize(masked_text).text if normal is None else normal
    bare = _SIGNS.sub("", _MASKS.sub("", text))
    drawn = known or sketch(text)
    rule = settings.matter
    pairs = (bare[i : i + _PAIR] for i in range(len(bare) - _PAIR + 1))
    numbers = set(_numbers(text))
    if amount_cny is not None:
        numbers.add(round(amount_cny, 2))
    return Matter(
        id=ident,
        customer_ref=customer_ref or None,
        received_at=received_at,
        bare=bare,
        sketch=drawn,
        bands=drawn.bands() if drawn.length >= settings.template.min_length else (),
        line=line,
        secondary=secondary,
        product=product or None,
        pairs=frozenset(pair for pair in pairs if not pair.isdecimal()),
        numbers=frozenset(numbers - rule.common_numbers),
        refers_back=len(rule.refers_back.findall(text)) / max(1.0, len(bare) / _USUAL),
        says_another=rule.says_another.search(text) is not None,
    )


def _numbers(text: str) -> list[float]:
    values = (parse_number(found[0]) for found in _NUMBER.finditer(text))
    return [round(value, 2) for value in values if value is not None and value >= _LEAST_NUMBER]
