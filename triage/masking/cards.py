"""Bank cards and accounts: long numbers that only their surroundings tell apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from triage.masking.numbers import (
    LINK,
    PIECES,
    TIGHT,
    credit_codes,
    id_cards,
    landlines,
    left_of,
    near_card,
    phones,
    starred,
)
from triage.masking.rules import Span, compact, cues, luhn_valid, one_of

_CARD = re.compile(rf"[0-9](?<![0-9a-z.¥￥$].)(?:{TIGHT}[0-9]){{12,24}}(?![0-9a-z]|[.][0-9])")
# Of a number whose groups commas or strokes set apart, as they do amounts and dates.
_LEAST_APART = 15
_DATED = re.compile(r"20[0-4][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns that hold words of data/masking/cues.yaml."""

    reference: re.Pattern[str]
    account: re.Pattern[str]
    apart: re.Pattern[str]
    money: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    words = cues()
    return _Patterns(
        reference=re.compile(
            f"(?:{one_of(words['reference'])})[号码编]{{0,2}}{LINK}{{0,3}}[a-z]{{0,3}}$"
        ),
        account=re.compile(
            rf"(?:{one_of(words['account'])}){LINK}{{0,4}}+"
            r"([0-9](?:[ -]?[0-9]){7,24})(?![0-9a-z])"
        ),
        apart=re.compile(
            rf"(?:{one_of(words['account'])}){LINK}{{0,4}}+"
            r"([0-9]{3,6}(?:[,，、/.·~～][0-9]{3,7}){2,5})(?![0-9a-z])"
        ),
        money=re.compile(f"(?:[.][0-9]{{1,2}})?(?: ?)(?:{one_of(words['money_units'])})"),
    )


def cards(text: str) -> Iterator[Span]:
    """Find card and account numbers; check digits only flag, they never let a number pass."""
    patterns = _patterns()
    for found in _CARD.finditer(text):
        value = compact(found[0])
        if not patterns.money.match(text, found.end()) and _is_card(
            found[0], value, left_of(text, found.start())
        ):
            yield Span(found.start(), found.end(), "bank_card", value, luhn_valid(value))
    accounts = (*patterns.account.finditer(text), *patterns.apart.finditer(text))
    for found in accounts:
        value = compact(found[1])
        told = found.re is patterns.account or len(value) >= _LEAST_APART
        if told and not patterns.money.match(text, found.end(1)):
            yield Span(found.start(1), found.end(1), "bank_card", value, luhn_valid(value))


def grouped_cards(text: str) -> Iterator[Span]:
    """Find cards written in groups, before their groups are read as phones."""
    for found in _CARD.finditer(text):
        sizes = tuple(map(len, PIECES.findall(found[0])))
        value = compact(found[0])
        spelled = len(sizes) == len(value) >= 15
        fours = len(sizes) >= 4 and set(sizes[:-1]) == {4} and sizes[-1] <= 4
        cued = near_card(left_of(text, found.start()))
        if len(value) <= 19 and (spelled or fours) and (cued or value[0] in "34569"):
            yield Span(found.start(), found.end(), "bank_card", value, luhn_valid(value))


def _is_card(raw: str, value: str, left: str) -> bool:
    patterns = _patterns()
    cued = near_card(left)
    if patterns.reference.search(left):
        return value.startswith("62") and luhn_valid(value)
    if not cued and (_DATED.match(value) or value.startswith(("106", "0", "400", "800"))):
        return False
    pieces = PIECES.findall(raw)
    if len(pieces) > 1 and not cued and min(map(len, pieces[:-1])) < 3 and "\n" not in raw:
        return False
    if 16 <= len(value) <= 19:
        return True
    return cued or (len(value) == 15 and value[:2] in {"34", "37"})


NUMBER_FINDERS: tuple[Callable[[str], Iterator[Span]], ...] = (
    id_cards,
    credit_codes,
    grouped_cards,
    phones,
    landlines,
    cards,
    starred,
)
