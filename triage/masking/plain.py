"""Values that need no word to introduce them: e-mail addresses and number plates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import ascii_lowercase

from triage.masking.rules import Span, cues, digits_in

_EMAIL = re.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9_][a-z0-9._%+-]*+ ?"
    r"(?:@|艾特|[(（\[]at[)）\]]|#(?=[a-z0-9]{1,20}[.]c)) ?"
    r"[a-z0-9-]++(?: ?(?:[.。点]|dot|[(（\[](?:dot|点|[.])[)）\]]) ?[a-z][a-z-]*+)+"
)
# As it is told on the telephone: zhang san at 163 点 com
_TOLD = re.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9_][a-z0-9._%+-]*+(?: [a-z0-9_.-]{1,20}){0,2}"
    r"(?: at | ?(?:圈a|a圈|小老鼠) ?)"
    r"[a-z0-9-]++(?: ?(?:[.。点]|dot) ?(?:com|cn|net|org|edu|gov|vip|cc|me))++"
)
# What an address has in its middle, of " at " the end; in brackets of the third kind tokens stand.
MAIL_SIGNS = ("@", "#", "艾特", "(at", "（at", "t ", "圈a", "a圈", "小老鼠")
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领滬雲遼魯蘇陝"
_PLATE = re.compile(
    rf"[{_PROVINCES}]"
    r"[· .-]{0,2}[a-hj-np-z][· .-]{0,2}[a-hj-np-z0-9](?:[· .-]?[a-hj-np-z0-9]){3,4}"
    r"[· .-]?[a-hj-np-z0-9挂学警港澳](?![a-z0-9])"
)


def plate_signs() -> list[str]:
    """Give the beginnings of number plates."""
    return [a + b for a in _PROVINCES for b in f" ·.-{ascii_lowercase}"]


def emails(text: str) -> Iterator[Span]:
    """Find e-mail addresses, written-out signs too."""
    for found in _EMAIL.finditer(text):
        yield Span(found.start(), found.end(), "email", found[0].replace(" ", ""))
    for found in _TOLD.finditer(text):
        yield Span(found.start(), found.end(), "email", found[0].replace(" ", ""))


def plates(text: str) -> Iterator[Span]:
    """Find number plates of vehicles."""
    for found in _PLATE.finditer(text):
        raw = found[0]
        near = text[max(0, found.start() - 10) : found.start()]
        cued = any(cue in near for cue in cues()["plate_cues"])
        # Set apart figure by figure only a word for cars makes it a plate.
        whole = raw[-5:].isalnum()
        if digits_in(raw) >= (1 if cued else 3) and (cued or whole):
            yield Span(found.start(), found.end(), "plate", raw)
