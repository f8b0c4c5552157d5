"""Where the quotes of a CSV stand open: the one that is never closed takes in all that follows."""

from __future__ import annotations

import io
import re
from functools import lru_cache

NOT_CLOSED = "a quote that is not closed takes in all that follows"

_QUOTED = re.compile(rb'(?:[^"]|"")*+')


def ends_inside(line: bytes, *, inside: bool, delimiter: bytes = b",") -> bool:
    """Tell whether a field between quotes goes on behind the end of a line.

    Parameters
    ----------
    line : bytes
        Of UTF-8 or GB18030: no byte of their characters looks like a quote or a delimiter.
    inside : bool
        Whether one went on before it.
    """
    at, opens = 0, _opens(delimiter)
    while True:
        if inside:
            at = _QUOTED.match(line, at).end() + 1  # type: ignore[union-attr]
            if at > len(line):
                return True
        else:
            opened = opens.search(line, at)
            if opened is None:
                return False
            at = opened.end()
        inside = not inside


def left_open(content: bytes, *, delimiter: bytes = b",") -> bool:
    """Tell whether the last field of a CSV is opened by a quote and not closed."""
    inside = False
    for line in io.BytesIO(content):
        if inside or b'"' in line:
            inside = ends_inside(line, inside=inside, delimiter=delimiter)
    return inside


@lru_cache
def _opens(delimiter: bytes) -> re.Pattern[bytes]:
    # A quote opens a field only at its start; between quotes a doubled one is a quote.
    return re.compile(b"(?:^|" + re.escape(delimiter) + b')"')
