"""The one-to-one character table of normalisation: width, case, script, punctuation.

One code point in, one code point out, so offsets stay as they are. Characters that must go
become `GONE`, white space becomes a space or a line break; `triage.normalize` removes those.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt

from triage.errors import ConfigError
from triage.kept import kept

GONE = "\x00"
CODE_POINTS = 0x110000
# Beyond the second plane only tags and variation selectors concern us.
_SEEN = (range(0x20000), range(0xE0000, 0xE01F0))
_COMPATIBLE = (
    range(0x2100, 0x2150),  # letter-like symbols
    range(0x24B6, 0x24EA),  # circled letters; circled digits stay, they number lists
    range(0x2F00, 0x2FE0),  # radicals, as copied out of PDF files
    range(0xF900, 0xFB00),
    range(0xFE10, 0xFE70),
    range(0xFF00, 0xFFF0),
    range(0x1D400, 0x1D800),
    range(0x2F800, 0x2FA20),
)
_HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0x20000, 0x2FA20))
_GONE_MARKS = (
    range(0x0300, 0x0370),
    range(0x0483, 0x048A),
    range(0x20D0, 0x2100),
    range(0xFE00, 0xFE10),
    range(0xFE20, 0xFE30),
    range(0xE0100, 0xE01F0),
    range(0x115F, 0x1161),
    range(0x3164, 0x3165),
    range(0xFFA0, 0xFFA1),
)
# The full stop stays Chinese: a point is part of 3.5, a full stop ends a sentence.
_PUNCTUATION = {
    "，；：！？（）〔〕﹝﹞": ",;:!?()()()",
    "“”„‟「」『』〝〞〟″": '"' * 12,
    "‘’‚‛`´′": "'" * 7,
    "—–‐‑‒―−─━﹣": "-" * 10,
    "〜∼～": "~~~",
    "・•‧∙⋅": "·" * 5,
    "⋯︙": "……",
    "〈〉": "《》",
    "￥": "¥",
    "○◯": "〇〇",
}


def build_table(overrides: Path) -> npt.NDArray[np.uint32]:
    """Build the table.

    Parameters
    ----------
    overrides : Path
        `characters.tsv`: lines `from<TAB>to` of single characters, applied last. A character
        mapped to itself is protected from the traditional-to-simplified table (OpenCC t2s).

    Returns
    -------
    array of uint32, shape (0x110000,)
        `table[code point]`; a fixed point: `table[table] == table`.
    """
    table = np.arange(CODE_POINTS, dtype=np.uint32)
    changed, becomes = kept("characters", [overrides], lambda: _changes(overrides))
    table[changed] = becomes
    return table


def _changes(overrides: Path) -> tuple[list[int], list[int]]:
    """Give the code points that the table changes, and what they become."""
    table = np.arange(CODE_POINTS, dtype=np.uint32)
    for steps in (_spaces_and_marks(), _compatible(), _simplified(), _punctuation()):
        for old, new in steps:
            table[old] = new
    for old, new in read_pairs(overrides):
        table[old] = new
    table = _lowered(table)
    for _ in range(4):
        table = table[table]
    table[0xD800:0xE000] = 0xFFFD
    changed = np.flatnonzero(table != np.arange(CODE_POINTS))
    return changed.tolist(), table[changed].tolist()


def read_pairs(path: Path) -> Iterator[tuple[int, int]]:
    """Read `from<TAB>to` lines; `#` starts a comment line.

    Raises
    ------
    ConfigError
        When a line is not two single characters.
    """
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        old, _, new = line.partition("\t")
        if len(old) != 1 or len(new) != 1:
            raise ConfigError(f"{path.name} line {number} must be two single characters")
        yield ord(old), ord(new)


def translate(texts: Sequence[str], table: npt.NDArray[np.uint32]) -> list[str]:
    """Send each code point through `table`; takes lone surrogates, gives U+FFFD for them."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    whole = bytes(table[codes]).decode("utf-32-le")
    ends = list(accumulate(map(len, texts)))
    return [whole[end - len(text) : end] for text, end in zip(texts, ends, strict=True)]


def _spaces_and_marks() -> Iterator[tuple[int, int]]:
    for block in _SEEN:
        for code in block:
            char = chr(code)
            category = unicodedata.category(char)
            if char in "\t\x0b\x0c" or category == "Zs" or code == 0x2800:
                yield code, ord(" ")
            elif char in "\n\r\x85" or category in ("Zl", "Zp"):
                yield code, ord("\n")
            elif category in ("Cc", "Cf"):
                yield code, ord(GONE)
            elif category == "Nd":
                yield code, ord(str(unicodedata.digit(char)))
    for block in _GONE_MARKS:
        for code in block:
            yield code, ord(GONE)


def _compatible() -> Iterator[tuple[int, int]]:
    for block in _COMPATIBLE:
        for code in block:
            folded = unicodedata.normalize("NFKC", chr(code))
            if len(folded) == 1 and unicodedata.category(chr(code)) not in ("Cf", "Mn", "Zs"):
                yield code, ord(folded)


def _simplified() -> Iterator[tuple[int, int]]:
    # OpenCC is needed for this table only: a process that never normalises never loads it.
    from opencc import OpenCC

    chars = [chr(code) for block in _HAN for code in block]
    # One character a line: OpenCC then finds no phrases, and the lengths agree.
    converted = OpenCC("t2s").convert("\n".join(chars)).split("\n")
    for old, new in zip(chars, converted, strict=True):
        if old != new and len(new) == 1 and unicodedata.normalize("NFKC", old) == old:
            yield ord(old), ord(new)


def _punctuation() -> Iterator[tuple[int, int]]:
    for old, new in _PUNCTUATION.items():
        yield from zip(map(ord, old), map(ord, new), strict=True)


def _lowered(table: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    lower = np.arange(CODE_POINTS, dtype=np.uint32)
    # What has another small form is one in a hundred: only that is looked at closer.
    whole = [chr(code) for code in range(0x20000) if not 0xD800 <= code < 0xE000]
    for char, folded in zip(whole, map(str.lower, whole), strict=True):
        if char != folded and len(folded) == 1:
            lower[ord(char)] = ord(folded)
    return lower[table]
