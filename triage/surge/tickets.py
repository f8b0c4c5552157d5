"""What is counted of a ticket, and which tickets count once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple


class Said(NamedTuple):
    """A signal, where it begins and the words that tell it."""

    code: str
    start: int
    words: str


@dataclass(frozen=True, slots=True)
class SurgeTicket:
    """A ticket as surges see it.

    Attributes
    ----------
    id : str
    received : date
        Its day in Asia/Shanghai: a ticket counts on this day, whenever it was recorded.
    line, subline, product, unit, channel : str or None
    customer_ref : str or None
        Stands for the customer; nobody's tickets are each a person's of its own.
    phrases : tuple of str
        Each once.
    cluster : str or None
        Template that it shares with others: all of them count once.
    wording : str or None
        Stands for its words: the same words again do not make a phrase more frequent.
    matter : str or None
        Stands for the customer's matter; by default line and product are the matter.
    recorded : date or None
        When it became known; by default at once.
    signals : tuple of str
    said : tuple of Said
        The words of signals, where they are known.
    group_size : int or None
    amount_cny : float or None
    text : str
        Masked.
    """

    id: str
    received: date
    line: str | None = None
    subline: str | None = None
    product: str | None = None
    unit: str | None = None
    channel: str | None = None
    customer_ref: str | None = None
    phrases: tuple[str, ...] = ()
    cluster: str | None = None
    wording: str | None = None
    matter: str | None = None
    recorded: date | None = None
    signals: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    group_size: int | None = None
    amount_cny: float | None = None
    text: str = ""

    @property
    def known(self) -> date:
        """The first day on which it can count: a ticket is not known before it is received."""
        return max(self.recorded or self.received, self.received)

    def people(self) -> list[tuple[str, ...]]:
        """Give the customer's matter and the template that it shares with other tickets."""
        keys: list[tuple[str, ...]] = []
        if self.customer_ref is not None:
            matter = self.matter or f"{self.line}|{self.product}"
            keys.append(("matter", self.customer_ref, matter))
        if self.cluster is not None:
            keys.append(("cluster", self.cluster))
        return keys


@dataclass(frozen=True, slots=True)
class Counted:
    """Which tickets count; all lists go with `tickets`.

    Attributes
    ----------
    tickets : list of SurgeTicket
        In the order in which they became known; an identifier stands there once.
    counts : list of bool
        Not the customer's same matter again, not the same template again.
    news : list of bool
        Counts, and its words were not there before: counts for phrases.
    """

    tickets: list[SurgeTicket]
    counts: list[bool]
    news: list[bool]


def count_once(
    tickets: Sequence[SurgeTicket], *, window: timedelta, wording_window: timedelta
) -> Counted:
    """Say which tickets count.

    Parameters
    ----------
    tickets : sequence of SurgeTicket
        In any order.
    window : timedelta
        For so long after the last one a customer's same matter, or a template, is a repeat.
    wording_window : timedelta
        For so long the same words are no news.
    """
    once = Once(window, wording_window)
    for ticket in sorted({each.id: each for each in tickets}.values(), key=in_order):
        once.add(ticket)
    return once.counted


class Once:
    """Says which tickets count, one after the other; the last ones can be taken back.

    Parameters
    ----------
    window, wording_window : timedelta
        As of `count_once`.
    """

    def __init__(self, window: timedelta, wording_window: timedelta) -> None:
        self.counted = Counted([], [], [])
        self._window, self._wording_window = window, wording_window
        self._keys: list[list[tuple[str, ...]]] = []
        self._seen: dict[tuple[str, ...], list[date]] = {}
        self._worded: dict[str, list[date]] = {}

    def add(self, ticket: SurgeTicket) -> None:
        """Take a ticket that became known after the others."""
        keys, day = ticket.people(), ticket.received
        again = [self._again(key, day) for key in keys]
        counts = not any(again)
        before = self._worded.get(ticket.wording or "")
        news = counts and not (before and abs(day - before[-1]) < self._wording_window)
        if news and ticket.wording is not None:
            self._worded.setdefault(ticket.wording, []).append(day)
        self._keys.append(keys)
        self.counted.tickets.append(ticket)
        self.counted.counts.append(counts)
        self.counted.news.append(news)

    def cut(self, kept: int) -> None:
        """Take back all but the first tickets."""
        told = self.counted
        for keys in self._keys[kept:]:
            for key in keys:
                self._seen[key].pop()
        for ticket, news in zip(told.tickets[kept:], told.news[kept:], strict=True):
            if news and ticket.wording is not None:
                days = self._worded[ticket.wording]
                days.pop()
                if not days:
                    del self._worded[ticket.wording]
        for each in (self._keys, told.tickets, told.counts, told.news):
            del each[kept:]

    def _again(self, key: tuple[str, ...], day: date) -> bool:
        """Tell whether a key was there within the window, and note it."""
        days = self._seen.setdefault(key, [])
        before = days[-1] if days else None
        days.append(day if before is None else max(before, day))
        return before is not None and abs(day - before) <= self._window


def in_order(ticket: SurgeTicket) -> tuple[date, date, str]:
    """Give what tickets are put in order by."""
    return ticket.known, ticket.received, ticket.id
