"""Secrets: passwords, one-time codes, and what stands on a card beside its number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from triage.masking.numbers import LINK
from triage.masking.rules import Span, cues, digits_in, one_of
from triage.masking.view import DELETED_BARRIER

_FIGURE = "[0-9零〇一幺二三四五六七八九]"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[零〇]?[一二三四五六七八九])"
_SHORT_YEAR = rf"(?:[2-4][0-9]|[二三四]{_FIGURE})"
_EXPIRY = (
    r"((?:0?[1-9]|1[0-2]) ?[/-] ?(?:20)?[2-4][0-9](?![0-9/-])"
    r"|(?:0[1-9]|1[0-2]) ?[2-4][0-9](?![0-9年月元块万])"
    rf"|{_SHORT_YEAR}年{_MONTH}月(?![0-9])"
    rf"|{_MONTH}月(?:20)?{_SHORT_YEAR}年"
    rf"|20[2-4][0-9](?:年{_MONTH}月(?![0-9])|[/-](?:0[1-9]|1[0-2])(?![0-9/-])))"
)
# 六个八, 三个一三个二, 123加三个6
_COUNTED = rf"[0-9一二两三四五六七八九十]个{_FIGURE}"
_JOINT = "[ ,，、加和跟再]{0,2}"
_FIGURES = rf"(?:[0-9]{{1,8}}+{_JOINT})?+{_COUNTED}(?:{_JOINT}(?:{_COUNTED}|[0-9]{{1,8}}))*+"
# 一样, 一直, 一起 … : the numeral belongs to a word.
_NO_FIGURE = "(?![样直起些定边半般次人家般位小多])"
# Figures one by one: 3 8 1 7, 3、8、1、7
_APART = r"[0-9](?:[ .,，、-]{1,2}[0-9]){3,11}"


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns that hold words of data/masking/cues.yaml; the others with what they need."""

    password: re.Pattern[str]
    others: tuple[tuple[str, re.Pattern[str]], ...]
    expiry: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    words = cues()
    fill = rf"(?:{LINK}|{DELETED_BARRIER}++|{one_of(words['fill'])}){{0,12}}+"
    code, password = one_of(words["code"]), one_of(words["password"])
    cvv = one_of(cvv_words())
    known = f"(?:{code}|{password}|{cvv})"
    unit = f"(?!{one_of(words['units'])})"
    whose = "(?:这个|那个|这条|我的|您的|我|短信|登录|支付|银行|卡的?|取款){0,3}+"
    same = (
        rf"{known}{LINK}{{0,3}}+(?:[0-9四六八]位)?[全都]部?都?[是为]({_FIGURE}){_NO_FIGURE}{unit}"
    )
    others = (
        (
            "",
            rf"(?:{code}){fill}([0-9](?:[ -]?[0-9]){{3,7}}|(?=[a-z]{{0,7}}[0-9])[0-9a-z]{{4,8}})"
            rf"(?![0-9a-z]){unit}",
        ),
        (
            "",
            r"(?<![0-9a-z.])([0-9]{4,8})(?:就?是|为|的|[(（]|(?=这))"
            rf"{whose}(?:{code}|{password})",
        ),
        (
            "",
            rf"(?:{cvv})(?:数字|码|号|位|个|数|字|是){{0,3}}{fill}"
            rf"([0-9](?:[ -]?[0-9]){{2,3}})(?![0-9]){unit}",
        ),
        (
            "",
            rf"(?:{one_of(words['figures'])})字?[是为:： ]{{0,2}}([0-9](?:[ -]?[0-9]){{5}})"
            rf"(?![0-9]|[.][0-9]){unit}",
        ),
        ("前", rf"(?:{code})[^0-9]{{0,12}}前[三四六]位[是为]?([0-9]{{3,6}})(?![0-9]){unit}"),
        ("", rf"{known}{fill}({_APART})(?![0-9a-z]|[.][0-9]){unit}"),
        ("个", rf"{known}{fill}({_FIGURES}){_NO_FIGURE}{unit}"),
        ("个", rf"(?<![0-9])({_FIGURES})(?:就?是|为){whose}{known}"),
        ("全", same),
        ("都", same),
    )
    return _Patterns(
        password=re.compile(
            rf"(?:{password}){fill}([0-9]{{2,4}}(?:[ -][0-9]{{2,4}}){{1,3}}(?![0-9a-z])"
            rf"|[0-9a-z!@#$%^&*._+?-]{{3,32}}){unit}"
        ),
        others=tuple((needed, re.compile(pattern)) for needed, pattern in others),
        expiry=re.compile(
            rf"(?:{one_of(words['expiry'])})"
            rf"(?:[至到是为:： 截止]|{DELETED_BARRIER}++){{0,4}}+{_EXPIRY}"
        ),
    )


def cvv_words() -> list[str]:
    """Give the words for the code on the back of a card."""
    words = cues()
    return [
        *words["cvv"],
        *(side + end for side in words["cvv_sides"] for end in words["cvv_ends"]),
    ]


def secrets(text: str) -> Iterator[Span]:
    """Find passwords, one-time codes, card security codes and card expiry dates."""
    patterns, hotlines = _patterns(), set(cues()["hotlines"])
    others = (pattern for needed, pattern in patterns.others if needed in text)
    for pattern in (patterns.password, *others):
        for found in pattern.finditer(text):
            value = found[1].rstrip(".,?!") or found[1]
            known = value in hotlines or (len(value) == 5 and value.startswith("95"))
            named = pattern is not patterns.password or _is_password(found, value)
            if named and not known:
                start = found.start(1)
                yield Span(start, start + len(value), "secret", value)
    for found in patterns.expiry.finditer(text):
        value = found[1]
        if len(value) < 8 or "卡" in text[max(0, found.start() - 8) : found.start()]:
            yield Span(found.start(1), found.end(1), "secret", value)


def _is_password(found: re.Match[str], value: str) -> bool:
    digits = digits_in(value)
    if digits >= 3 or (digits and len(value) >= 4):
        return True
    # A word of letters alone counts only when it is said to be the password; ?????? never does.
    return (
        len(value) >= 5
        and any(map(str.isalnum, value))
        and found[0][: found.start(1) - found.start()][-1] in '是为:：“"'
    )
