"""How often a customer came with one matter, counted against the windows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from triage.repeats.settings import Windows


class Earlier(NamedTuple):
    """An earlier ticket of the same customer and matter."""

    id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class RepeatState:
    """What the earlier tickets of a matter amount to, the new ticket not among them.

    Attributes
    ----------
    repeats_90d, repeats_15d : int
        Earlier tickets within the long and the short window (90 and 15 days by default).
    frequent, warned : bool
        Whether the new ticket makes the matter frequent, or is one of those that warn of it.
    ids : tuple of str
        The earlier tickets of the long window, the newest first.
    """

    repeats_90d: int = 0
    repeats_15d: int = 0
    frequent: bool = False
    warned: bool = False
    ids: tuple[str, ...] = ()


def count(history: Iterable[Earlier], now: datetime, windows: Windows) -> RepeatState:
    """Count the earlier tickets of a matter.

    Parameters
    ----------
    history : iterable of Earlier
        Tickets that are the same matter as the new one; later ones than `now` and ones seen
        twice are passed over.
    now : datetime
        When the new ticket was received. Windows are spans of 24-hour days, their edge inside.
    windows : Windows
    """
    known = {each.id: each.received_at for each in history if each.received_at <= now}
    recent = {ident: at for ident, at in known.items() if now - at <= windows.same_matter}
    often = _within(recent.values(), now, windows.often)
    return RepeatState(
        len(recent),
        often,
        frequent=often + 1 >= windows.frequent,
        warned=windows.warned <= often + 1 < windows.frequent,
        ids=tuple(sorted(recent, key=lambda ident: (recent[ident], ident), reverse=True)),
    )


def _within(moments: Iterable[datetime], now: datetime, span: timedelta) -> int:
    return sum(1 for at in moments if now - at <= span)
