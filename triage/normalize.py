"""One form for what people write in many: width, case, script, spacing, evasive spellings.

The text that everything after this room reads: lower case, half width, simplified characters;
`,;:!?()` in ASCII, full stop and `、` Chinese, quotes straight, a run of points `…`; a line
break stays a line break. Data files that are compared with narratives are written in this form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from triage.characters import GONE, build_table, translate
from triage.config import data_dir
from triage.offsets import IDENTITY, Edit, OffsetMap, apply_edits, replaced
from triage.screen import Screen
from triage.variants import VariantFinder, load_variants

_HAN = "〇㐀-䶿一-鿿\U00020000-\U0003ffff"
_STOPS = r",;:!?。、…()~"
_UNCLEAN = f"{GONE} \n"
_MARKS = "!?~…。,;:、.·=_+^-"
# What is asked of the first character comes behind it: so the engine skips to such characters.
_CLEAN = re.compile(
    rf"(?P<mark>[{_UNCLEAN}{_MARKS}])(?:"
    rf"(?P<gone>(?<={GONE}){GONE}*)"
    r"|(?P<white>(?<=[ \n])[ \n]+)"
    rf"|(?P<between>(?<=[{_HAN}{_STOPS}] )(?=[{_HAN}{_STOPS}]))"
    r"|(?P<points>(?:(?<=…)(?:\.{2,}|…)|(?<=\.)\.+)(?:\.{2,}|…)*)"
    r"|(?P<repeat>(?P=mark)+))"
)
# Tokens of masking in Latin capitals; everything else in them is untouched by the table.
_TOKEN = re.compile(r"\[(?:qq|ip)[0-9]+\]")
# Gates of the screen.
_SEEN_UNCLEAN, _SEEN_VARIANT = 1, 2
# Two rounds do nearly all; the rest is for texts built to be awkward.
_ROUNDS = 16


class Normalized(NamedTuple):
    """A text in normal form and where each stretch of it stood in the input."""

    text: str
    offsets: OffsetMap = IDENTITY


class Normalizer:
    """Normalises with the tables of one folder.

    Parameters
    ----------
    folder : Path
        Holds `characters.tsv` and `variants.tsv`.
    """

    def __init__(self, folder: Path) -> None:
        self._table = build_table(folder / "characters.tsv")
        self._finder = VariantFinder(load_variants(folder / "variants.tsv"))
        unclean = (*_UNCLEAN, *(mark * 2 for mark in _MARKS))
        self._screen = Screen([unclean, self._finder.signs], beyond=[0, 1])

    def normalize(self, texts: Sequence[str]) -> list[Normalized]:
        """Bring texts into normal form; idempotent, takes any strings."""
        found = [Normalized(_told(text)) for text in translate(texts, self._table)]
        changed = list(range(len(found)))
        for _ in range(_ROUNDS):
            edits = self._edits({n: found[n].text for n in changed})
            changed = list(edits)
            if not edits:
                break
            for n, own in edits.items():
                text, step = _apply(found[n].text, own)
                found[n] = Normalized(text, step.after(found[n].offsets))
        return found

    def _edits(self, texts: dict[int, str]) -> dict[int, list[Edit]]:
        """Give the next edits of texts that have any: first they are cleaned."""
        signs = dict(zip(texts, self._screen(list(texts.values())), strict=True))
        edits = {n: _cleanings(texts[n]) for n, seen in signs.items() if seen & _SEEN_UNCLEAN}
        plain = [n for n, seen in signs.items() if seen & _SEEN_VARIANT and not edits.get(n)]
        if plain:
            edits |= zip(plain, self._finder.find([texts[n] for n in plain]), strict=True)
        return {n: own for n, own in edits.items() if own}


def normalize(text: str) -> Normalized:
    """Bring `text` into normal form with the shipped tables (read at the first call)."""
    return normalize_many([text])[0]


def normalize_many(texts: Sequence[str]) -> list[Normalized]:
    """Bring texts into normal form; cheaper than one by one."""
    return _shipped().normalize(texts)


@cache
def _shipped() -> Normalizer:
    return Normalizer(data_dir() / "normalize")


def _told(text: str) -> str:
    """Give tokens of masking their capitals back."""
    if "[" in text and ("[qq" in text or "[ip" in text):
        return _TOKEN.sub(lambda token: token[0].upper(), text)
    return text


def _cleanings(text: str) -> list[Edit]:
    edits = []
    for match in _CLEAN.finditer(text):
        kind = match.lastgroup
        if kind in ("gone", "between"):
            new = ""
        elif kind == "white":
            new = "\n" if "\n" in match[0] else " "
        else:
            new = "…" if kind == "points" else match[0][0]
        edits.append(Edit(match.start(), match.end(), new))
    return edits


def _apply(text: str, edits: list[Edit]) -> tuple[str, OffsetMap]:
    # Replacements of equal length leave every position where it is, so they need no entry.
    same = [e for e in edits if len(e.text) == e.src_end - e.src_start]
    if not same:
        return apply_edits(text, edits)
    text = replaced(text, same)
    return apply_edits(text, [e for e in edits if len(e.text) != e.src_end - e.src_start])
