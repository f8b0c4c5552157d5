"""Tickets in memory, found by customer and by band: for command lines and tests.

A database serves the same keys: `Matter.bands` in a table with an index over (band, ticket).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from datetime import timedelta

from triage.repeats.counting import Earlier, RepeatState, count
from triage.repeats.matter import Matter
from triage.repeats.same import Match, same_matter
from triage.repeats.settings import Settings
from triage.repeats.template import Cluster, Sighting, template_cluster

PER_BAND = 40
MOST = 60


class RepeatIndex:
    """Keeps matters and finds those that a new one may repeat.

    Parameters
    ----------
    settings : Settings
    per_band : int
        Of each band only the newest are looked at, so that a text that thousands send costs no
        more than any other.
    most : int
        At most so many candidates, those that share most bands first.
    """

    def __init__(self, settings: Settings, *, per_band: int = PER_BAND, most: int = MOST) -> None:
        self.settings = settings
        self._most = most
        self._bands: dict[int, deque[Matter]] = defaultdict(lambda: deque(maxlen=per_band))
        self._customers: dict[str, deque[Matter]] = defaultdict(lambda: deque(maxlen=most))

    def add(self, matter: Matter) -> None:
        """Keep a ticket; the newest is the one that was added last."""
        for band in set(matter.bands):
            self._bands[band].append(matter)
        if matter.customer_ref is not None:
            self._customers[matter.customer_ref].append(matter)

    def candidates(self, matter: Matter) -> list[Matter]:
        """Give tickets with a like text, those that share most bands first, then the newest."""
        shared: Counter[str] = Counter()
        found: dict[str, Matter] = {}
        for band in set(matter.bands):
            for other in self._bands.get(band, ()):
                shared[other.id] += 1
                found[other.id] = other
        window = self.settings.template.window
        near = [other for other in found.values() if _apart(matter, other) <= window]
        near.sort(key=lambda other: (shared[other.id], other.received_at, other.id), reverse=True)
        return near[: self._most]

    def of_customer(self, matter: Matter) -> list[Matter]:
        """Give the newest tickets of the same customer within the window, the newest first."""
        if matter.customer_ref is None:
            return []
        window = self.settings.windows.same_matter
        kept = self._customers.get(matter.customer_ref, ())
        return [other for other in reversed(kept) if _apart(matter, other) <= window]

    def look(self, matter: Matter) -> tuple[list[Match], RepeatState, Cluster | None]:
        """Find the earlier tickets of the same matter, count them, and look for a template."""
        earlier = {
            other.id: other
            for other in self.of_customer(matter)
            if other.received_at <= matter.received_at and other.id != matter.id
        }
        asked = (same_matter(matter, other, self.settings) for other in earlier.values())
        matches = [match for match in asked if match is not None]
        history = [Earlier(match.id, earlier[match.id].received_at) for match in matches]
        state = count(history, matter.received_at, self.settings.windows)
        like = [Sighting.of(other) for other in self.candidates(matter)]
        cluster = template_cluster(Sighting.of(matter), like, self.settings.template)
        return matches, state, cluster


def _apart(one: Matter, other: Matter) -> timedelta:
    return abs(one.received_at - other.received_at)
