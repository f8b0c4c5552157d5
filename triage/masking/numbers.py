"""Long numbers: identity cards, phones, landlines, bank cards, credit codes.

Each finder works on the reading copy (`triage.masking.view`), is linear in its length (bounded or
possessive repeats only), and decides doubtful runs by the words on their left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from triage.masking.rules import (
    Span,
    compact,
    credit_code_valid,
    cues,
    id_card_valid,
    one_of,
)

_S = r"[ .·。_\n/*|,，、~～-]{0,2}"
TIGHT = r"[ .·_\n-]{0,3}"
# Only where a word tells what the number is.
_LOOSE = r"[ .·_\n/,，、~～-]{0,3}"
LINK = r"[是为叫号码:：= \n“”\"'「」【（(，,/\[-]"
PIECEMEAL = re.compile(r"1[3-9][0-9]{1,8}[，,、。 ：:]{0,2}(?:[后然中最末尾开打再加接是连跟])")
LONG_RUN = re.compile(r"[0-9](?:[^0-9一-龥]{0,3}[0-9x*o#]){5,}+")

_ID18 = re.compile(
    rf"[1-9](?<![0-9a-z].)(?:{TIGHT}[0-9]){{5}}{TIGHT}(?:1{TIGHT}9|2{TIGHT}0)(?:{TIGHT}[0-9])"
    rf"{{2}}{TIGHT}(?:0{TIGHT}[1-9]|1{TIGHT}[0-2]){TIGHT}(?:0{TIGHT}[1-9]|[12]{TIGHT}[0-9]|3"
    rf"{TIGHT}[01])(?:{TIGHT}[0-9]){{3}}{TIGHT}(?:[0-9x叉]|[艾爱埃]克斯)(?![0-9a-z])"
)
# How the last sign is told.
_TOLD_X = re.compile("叉|[艾爱埃]克斯")
_ID15 = re.compile(
    r"[1-8](?<![0-9a-z].)(?:(?<=1)[1-5]|(?<=2)[1-3]|(?<=3)[1-7]|(?<=4)[1-6]|(?<=5)[0-4]|(?<=6)[1-5]"
    r"|(?<=[78])1|(?<=8)2)[0-9]{6}"
    r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}(?![0-9a-z])"
)
_STARRED = re.compile(
    r"[0-9](?<![0-9a-z].)(?:[0-9]{2,13}(?:[*#·]{3,14}|x{3,14})[0-9]{0,4}x?(?![0-9a-z])"
    r"|[0-9]{3} ?[0-9]{0,2}[*#]{2,4}(?: [*#]{4}){1,3} ?[0-9]{3,4}(?![0-9a-z]))"
)
_CREDIT = re.compile(
    r"[1-9any](?<![0-9a-z].)[1-9][0-9]{6}(?=[0-9]*[a-z])[0-9a-hj-npqrtuwxy]{10}(?![0-9a-z])"
)
# What a pattern may begin with stands in front, what may not stand before it behind that: most
# characters are passed over at once.
_NOT_MONEY = "(?![0-9]|[.][0-9]{{1,2}}(?![0-9])| ?(?:{}))"
_PHONE = (
    r"(?=[(（+018])(?<![0-9])(?<![0-9][.])(?<![¥￥$€])[(（]?(?:(?:[+]|00)?86[ )）-]{{0,2}})?0?"
    r"1[3-9][0-9]{s}[0-9]{{4}}{s}[0-9]{{4}}{end}"
)
_PHONE_LOOSE = r"1(?<![0-9].)(?<![¥￥$€].)(?:{s}[0-9]){{10}}{end}"
_ABROAD = re.compile(r"[+](?!86)[1-9][0-9]{0,2}[ -]?(?:[0-9][ -]?){6,10}[0-9](?![0-9])")
_LANDLINE = re.compile(
    r"(?=[(（0])(?<![0-9.])[(（]?0(?:10|2[0-9]|[3-9][0-9]{2})[)）]?[ 、/-]{0,5}"
    r"[1-9][0-9]{2,3}[ -]?[0-9]{4}"
    r"(?:(?: ?转 ?|[(（]?分机| ?-|[ ])[0-9]{1,6})?(?![0-9])"
    r"|(?=[+08])(?<![0-9.])(?:[+]|00)?86[ -]?(?:10|2[0-9]|[3-9][0-9]{2})[ -]?"
    r"[2-8][0-9]{2,3}[ -]?[0-9]{4}"
    r"(?![0-9万亿元块])"
)
_REGULAR = frozenset(
    [
        *((11,), (3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (3, 3, 5), (4, 3, 4), (3, 4, 2, 2), (5, 6)),
        *((3, 2, 2, 2, 2), (3, 2, 3, 3), (2, 3, 3, 3), (1,) * 11),
    ]
)
PIECES = re.compile(r"[0-9]+")
# The end of a line within a number.
_BROKEN = r"[ ._-]{0,2}\n{1,2} {0,8}"


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Patterns that hold words of data/masking/cues.yaml."""

    phone: re.Pattern[str]
    phone_loose: re.Pattern[str]
    phone_cue: re.Pattern[str]
    phone_behind: re.Pattern[str]
    landline: re.Pattern[str]
    id_cued: re.Pattern[str]
    id_near: re.Pattern[str]
    credit_cued: re.Pattern[str]
    card_cue: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    words = cues()
    end = _NOT_MONEY.format(one_of(words["money_units"]))
    identity = one_of(words["identity"])
    return _Patterns(
        phone=re.compile(_PHONE.format(s=_S, end=end)),
        phone_loose=re.compile(_PHONE_LOOSE.format(s=rf"(?:[ .·_-]{{0,3}}|{_BROKEN})", end=end)),
        phone_cue=re.compile(f"(?:{one_of(words['phone'])})[^0-9]{{0,8}}$"),
        phone_behind=re.compile(
            r"[ ,，）)]{0,2}(?:就?是|为|这|才是)?(?:我|本人|他|她|家里|爱人|老公|老婆|爸|妈){0,2}"
            r"的?(?:新|旧|老|常用|备用)?(?:手机|电话|号(?!楼|院|文件)|联系)"
        ),
        landline=re.compile(
            rf"(?:{one_of(words['landline'])}){LINK}{{0,4}}+(?!20[0-2][0-9][01]|[48]00)"
            rf"([2-9][0-9]{{2,3}}[ -]?[0-9]{{4}}|0(?:[ -][0-9]){{1,2}}(?:[ -]?[0-9]){{8,9}}){end}"
        ),
        id_cued=re.compile(
            rf"(?:{identity}){LINK}{{0,6}}+([1-9](?:{_LOOSE}[0-9*o]){{9,18}}{_LOOSE}x?)(?![0-9a-z])"
        ),
        id_near=re.compile(f"(?:{identity}){LINK}{{0,6}}+$"),
        credit_cued=re.compile(
            rf"(?:{one_of(words['licence'])})(?:号码?|编号)?{LINK}{{0,4}}+"
            r"((?:[0-9a-z] ?){14,17}[0-9a-z])(?![0-9a-z])"
        ),
        card_cue=re.compile(f"(?:{one_of(words['card'])})[^0-9，。；,;]{{0,8}}$"),
    )


