"""Tickets that become more: what new ones do not touch is not searched again.

What is found is what a search of all tickets at once finds: phrases are counted anew only where new
texts hold them, tickets only from the first one that may count otherwise, days only from the first
one on which something is new.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from triage.rules.calendar import Calendar
from triage.surge.phrasebook import PhraseBook
from triage.surge.prepare import ENOUGH, Texts, told_until, usual_of
from triage.surge.settings import Settings
from triage.surge.tickets import Counted, Once, SurgeTicket, in_order
from triage.surge.watch import Watch

# With more new tickets than that share of all there is little that is not searched again.
_MOST = 0.25
_WATCHED = ("id", "received", "known", "line", "subline", "product", "unit", "channel")
Told = tuple[SurgeTicket, bool, bool]


class Search:
    """Searches tickets that say themselves which of them are one matter or one template.

    Parameters
    ----------
    settings : Settings
    repeat_days : int
        For so long a customer's same matter, or a template, counts once.
    calendar : Calendar, optional
    """

    def __init__(
        self, settings: Settings, *, repeat_days: int, calendar: Calendar | None = None
    ) -> None:
        self._settings, self._calendar = settings, calendar
        self._windows = timedelta(days=repeat_days), timedelta(days=settings.longest)
        self._texts = Texts()
        self._given: Mapping[str, SurgeTicket] = {}
        self._ready: dict[str, SurgeTicket] = {}
        self._until = date.min
        self._watch: Watch | None = None
        self.went_on = False

    @property
    def watch(self) -> Watch:
        """A watch that has the tickets; it may have days to look at."""
        if self._watch is None:
            raise ValueError("nothing was looked at")
        return self._watch

    def look(self, tickets: Mapping[str, SurgeTicket], until: date) -> bool:
        """Take all tickets up to a day by their identifiers; say whether any is new or another.

        `watch` has them, and `went_on` says whether only what is new was searched.
        """
        fresh = [each for ident, each in tickets.items() if ident not in self._given]
        other = [
            each
            for ident, each in tickets.items()
            if ident in self._given and self._given[ident] is not each
        ]
        self.went_on = self._can_go_on(tickets, fresh, other, until)
        new = bool(fresh or other or until != self._until or not self.went_on)
        if not self.went_on:
            self._watch = self._start(list(tickets.values()), until)
        elif new:
            self._go_on(fresh, other, until)
        self._given, self._until = dict(tickets), until
        return new

    def _can_go_on(
        self,
        tickets: Mapping[str, SurgeTicket],
        fresh: Sequence[SurgeTicket],
        other: Sequence[SurgeTicket],
        until: date,
    ) -> bool:
        told = told_until(until)
        return (
            self._watch is not None
            and until >= self._until
            and told == told_until(self._until)
            and len(tickets) == len(self._given) + len(fresh)
            and len(fresh) <= _MOST * len(self._given)
            and all(each.received >= told for each in fresh)
            and all(_same_words(self._given[each.id], each) for each in other)
            and self._older >= ENOUGH
        )

    def _start(self, tickets: Sequence[SurgeTicket], until: date) -> Watch:
        read = self._texts.read([each.text for each in tickets])
        codes, rule = [each.codes for each in read], self._settings.phrases
        usual = usual_of(tickets, until)
        self._book = PhraseBook(codes, usual, self._texts.lexicon, rule)
        self._older = sum(each.received < told_until(until) for each in tickets)
        self._idents = [each.id for each in tickets]
        made = zip(tickets, read, self._book.phrases, strict=True)
        self._ready = {
            each.id: replace(each, phrases=own, wording=each.wording or text.wording)
            for each, text, own in made
        }
        self._once = Once(*self._windows)
        for each in sorted(self._ready.values(), key=in_order):
            self._once.add(each)
        told = self._once.counted
        return Watch(told, self._settings, until=until, calendar=self._calendar)

    def _go_on(
        self,
        fresh: Sequence[SurgeTicket],
        other: Sequence[SurgeTicket],
        until: date,
    ) -> None:
        counted = self._once.counted
        for each in other:
            old = self._ready[each.id]
            self._ready[each.id] = replace(each, phrases=old.phrases, wording=old.wording)
        more = self._read(fresh)
        low = min((self._place(each) for each in (*fresh, *other)), default=len(counted.tickets))
        before = _told(counted, low)
        said = self._say(more, low)
        later = [self._ready[each.id] for each, *_ in before]
        later += [self._ready[each.id] for each in fresh]
        self._once.cut(low)
        for each in sorted(later, key=in_order):
            self._once.add(each)
        now = _told(counted, low)
        same = _same_so_far(before, now)
        pairs = zip(before[:same], now[:same], strict=True)
        said += [low + n for n, (old, new) in enumerate(pairs) if old[0].phrases != new[0].phrases]
        self.watch.renew(counted, until=until, kept=low + same, said=said)

    def _read(self, fresh: Sequence[SurgeTicket]) -> list[str]:
        """Make new tickets ready; give those of the others that now say more phrases."""
        read = self._texts.more([each.text for each in fresh])
        places = self._book.add([each.codes for each in read])
        start = len(self._idents)
        self._idents += [each.id for each in fresh]
        for number, (each, text) in enumerate(zip(fresh, read, strict=True)):
            own, wording = self._book.phrases[start + number], each.wording or text.wording
            self._ready[each.id] = replace(each, phrases=own, wording=wording)
        idents = [self._idents[place] for place in places]
        for place, ident in zip(places, idents, strict=True):
            self._ready[ident] = replace(self._ready[ident], phrases=self._book.phrases[place])
        return idents

    def _say(self, idents: Iterable[str], low: int) -> list[int]:
        """Put tickets that say more in the place of those before `low`; give their places."""
        places = []
        for ident in idents:
            place = self._place(self._ready[ident])
            if place < low:
                self._once.counted.tickets[place] = self._ready[ident]
                places.append(place)
        return sorted(places)

    def _place(self, ticket: SurgeTicket) -> int:
        return bisect_left(self._once.counted.tickets, in_order(ticket), key=in_order)


def _told(counted: Counted, low: int) -> list[Told]:
    return [*zip(counted.tickets[low:], counted.counts[low:], counted.news[low:], strict=True)]


def _same_words(old: SurgeTicket, new: SurgeTicket) -> bool:
    """Tell whether a ticket that changed is in its old place, with its old words."""
    return (old.text, old.wording, in_order(old)) == (new.text, new.wording, in_order(new))


def _same_so_far(before: Sequence[Told], now: Sequence[Told]) -> int:
    """Give how many first tickets count as they did."""
    for place, (old, new) in enumerate(zip(before, now, strict=False)):
        if old[1:] != new[1:] or any(
            getattr(old[0], name) != getattr(new[0], name) for name in _WATCHED
        ):
            return place
    return min(len(before), len(now))
