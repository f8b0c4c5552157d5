"""Numbers as people write them: 2万3, 1.2w, 三千八, 十九万八千六, 1,290万."""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_UNITS = {"亿": 10**8, "万": 10**4, "w": 10**4, "千": 10**3, "k": 10**3, "百": 100, "十": 10}
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_VAGUE = re.compile(r"[多来余几整]+$")


# Few numbers are met for the first time.
@lru_cache(maxsize=4096)
def parse_number(text: str) -> float | None:
    """Read a number.

    Parameters
    ----------
    text : str
        Arabic, Chinese or mixed; thousands separated by commas; `多`, `来`, `余` at the end are
        left out. A digit after a unit counts the next smaller one: 2万3 is 23,000.

    Returns
    -------
    float or None
        None when `text` is no number (`几千` neither).
    """
    text = _VAGUE.sub("", text.replace(",", ""))
    if len(text) > 1 and all(c in _DIGITS for c in text):
        return float("".join(str(_DIGITS[c]) for c in text))
    return _parse(text)


def _parse(text: str) -> float | None:
    if not text:
        return None
    if _PLAIN.fullmatch(text):
        return float(text)
    for sign, unit in _UNITS.items():
        left, found, right = text.rpartition(sign)
        if not found:
            continue
        # 十五 is fifteen; a unit without a number before it is none (万一).
        many = 1.0 if not left and sign == "十" else _parse(left)
        rest = _tail(right, unit)
        return None if many is None or rest is None else many * unit + rest
    return float(_DIGITS[text]) if text in _DIGITS else None


def _tail(text: str, unit: int) -> float | None:
    if not text:
        return 0.0
    if text == "半":
        return unit / 2
    if len(text) == 1 and unit > 10 and (text in _DIGITS or text.isdecimal()):
        digit = _DIGITS[text] if text in _DIGITS else int(text)
        return digit * unit / 10
    rest = _parse(text.lstrip("零〇") or "0")
    return rest if rest is None or rest < unit else None
