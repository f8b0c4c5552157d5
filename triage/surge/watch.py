"""Days looked at one after the other: what flares up, whether it was told, when it is over.

On each day the least likely series is told first and its tickets are then taken for as many as
were expected; what is still unlikely is another story. The k-th story of a day needs a p value
of k times the budget over the series watched: Benjamini and Hochberg's procedure on stories, not
on series, for ten series that one event drives are one discovery and must not buy nine more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from triage.surge.families import Family, Learned, Suspects, Window, suspects
from triage.surge.growth import grown_again
from triage.surge.incidence import ALL, PHRASE, Floats, Ints
from triage.surge.kept import Kept, whole
from triage.surge.stories import Running, related
from triage.surge.tails import upper_tail

_MONTH = 30.44
# A day on which more happens has another trouble than missing alerts.
_MOST_A_DAY = 60
Found = tuple[int, int, Suspects]


class Watch(Kept):
    """Goes through the days of counted tickets; made as `Kept` is."""

    def run(self, each_day: Callable[[int], None] | None = None) -> list[Running]:
        """Look at the days not looked at; give the stories in the order in which they were told."""
        for day in range(self._day + 1, len(self._here)):
            self.look(day)
            if each_day is not None:
                each_day(day)
        return self.running

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
        going = [story for story in self.running if story.closed is None]
        for story in going:
            self._follow(story, beside=len(going))
        if past + 1 >= self.settings.baseline.least_days:
            self._find()

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

    def _follow(self, story: Running, *, beside: int) -> None:
        """Add a day to one of so many open stories; tell it again, or close it when it is over."""
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
            self.weight[today] = whole(least)
        story.expected[self._day] = float(mean[0])
        p = upper_tail(count, mean, variance)
        hot = bool((p[: max(1, len(p) - 1)] < rule.close_p).any())
        story.quiet = 0 if hot else story.quiet + 1
        if hot:
            story.last = self._day
            story.p = min(story.p, float(p.min()))
        if self._day - max([story.told, *story.again]) >= self.settings.longest:
            anew = grown_again(count, mean, variance, family, self.settings)
            if anew <= self.settings.budget.again / _MONTH / beside:
                story.again.append(self._day)
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
                allowed = family.budget / _MONTH * (new[number] + 1) / seen.among
                place = _clearest(seen, family, seen.p / allowed)
                if seen.p[place] / allowed[place] < least:
                    best, least = (number, place, seen), float(seen.p[place] / allowed[place])
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
            self.weight[members] = whole(self.weight[members] * share)
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


def _clearest(seen: Suspects, family: Family, part: Floats) -> int:
    """Place of the least likely of what may be told; of phrases that say the same, the longest.

    `part` is p over what is allowed. Where nothing may be told, it is the place nearest to it.
    """
    p = np.where(part < 1.0, seen.p, 1.0 + part)
    equal = np.flatnonzero(p == p.min()).tolist()
    keys = {place: family.incidence.keys[int(seen.series[place])] for place in equal}
    return max(equal, key=lambda p: (sum(len(v) for f, v in keys[p] if f == PHRASE), keys[p]))
