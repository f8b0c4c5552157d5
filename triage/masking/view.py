"""A reading copy of a narrative for the masking patterns.

Digits in any script or ornament become 0-9, Latin letters become narrow and small, Chinese
numerals in a row become digits, invisible characters go. Every position still leads back.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from string import ascii_lowercase, digits

from triage.masking.rules import LABELS

BARRIER = "\ufffc"
"""Stands in the copy for what is masked already: no pattern matches across it."""
NAME_BARRIER = "\ufffb"
"""The same for a name. A name beside a name proves nothing, so they are told apart."""
DELETED_BARRIER = "\ufffa"
"""The same for a secret: the word that introduced it may introduce another one behind it."""
MOST_INDEX = 999
"""Last number of a token: a longer row of digits behind a label is a value, not an index."""

_NUMERALS = {
    **dict(zip("零〇一二三四五六七八九", "00123456789", strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True)),
    **dict(zip("貳參陸幺弌弍弎○", "23611230", strict=True)),
}
# As they are told over the air; only within long rows, 两 is an everyday word.
_RADIO = dict(zip("洞拐勾两", "0792", strict=True))
_ZEROS = (
    *(0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6),
    *(0x0D66, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1B50),
    *(0xA620, 0xA8D0, 0xA900, 0xABF0, 0xFF10, 0x2080, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC),
    *(0x1D7F6, 0x1FBF0, 0x1F101),
)
_ONES = (0x2460, 0x2474, 0x2488, 0x24F5, 0x2776, 0x2780, 0x278A, 0x3220, 0x3280)
_OTHERS = {
    **dict(zip("⓪⓿⁰¹²³⁴⁵⁶⁷⁸⁹🄋🄌", "00012345678900", strict=True)),
    **dict.fromkeys("\x85\u2028\u2029\r\v\f", "\n"),
    **dict.fromkeys("·•・‧･∙⋅●", "·"),
    **dict.fromkeys("‐‑‒–—―−﹣－⁃", "-"),
    **dict.fromkeys("\u00a0\u202f\u205f\u3000\t", " "),
    **{chr(c): " " for c in range(0x2000, 0x200B)},
    "İ": "i",
    "﹡": "*",
    "✱": "*",
    "×": "x",
}
_DROPPED = (
    "\u00ad\u0300-\u036f\u061c\u115f\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u20d0-\u20f0\u3164\ufe00-\ufe0f\ufeff"
)


def _folding() -> dict[int, str]:
    table = {ord(a): b for a, b in _OTHERS.items()}
    table |= {zero + i: str(i) for zero in _ZEROS for i in range(10)}
    table |= {one + i: str(i + 1) for one in _ONES for i in range(9)}
    for wide in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)):
        table[wide] = chr(wide - 0xFEE0).lower()
    table |= {ord(c): chr(ord(c) - 0xFEE0) for c in "＠．＿＋＃／＊％＆＝"}
    return table


_FOLDING = _folding()
# One class over the basic plane is searched some twenty times faster than one that leaves it.
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_NARROW = "".join(re.escape(chr(c)) for c in _FOLDING if c <= 0xFFFF)
_ODD = re.compile(f"[{_NARROW}]")
_DROP = re.compile(f"[{_DROPPED}]")
NUMERALS = "".join(_NUMERALS)
_ROW = re.compile(f"[{NUMERALS}0-9](?:[ ._·,，、\\n-]{{0,2}}[{NUMERALS}0-9]){{2,}}+")
# 我叫张三，1237八: the numeral before a mark may end a name.
_HEAD = re.compile(f"[{NUMERALS}][ ,，、\\n]+(?=[{NUMERALS}0-9]{{3}})")
_PHONE_DIGITS = 11
_TO_DIGITS = str.maketrans(_NUMERALS)
_TO_FIGURES = str.maketrans(_RADIO)
_AIR = f"[{NUMERALS}{''.join(_RADIO)}0-9]"
_COUNTING = re.compile(f"两(?={_AIR})")
_AIR_ROW = re.compile(f"(?!两){_AIR}(?:[ ._·,，、\\n-]{{0,2}}{_AIR}){{5,}}+")
_LETTERS = re.compile(r"(?<![0-9a-z])[1li|][3-9](?:[ -]?[0-9oli]){9}(?![0-9a-z])")
_TO_LETTERS = str.maketrans("oli|", "0111")
TOKEN = re.compile(rf"\[(?:(?:{'|'.join(LABELS.values())})[0-9]{{1,3}}|已删除)\]")

USUAL = {"\u3000": " ", "\u2014": "-", "\t": " "}
"""Everyday characters that the copy changes all the same, and what they become."""
_RARE = "".join(
    re.escape(chr(c)) for c in _FOLDING if c <= 0xFFFF and chr(c) not in {*USUAL, "·", "\n"}
)
_STRANGE = re.compile(f"[{_DROPPED}{_RARE}]")


def strange_signs() -> list[str]:
    """Give the characters that the reading copy changes, and how tokens begin."""
    return [*(c for c in map(chr, range(0x10000)) if _STRANGE.match(c)), "["]


def numeral_classes() -> dict[str, str]:
    """Give the characters of the classes of `triage.kernels.classes` that numbers need."""
    return {
        "DIGIT": digits,
        "LATIN": ascii_lowercase,
        "NUMERAL": NUMERALS + "".join(_RADIO),
        "JOINT": " ._·,，、\n-",
        "FILL": f"{digits}x*o#",
        "LOOKALIKE": f"{digits}oli|",
        "HEX": f"{digits}abcdef",
        "POINT": ".:-",
        "VALUE": f"{digits}{ascii_lowercase}!@#$%^&*._+?-/",
        "PAUSE": "，,、。 ：:",
        "ORDINAL": "号號",
        "GOES_ON": "后然中最末尾开打再加接是连跟",
    }


def spoken_digits(text: str) -> list[str]:
    """Give the rows of Chinese numerals, alone or with digits, in digits."""
    rows = (found[0] for found in _ROW.finditer(_off_air(text)))
    return [re.sub("[^0-9]", "", row.translate(_TO_DIGITS)) for row in rows if not row.isascii()]


@dataclass(frozen=True, slots=True)
class View:
    """The reading copy and the way back.

    Attributes
    ----------
    text : str
        What patterns are matched against.
    index : array of int or None
        Position in the source of each character of `text` and of its end; None when nothing
        was dropped.
    """

    text: str
    index: array[int] | None = None

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Give the range of the source behind `text[start:end]`, with the invisible tail."""
        if self.index is None:
            return start, end
        return self.index[start], self.index[end]


