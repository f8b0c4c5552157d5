"""Days looked at one after the other: what flares up, whether it was told, when it is over.

On each day the least likely series is told first and its tickets are then taken for as many as
were expected; what is still unlikely is another story. The k-th story of a day needs a p value
of k times the budget over the series watched: Benjamini and Hochberg's procedure on stories, not
on series, for ten series that one event drives are one discovery and must not buy nine more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from triage.rules.calendar import Calendar, default_calendar
from triage.surge.days import kinds_of
from triage.surge.families import Family, Learned, PhraseFamily, Suspects, Window, suspects
from triage.surge.fields import FieldFamily
from triage.surge.incidence import ALL, PHRASE, Floats, Ints, Key, field_rows, phrase_rows
from triage.surge.muting import Muted
from triage.surge.settings import Settings
from triage.surge.stories import Running, related
from triage.surge.tails import upper_tail
from triage.surge.tickets import Counted
from triage.surge.total import TotalFamily

_MONTH = 30.44
# A day on which more happens has another trouble than missing alerts.
_MOST_A_DAY = 60
_STEPS = 2.0**20
Found = tuple[int, int, Suspects]


@dataclass(frozen=True, slots=True)
class Before:
    """What a watch was like on the morning of a day."""

    running: list[Running]
    places: Ints
    weight: Floats
    muted: tuple[tuple[int, tuple[Key, ...], int], ...]
    learned: int


class Watch:
    """Goes through the days of counted tickets.

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

    def run(self, each_day: Callable[[int], None] | None = None) -> list[Running]:
        """Look at the days not looked at; give the stories in the order in which they were told."""
        for day in range(self._day + 1, len(self._here)):
            self.look(day)
            if each_day is not None:
                each_day(day)
        return self.running

    def date(self, day: int) -> date:
        """Give the date of a day."""
        return self.first + timedelta(days=day)

    def look(self, day: int) -> None:
        """Look at one day; days come in order."""
        self._before.append(self._state(day))
        self._day = day
        past = day - self.settings.longest
        low, high = np.searchsorted(self.known, [day, day + 1])
        new = low + np.flatnonzero(self.counts[low:high])
        self._phrases.hear(new)
        late = [n for n in new.tolist() if self.received[n] <= past]
        for number in new.tolist():
            self._here[self.received[number]].append(number)
        if past >= 0:
            self._learn(past, np.array(self._here[past], dtype=np.int64))
        for number in late:
            if self.received[number] < past:
                self._learn(int(self.received[number]), np.array([number]))
        for story in self.running:
            if story.closed is None:
                self._follow(story)
        if past + 1 >= self.settings.baseline.least_days:
            self._find()

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

    def window(self) -> Window:
        """Give the tickets of the last days."""
        day = self._day
        span = range(max(0, day - self.settings.longest + 1), day + 1)
        tickets = np.array([n for d in span for n in self._here[d]], dtype=np.int64)
        return Window(day, tickets, day - self.received[tickets], self.weight[tickets])

    def _learn(self, day: int, tickets: Ints, weight: Floats | None = None) -> None:
        given = self.weight[tickets] if weight is None else weight
        self._learned.append(Learned(day, tickets, given))
        for family in self.families:
            own = family.mask[tickets]
            family.learn(day, tickets[own], given[own])

    def _follow(self, story: Running) -> None:
        """Add a day to an open story, and close it when it is over."""
        family, rule = self.families[story.family], self.settings.story
        window = self.window().plain().only(family.mask)
        series = np.array([story.series])
        count = family.counts(window, series)[:, 0]
        # What is expected beside it leaves out what stories explain.
        own = self.window().only(family.mask)
        mean, variance = (each[:, 0] for each in family.expect(own, series))
        members = family.incidence.members(window.tickets, story.series)
        story.add(members[self.received[members] >= story.since])
        if story.key != ALL:
            today = members[self.received[members] == self._day]
            least = np.minimum(self.weight[today], mean[0] / max(count[0], mean[0]))
            self.weight[today] = _whole(least)
        story.expected[self._day] = float(mean[0])
        p = upper_tail(count, mean, variance)
        hot = bool((p[: max(1, len(p) - 1)] < rule.close_p).any())
        story.quiet = 0 if hot else story.quiet + 1
        if hot:
            story.last = self._day
            story.p = min(story.p, float(p.min()))
        if story.quiet >= rule.quiet_days:
            story.closed = self._day
        elif self._day - story.since >= rule.longest_days:
            self._accept(story)

    def _accept(self, story: Running) -> None:
        """Take what lasts for the new level: its tickets count whole in what is expected."""
        story.closed = self._day
        self.muted.mute(story, self._day + self.settings.baseline.days)
        tickets = np.array(list(story.tickets), dtype=np.int64)
        past = self._day - self.settings.longest
        for day in np.unique(self.received[tickets]).tolist():
            own = tickets[self.received[tickets] == day]
            missing = 1.0 - self.weight[own]
            self.weight[own] = 1.0
            if day <= past:
                self._learn(day, own, missing)

    def _find(self) -> None:
        new = [0] * len(self.families)
        parts = range(len(self.families) - 1)
        for _ in range(_MOST_A_DAY):
            found = self._least_likely(parts, new)
            if found is None:
                break
            new[found[0]] += self._tell(*found)
        # All tickets come last, when their parts are explained.
        if (found := self._least_likely([len(parts)], new)) is not None:
            self._tell(*found)

    def _least_likely(self, families: Sequence[int], new: list[int]) -> Found | None:
        """Give the series that is furthest below what its family allows."""
        best, least = None, 1.0
        window = self.window()
        for number in families:
            family = self.families[number]
            seen = suspects(family, window, self.settings)
            seen.p[self.muted.of(number, seen.series, self._day)] = 1.0
            if len(seen.p):
                allowed = family.budget / _MONTH * (new[number] + 1) / max(1, seen.tested)
                place = _clearest(seen, family)
                if seen.p[place] / allowed < least:
                    best, least = (number, place, seen), float(seen.p[place] / allowed)
        return best

    def _tell(self, number: int, place: int, seen: Suspects) -> bool:
        """Tell a new story, or add to one; say whether it is new."""
        family, series = self.families[number], int(seen.series[place])
        window = self.window().only(family.mask)
        days = self.settings.windows[seen.window[place]]
        members = family.incidence.members(window.tickets[window.age < days], series)
        key, mean = family.incidence.keys[series], float(seen.mean[place])
        since = self._since(members, mean, days)
        head = Running(number, series, key, since, self._day, self._day, float(seen.p[place]))
        head.add(members[self.received[members] >= since])
        head.expected = dict.fromkeys(range(since, self._day + 1), mean / days)
        story = self._same(key, members, window.tickets)
        if story is None:
            self.running.append(head)
        else:
            near = key != ALL and related(key, story.key)
            wider = near and story.holds(members) < self.settings.story.same
            story.join(head, wider=wider, day=self._day)
        if key != ALL:
            share = min(1.0, mean / float(seen.count[place]))
            self.weight[members] = _whole(self.weight[members] * share)
        return story is None

    def _same(
        self, key: tuple[tuple[str, str], ...], members: Ints, window: Ints
    ) -> Running | None:
        """Find the story that a series tells too."""
        rule = self.settings.story
        for story in reversed(self.running):
            if story.closed is not None:
                again = key == story.key or (not story.by_phrase and related(key, story.key))
                if again and self._day - story.closed <= rule.again_days:
                    return story
                continue
            if ALL in (key, story.key):
                if key == story.key:
                    return story
                continue
            near = related(key, story.key)
            if story.holds(members) >= rule.same:
                return story
            if near and (key == story.key or story.share_in(members, window) >= rule.same):
                return story
        return None

    def _since(self, members: Ints, mean: float, days: int) -> int:
        """First day of a window on which more came than a day's share of what was expected."""
        first = self._day - days + 1
        come = np.bincount(self.received[members] - first, minlength=days)
        above = np.flatnonzero(come > mean / days)
        return first + (int(above[0]) if len(above) else 0)


def _whole(weight: Floats) -> Floats:
    """Round weights up so that sums of them are exact, in whatever order they are made."""
    return np.asarray(np.ceil(weight * _STEPS) / _STEPS)


def _clearest(seen: Suspects, family: Family) -> int:
    """Place of the least likely series; of phrases that say the same, the longest."""
    equal = np.flatnonzero(seen.p == seen.p.min()).tolist()
    keys = {place: family.incidence.keys[int(seen.series[place])] for place in equal}
    return max(equal, key=lambda p: (sum(len(v) for f, v in keys[p] if f == PHRASE), keys[p]))
