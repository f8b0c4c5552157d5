"""Check digits, the span type and the shared words of the masking families."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from triage.config import data_dir, read_yaml

LABELS = {
    "name": "姓名",
    "phone": "手机",
    "id_card": "身份证",
    "bank_card": "卡号",
    "landline": "固话",
    "address": "地址",
    "plate": "车牌",
    "email": "邮箱",
    "qq": "QQ",
    "wechat": "微信",
    "login": "网络账号",
    "document": "证件",
    "credit_code": "信用代码",
    "contract": "合同号",
    "ip": "IP",
    "device": "设备号",
}
"""Kind -> word of its token; `secret` has none, it becomes [已删除]."""

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of the reading copy that must go.

    Attributes
    ----------
    start, end : int
        Range in the reading copy.
    kind : str
        A key of `LABELS`, or `secret`.
    value : str
        What makes two spans equal.
    valid : bool or None
        Result of the check digit; None where the kind has none.
    """

    start: int
    end: int
    kind: str
    value: str
    valid: bool | None = None


def id_card_valid(number: str) -> bool:
    """Check an 18-digit resident number (GB 11643); 15-digit numbers carry no check digit."""
    if len(number) != 18 or not number[:17].isdecimal():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11] == number[17].upper()


def luhn_valid(number: str) -> bool:
    """Check a card number of 13 to 19 digits (Luhn)."""
    if not 13 <= len(number) <= 19 or not number.isdecimal():
        return False
    doubled = (int(digit) * (1 + i % 2) for i, digit in enumerate(reversed(number)))
    return sum(n // 10 + n % 10 for n in doubled) % 10 == 0


def credit_code_valid(code: str) -> bool:
    """Check a unified social credit code (GB 32100)."""
    code = code.upper()
    if len(code) != 18 or any(c not in _CREDIT_ALPHABET for c in code):
        return False
    total = sum(_CREDIT_ALPHABET.index(c) * 3**i % 31 for i, c in enumerate(code[:17]))
    return _CREDIT_ALPHABET[-total % 31] == code[17]


def one_of(words: Iterable[str]) -> str:
    """Give a pattern for any of the words, the longest first.

    Grouped by first character: the engine then tests one branch a character, not one a word.
    """
    groups: dict[str, list[str]] = {}
    for word in sorted(set(words), key=lambda w: (-len(w), w)):
        groups.setdefault(word[0], []).append(re.escape(word[1:]))
    return "|".join(
        re.escape(first) + (tails[0] if len(tails) == 1 else f"(?:{'|'.join(tails)})")
        for first, tails in groups.items()
    )


@lru_cache(maxsize=1)
def cues() -> dict[str, Any]:
    """Read data/masking/cues.yaml once."""
    return read_yaml(data_dir() / "masking" / "cues.yaml")


def compact(value: str) -> str:
    """Give digits and letters only: the part of a number that identifies."""
    return "".join(c for c in value if c.isascii() and c.isalnum())


def digits_in(value: str) -> int:
    """Count the ASCII digits."""
    return sum(c in "0123456789" for c in value)