def plain_view(source: str) -> tuple[View, bool]:
    """Make the reading copy of a text that shows no sign of what needs more.

    Told too is whether more than capitals changed.
    """
    text = lower = source.lower()
    for char, usual in USUAL.items():
        if char in text:
            text = text.replace(char, usual)
    return View(text), text is not lower


def view(source: str) -> View:
    """Make the reading copy of a text."""
    text = source
    if "[" in text:
        text = TOKEN.sub(lambda token: wall(token[0]), text)
    index: array[int] | None = None
    if _DROP.search(text):
        index = array("l", (i for i, c in enumerate(text) if not _DROP.match(c)))
        text = "".join(text[i] for i in index)
        index.append(len(source))
    if _ODD.search(text) or _ASTRAL.search(text):
        text = text.translate(_FOLDING)
    if not text.isascii():
        text = _ROW.sub(_row, _off_air(text))
    lower = text.lower()
    text = lower if len(lower) == len(text) else text
    if "o" in text or "l" in text or "i" in text:
        text = _LETTERS.sub(_digits_for_letters, text)
    return View(text, index)


def _off_air(text: str) -> str:
    """Write numerals for 洞, 拐, 勾 and 两 where they stand in a long row of figures."""
    told = "洞" in text or "拐" in text or "勾" in text
    if told or ("两" in text and _COUNTING.search(text)):
        return _AIR_ROW.sub(_figures, text)
    return text


def _figures(found: re.Match[str]) -> str:
    row, after = found[0], found.string[found.end() : found.end() + 1]
    if row[-1] == "两" and "\u4e00" <= after <= "\u9fff":
        # 13800001234 两次: it counts what follows.
        return row[:-1].translate(_TO_FIGURES) + "两"
    return row.translate(_TO_FIGURES)


def _row(found: re.Match[str]) -> str:
    row, after = found[0], found.string[found.end() : found.end() + 1]
    if row.isascii():
        return row
    if sum(char in _NUMERALS for char in row) == 1:
        # 13800001234一直打: the one numeral belongs to the words around the number.
        if row[-1] in _NUMERALS and "\u4e00" <= after <= "\u9fff":
            return row
        if row[0] in _NUMERALS and sum(char.isdecimal() for char in row) != 10:
            return row
    head = _head(row, before=found.string[found.start() - 1 : found.start()])
    return row[:head] + row[head:].translate(_TO_DIGITS)


def _head(row: str, *, before: str) -> int:
    """Give the length of what stands before a number and is no part of it."""
    head = _HEAD.match(row)
    if head is None or not "\u4e00" <= before <= "\u9fff":
        return 0
    whole = sum(char.isdecimal() or char in _NUMERALS for char in row)
    return 0 if whole == _PHONE_DIGITS else head.end()


def wall(token: str) -> str:
    """Give what stands for a token in a reading copy."""
    barrier = {"[姓名": NAME_BARRIER, "[已删": DELETED_BARRIER}.get(token[:3], BARRIER)
    return barrier * len(token)


def _digits_for_letters(found: re.Match[str]) -> str:
    # Fewer real digits than letters is a word of the house, not a disguised number.
    if sum(c in "0123456789" for c in found[0]) < 6:
        return found[0]
    return found[0].translate(_TO_LETTERS)
