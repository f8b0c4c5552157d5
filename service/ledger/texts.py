"""What is read of a ticket: the complaint, and what the customer wrote after it."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 40_000
_BREAK = "\n"


def read_text(texts: Sequence[str]) -> str:
    """Put masked texts together: the complaint, and of what followed as much as there is room for.

    The newest messages stay. Masked once more, for what one text begins another can end; the same
    texts always give the same.
    """
    from triage.masking.mask import mask

    first, later = texts[0], texts[1:]
    if not later:
        return first
    kept: list[str] = []
    room = _MOST - len(first)
    for text in reversed(later):
        room -= len(text) + len(_BREAK)
        if room < 0 and kept:
            break
        kept.append(text)
    return mask(_BREAK.join([first, *reversed(kept)])).text
