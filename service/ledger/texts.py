"""What is read of a ticket: the complaint, and what the customer wrote after it."""

from __future__ import annotations

from collections.abc import Sequence

from service.store import events
from service.store.database import Session
from service.store.records import ComplaintRecord, Decision

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


def text_of(session: Session, complaint: ComplaintRecord, decision: Decision) -> str:
    """Give the text that a decision was made from."""
    if decision.through_event is None:
        return complaint.masked_text
    later = events.texts(session, complaint.id, through=decision.through_event)
    return read_text([complaint.masked_text, *later])
