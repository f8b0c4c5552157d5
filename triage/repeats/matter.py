"""What is compared of a ticket, made ready once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from triage.normalize import normalize
from triage.numerals import parse_number
from triage.repeats.settings import MatterRule, Settings
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


@dataclass(frozen=True)
class Matter:
    """A ticket as repeats see it; what only comparing needs is read when it is compared.

    Attributes
    ----------
    id : str
        Whatever the ledger calls it.
    customer_ref : str or None
        Stands for the customer; None where nobody knows.
    received_at : datetime
        With a zone.
    text : str
        Masked and normalised.
    sketch : Sketch
    bands : tuple of int
        Keys to find like texts by; none for a text too short to be a template.
    rule : MatterRule
    line : str or None
    secondary : tuple of str
    product : str or None
    amount_cny : float or None
    """

    id: str
    customer_ref: str | None
    received_at: datetime
    text: str
    sketch: Sketch
    bands: tuple[int, ...]
    rule: MatterRule = field(repr=False, compare=False)
    line: str | None
    secondary: tuple[str, ...]
    product: str | None
    amount_cny: float | None

    @cached_property
    def bare(self) -> str:
        """The text without masks, punctuation and blanks."""
        return _SIGNS.sub("", _MASKS.sub("", self.text))

    @cached_property
    def pairs(self) -> frozenset[str]:
        """Neighbouring characters of `bare`, digits apart: numbers are compared as numbers."""
        pairs = {self.bare[i : i + _PAIR] for i in range(len(self.bare) - _PAIR + 1)}
        return frozenset([pair for pair in pairs if not pair.isdecimal()])

    @cached_property
    def numbers(self) -> frozenset[float]:
        """Amounts, tails of cards and other numbers that tell one matter from another."""
        numbers = set(_numbers(self.text))
        if self.amount_cny is not None:
            numbers.add(round(self.amount_cny, 2))
        return frozenset(numbers - self.rule.common_numbers)

    @cached_property
    def refers_back(self) -> float:
        """Words for what was said or promised before, to 40 characters; a short text has 40."""
        told = self.rule.refers_back.findall(self.text)
        return len(told) / max(1.0, len(self.bare) / _USUAL)

    @cached_property
    def says_another(self) -> bool:
        """Whether the text says itself that it is about something else."""
        return self.rule.says_another.search(self.text) is not None


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
    drawn = known or sketch(text)
    return Matter(
        id=ident,
        customer_ref=customer_ref or None,
        received_at=received_at,
        text=text,
        sketch=drawn,
        bands=drawn.bands() if drawn.length >= settings.template.min_length else (),
        rule=settings.matter,
        line=line,
        secondary=secondary,
        product=product or None,
        amount_cny=amount_cny,
    )


def _numbers(text: str) -> list[float]:
    values = (parse_number(found[0]) for found in _NUMBER.finditer(text))
    return [round(value, 2) for value in values if value is not None and value >= _LEAST_NUMBER]
