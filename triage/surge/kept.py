"""The tickets of a watch, and what it was like on the morning of each day.

So a watch can go back to the day on which something is new, and look at that day and later ones
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from triage.rules.calendar import Calendar, default_calendar
from triage.surge.days import kinds_of
from triage.surge.families import Family, Learned, PhraseFamily
from triage.surge.fields import FieldFamily
from triage.surge.incidence import ALL, Floats, Ints, Key, field_rows, phrase_rows
from triage.surge.muting import Muted
from triage.surge.settings import Settings
from triage.surge.stories import Running
from triage.surge.tickets import Counted
from triage.surge.total import TotalFamily

_STEPS = 2.0**20


@dataclass(frozen=True, slots=True)
class Before:
    """What a watch was like on the morning of a day."""

    running: list[Running]
    places: Ints
    weight: Floats
    muted: tuple[tuple[int, tuple[Key, ...], int], ...]
    learned: int


class Kept:
    """Tickets with their weights and what was learned of them, day by day.

    Parameters
    ----------
    counted : Counted
    settings : Settings
    until : date
        The last day to look at; later tickets are not known.
    calendar : Calendar, optional
    """

    def __init__(
        self,
        counted: Counted,
        settings: Settings,
        *,
        until: date,
        calendar: Calendar | None = None,
    ) -> None:
        self.settings, self._calendar = settings, calendar or default_calendar()
        self.first = min((each.received for each in counted.tickets), default=until)
        self._fields, self._phrases = FieldFamily(settings), PhraseFamily(settings)
        self._total = TotalFamily(settings)
        self.families: tuple[Family, ...] = (self._fields, self._phrases, self._total)
        self.muted = Muted(self.families)
        self.running: list[Running] = []
        self.received: Ints = np.zeros(0, dtype=np.int64)
        self.known = self.received
        self.weight: Floats = np.ones(0)
        self._here: list[list[int]] = []
        self._learned: list[Learned] = []
        self._before: list[Before] = []
        self._day = -1
        self.renew(counted, until=until)

    def renew(
        self, counted: Counted, *, until: date, kept: int = 0, said: Sequence[int] = ()
    ) -> None:
        """Take the tickets anew; days that new ones do not touch are not looked at again.

        Parameters
        ----------
        counted : Counted
        until : date
            The last day to look at, not before that of the last time.
        kept : int
            So many first tickets are what they were.
        said : sequence of int
            Those of them that say more phrases than were known.
        """
        fresh = counted.tickets[kept:]
        known = np.array([(t.known - self.first).days for t in fresh], dtype=np.int64)
        starts = [int(each.min()) for each in (known, self.known[kept:]) if len(each)]
        day = min([self._day + 1, *starts])
        before = int(np.searchsorted(self.known[:kept], day))
        self._take_back(day, before)
        received = np.array([(t.received - self.first).days for t in fresh], dtype=np.int64)
        self.received = np.concatenate([self.received[:kept], received])
        self.known = np.concatenate([self.known[:kept], known])
        self.counted = counted
        self.counts = np.array(counted.counts, dtype=np.bool_)
        more = np.ones(max(0, len(counted.tickets) - before))
        self.weight = np.concatenate([self.weight[:before], more])
        days = max(1, (until - self.first).days + 1)
        self._here += [[] for _ in range(days - len(self._here))]
        self._renew_families(kept, said, before)
        if day:
            touched = {each.day for each in self._undone}
            for family in self.families:
                family.learn_anew(self._learned, touched)

    def _renew_families(self, kept: int, said: Sequence[int], before: int) -> None:
        tickets, start = self.counted.tickets, self.settings.baseline.month_start_days
        fresh = tickets[kept:]
        dates = [self.date(number) for number in range(len(self._here))]
        fine, coarse = kinds_of(dates, self._calendar, start)
        early = np.array([day.day <= start for day in dates])
        self._fields.incidence.extend(kept, field_rows(fresh, self.settings.series))
        self._fields.renew(self.counts, coarse)
        self._phrases.incidence.extend(kept, phrase_rows(fresh))
        if said:
            more = phrase_rows([tickets[place] for place in said])
            self._phrases.incidence.put(dict(zip(said, more, strict=True)))
        news = np.array(self.counted.news, dtype=np.bool_)
        self._phrases.renew(news, np.arange(before))
        self._total.incidence.extend(kept, [[ALL]] * len(fresh))
        self._total.renew(self.counts, fine, early)

    def _take_back(self, day: int, before: int) -> None:
        """Go back to the morning of a day; `before` tickets were known then."""
        self._undone: list[Learned] = []
        if day > self._day:
            return
        then = self._before[day]
        del self._before[day:]
        self.running, self.muted.told = then.running, then.muted
        self._undone = self._learned[then.learned :]
        del self._learned[then.learned :]
        self.weight = np.ones(len(self.weight))
        self.weight[then.places] = then.weight
        for number in np.unique(self.received[before:]).tolist():
            self._here[number] = [each for each in self._here[number] if each < before]
        self._day = day - 1

    def date(self, day: int) -> date:
        """Give the date of a day."""
        return self.first + timedelta(days=day)

    def _state(self, day: int) -> Before:
        """Keep what a day may change; a story that is long over is not changed any more."""
        again = day - self.settings.story.again_days
        running = [
            story if story.closed is not None and story.closed < again else story.copy()
            for story in self.running
        ]
        places = np.flatnonzero(self.weight < 1.0)
        learned = len(self._learned)
        return Before(running, places, self.weight[places], self.muted.told, learned)


def whole(weight: Floats) -> Floats:
    """Round weights up so that sums of them are exact, in whatever order they are made."""
    return np.asarray(np.ceil(weight * _STEPS) / _STEPS)
