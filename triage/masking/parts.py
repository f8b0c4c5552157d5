"""Numbers told in parts: 138后面是0000，最后1234, an identity card's tail and a birthday."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from triage.masking.numbers import LINK
from triage.masking.rules import Span, compact, cues, id_card_valid, one_of

_BIRTHDAY = re.compile(
    r"(?:生日|出生(?:日期|年月日?|于)?|生于)[是为于:： ]{0,3}"
    r"((?:19|20)?[0-9]{2}[年./-]?[01]?[0-9][月./-]?[0-3]?[0-9](?:日|号(?!码))?)(?![0-9])"
)
# One of these is in every word for an identity card.
_ID_SIGNS = ("证", "身份", "sfz", "證", "id", "s份")
# An identity number by its form: area, birthday, order, check digit.
_FORM = re.compile(
    "[1-8][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9x]"
)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns that hold words of data/masking/cues.yaml."""

    phone: re.Pattern[str]
    identity: re.Pattern[str]
    near: re.Pattern[str]
    tail: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    words = cues()
    joints = one_of(words["number_joints"])
    places = "[前中后末头]?(?:1[0-8]|[2-9]|十[一二]?|[二三四五六七八九])位"
    joint = rf"(?:[，,、。 ：:]|{joints}|{places})"
    identity = one_of(words["identity"])
    return _Patterns(
        phone=re.compile(
            r"(?<![0-9])1[3-9][0-9]{1,8}"
            rf"(?:(?:[，,、。 ：:]|{joints}){{1,6}}+[0-9]{{1,8}}){{1,4}}+(?![0-9])"
        ),
        identity=re.compile(
            rf"(?<![0-9a-z])[1-8][0-9]{{2,14}}(?:{joint}{{1,6}}+[0-9]{{1,15}}){{1,5}}+"
            r"x?(?![0-9a-z])"
        ),
        near=re.compile(rf"(?:{identity})(?:{LINK}|{joint}|[前头六]){{0,6}}$"),
        tail=re.compile(
            rf"(?:{identity})(?:号码?|的){{0,2}}(?:最后|[后後末尾])(?:[面4四6六5五几]|位|号码?|数字?|的|尾){{0,4}}+"
            rf"{LINK}{{0,4}}+([0-9](?: ?[0-9]){{3,5}}|[0-9](?: ?[0-9]){{2,4}} ?x)(?![0-9a-z])"
        ),
    )


def spoken_phones(text: str) -> Iterator[Span]:
    """Find mobile numbers told in pieces."""
    for found in _patterns().phone.finditer(text):
        value = compact(found[0])
        if len(value) == 11:
            yield Span(found.start(), found.end(), "phone", value)


def id_parts(text: str) -> Iterator[Span]:
    """Find identity numbers told in pieces: 前六位110105后面19491231002X."""
    patterns = _patterns()
    if not any(sign in text for sign in _ID_SIGNS):
        return
    for found in patterns.identity.finditer(text):
        value = _figures(found[0])
        near = text[max(0, found.start() - 24) : found.start()]
        if _FORM.fullmatch(value) or (len(value) in {15, 18} and patterns.near.search(near)):
            yield Span(found.start(), found.end(), "id_card", value, id_card_valid(value))


def _figures(raw: str) -> str:
    # 后4位: the figure counts, it is no part of the number.
    return compact(re.sub("[0-9]{1,2}位", "", raw))


def id_tails(text: str) -> Iterator[Span]:
    """Find the last figures of an identity card beside a birthday; alone they name nobody."""
    tails = list(_patterns().tail.finditer(text))
    birthdays = list(_BIRTHDAY.finditer(text)) if tails else []
    for found in [*tails, *birthdays] if birthdays else ():
        yield Span(found.start(1), found.end(1), "id_card", compact(found[1]))