def left_of(text: str, start: int) -> str:
    """Give the few characters in front of a number, where its cue stands."""
    return text[max(0, start - 14) : start]


def near_card(left: str) -> bool:
    """Whether 卡, 账, 户… stands just in front."""
    return bool(_patterns().card_cue.search(left))


def credit_codes(text: str) -> Iterator[Span]:
    """Find unified social credit codes: with a letter anywhere, all digits after their name."""
    for found in _CREDIT.finditer(text):
        yield _credit(found.start(), found.end(), found[0])
    for found in _patterns().credit_cued.finditer(text):
        yield _credit(found.start(1), found.end(1), found[1])


def _credit(start: int, end: int, raw: str) -> Span:
    value = compact(raw)
    return Span(start, end, "credit_code", value, credit_code_valid(value))


def id_cards(text: str) -> Iterator[Span]:
    """Find resident numbers, mistyped ones too; numbers from 9 on are residence permits."""
    for found in _ID18.finditer(text):
        value = compact(_TOLD_X.sub("x", found[0]))
        if value[0] == "9":
            yield Span(found.start(), found.end(), "document", value)
        else:
            yield Span(found.start(), found.end(), "id_card", value, id_card_valid(value))
    for found in _ID15.finditer(text):
        yield Span(found.start(), found.end(), "id_card", found[0])
    for found in _patterns().id_cued.finditer(text):
        raw = found[1].rstrip(" .·_\n/,，、~～-")
        value = compact(raw)
        if len(value) >= 13 or ("*" in raw and len(raw) >= 10):
            start = found.start(1)
            yield Span(start, start + len(raw), "id_card", value, id_card_valid(value))


def starred(text: str) -> Iterator[Span]:
    """Find numbers whose middle is hidden already: 138****1234."""
    hidden = "*" in text or "xxx" in text or "#" in text or "·" in text
    for found in _STARRED.finditer(text) if hidden else ():
        raw, left = found[0], left_of(text, found.start())
        cued = _patterns().id_near.search(left)
        if cued or (len(raw) == 18 and not near_card(left)):
            kind = "id_card"
        elif raw[0] == "1" and raw[1] in "3456789" and len(raw) <= 12:
            kind = "phone"
        else:
            kind = "bank_card"
        yield Span(found.start(), found.end(), kind, raw)


def phones(text: str) -> Iterator[Span]:
    """Find mobile numbers, however their digits are set apart, and numbers abroad."""
    patterns = _patterns()
    for found in patterns.phone.finditer(text):
        start, end = found.start(), found.end()
        value = compact(found[0])[-11:]
        if found[0][0] in "(（":
            closed = any(c in found[0] for c in ")）")
            start, end = (start, end) if closed else (start + 1, end)
        yield Span(start, end, "phone", value)
    for found in patterns.phone_loose.finditer(text):
        value = compact(found[0])
        if value[1] in "3456789" and _is_phone(text, found):
            yield Span(found.start(), found.end(), "phone", value)
    for found in _ABROAD.finditer(text) if "+" in text else ():
        yield Span(found.start(), found.end(), "phone", compact(found[0]))


def _is_phone(text: str, found: re.Match[str]) -> bool:
    """Whether eleven figures that are set apart make a mobile number."""
    pieces = PIECES.findall(re.sub(_BROKEN, "", found[0]))
    sizes = tuple(map(len, pieces))
    # 1380 0138000: no amount and no count begins with a nought.
    noughts = any(piece[0] == "0" and len(piece) > 2 for piece in pieces[1:])
    patterns = _patterns()
    return (
        sizes in _REGULAR
        or (noughts and len(pieces) < 5)
        or patterns.phone_cue.search(left_of(text, found.start())) is not None
        or patterns.phone_behind.match(text, found.end()) is not None
    )


def landlines(text: str) -> Iterator[Span]:
    """Find fixed lines: with an area code anywhere, without one after 座机, 电话…"""
    for found in _LANDLINE.finditer(text):
        raw, start = found[0], found.start()
        if raw[0] in "(（" and not any(c in raw for c in ")）"):
            raw, start = raw[1:], start + 1
        yield Span(start, found.end(), "landline", compact(raw))
    for found in _patterns().landline.finditer(text):
        yield Span(found.start(1), found.end(1), "landline", compact(found[1]))
