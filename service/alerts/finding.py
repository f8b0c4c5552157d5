"""What is to be told of a period of the ledger; found once while the ledger stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from service.alerts.aside import Aside
from service.large import is_large
from triage.errors import InvalidInput
from triage.rules.calendar import local

if TYPE_CHECKING:
    from service.alerts.looking import Looker
    from service.store.database import Database
    from service.store.seen import Mark
    from triage.repeats.settings import Settings as RepeatSettings
    from triage.rules.rulebook import Rulebook
    from triage.surge.alerts import Alerts
    from triage.surge.draft import Draft
    from triage.surge.settings import Settings
    from triage.surge.stories import Story
    from triage.surge.tickets import SurgeTicket
    from triage.taxonomy import Taxonomy

PERIOD_DAYS = 30
LONGEST_DAYS = 3 * 366
_Period = tuple[date | None, date | None]


@dataclass(frozen=True)
class Findings:
    """The alerts of a period: as data without narratives, and as a draft."""

    alerts: Alerts
    draft: Draft
    body: dict[str, Any]

    @cached_property
    def items(self) -> list[dict[str, Any]]:
        """Give all that is told, one after the other, each with the tickets behind it."""
        surges = [{"kind": "surge", **each} for each in self.body["surges"]]
        majors = [{"kind": "major", **each, "tickets": [each["id"]]} for each in self.body["major"]]
        typical = [
            {
                "kind": "typical",
                "id": each["typical"],
                "of": each["id"],
                "tickets": [each["typical"]],
            }
            for each in self.body["surges"]
            if each["typical"]
        ]
        return [*surges, *majors, *typical]


def find(
    tickets: Sequence[SurgeTicket], since: date, until: date, data: Path | None = None
) -> Findings:
    """Look for the alerts of a period in tickets of a file.

    Parameters
    ----------
    tickets : sequence of SurgeTicket
    since, until : date
    data : path, optional
        Folder of the settings.
    """
    from triage.surge.alerts import find_alerts
    from triage.surge.prepare import prepare

    rules = Rules.load(data)
    alerts = find_alerts(
        prepare(tickets, rules.settings, rules.repeats, until=until),
        rules.settings,
        rules.taxonomy,
        since=since,
        until=until,
        repeat_days=rules.repeats.windows.same_matter_days,
    )
    return rules.told(alerts)


@dataclass(frozen=True, slots=True)
class Rules:
    """All that alerts are judged and written by."""

    settings: Settings
    repeats: RepeatSettings
    taxonomy: Taxonomy
    rulebook: Rulebook

    @classmethod
    def load(cls, data: Path | None = None) -> Rules:
        """Read the files of a folder (default `data/`)."""
        from triage.repeats.settings import load_settings as load_repeats
        from triage.rules.rulebook import Rulebook
        from triage.surge.settings import load_settings
        from triage.taxonomy import load_taxonomy

        taxonomy = load_taxonomy(data and data / "taxonomy.yaml")
        return cls(
            load_settings(data and data / "surge.yaml"),
            load_repeats(data and data / "repeats.yaml"),
            taxonomy,
            Rulebook.load(data and data / "rules.yaml", taxonomy=taxonomy),
        )

    def told(self, alerts: Alerts) -> Findings:
        """Give what was found, as data and as a draft."""
        from triage.surge.draft import write_draft
        from triage.surge.wire import alerts_json

        draft = write_draft(alerts, self.taxonomy, self.rulebook)
        return Findings(alerts, draft, alerts_json(alerts, self.taxonomy))

    def event(self, alerts: Alerts, story: Story) -> Findings:
        """Give one story of a period by itself, without its major tickets."""
        from triage.surge.draft import write_event
        from triage.surge.wire import alerts_json

        alone = replace(alerts, stories=(story,), majors=())
        draft = write_event(alone, self.taxonomy, self.rulebook)
        return Findings(alone, draft, alerts_json(alone, self.taxonomy))


def period_of(since: date | None, until: date | None, newest: date) -> tuple[date, date]:
    """Give the days of a period: to the newest ticket's day, thirty days, unless it is said.

    Raises
    ------
    InvalidInput
        When it ends before it begins, or is longer than three years.
    """
    last = until or newest
    first = since or last - timedelta(days=PERIOD_DAYS - 1)
    if first > last:
        raise InvalidInput("the period ends before it begins", cure="name an earlier first day")
    if (last - first).days > LONGEST_DAYS:
        raise InvalidInput("the period is longer than three years", cure="name fewer days")
    return first, last


class Finder:
    """Finds the alerts of the ledger, one period at a time, and keeps the last one found.

    What the tickets that changed since do not touch is neither read nor searched again. The
    settings are those that stood when it first looked.

    Parameters
    ----------
    database : Database
    data : path
        Folder of the settings.
    few : int, optional
        A ledger of more tickets is looked at in a process of its own; by default none is.
    """

    def __init__(self, database: Database, data: Path, *, few: int | None = None) -> None:
        self._database = database
        self._data = data
        self._few = few
        self._lock = Lock()
        self._asked: tuple[Mark, _Period] | None = None
        self._found: Findings
        self._looker: Looker | Aside | None = None

    def find(self, since: date | None, until: date | None) -> Findings:
        """Give what is told of a period.

        Raises
        ------
        InvalidInput
            When the period ends before it begins.
        AlertsFailed
            When the process of its own gave nothing.
        """
        from service.store import seen

        with self._lock:  # whoever asks the same meanwhile waits for the one answer
            mark, period = self._database.ask(seen.mark), (since, until)
            if self._asked != (mark, period):
                first, last = self._days(since, until)
                try:
                    self._found = self._find(mark[0], first, last)
                except BaseException:
                    # What is kept may have been changed in part.
                    self.close()
                    self._looker = None
                    raise
                self._asked = mark, period
            return self._found

    def events(self, until: date) -> list[Findings]:
        """Give each event of the last thirty days up to a day, or to that of the newest ticket."""
        from service.alerts.reading import newest_of

        newest = newest_of(self._database)
        later = newest is None or newest < until
        alerts = self.find(None, until if later else None).alerts
        return [self.rules.event(alerts, story) for story in alerts.stories]

    @cached_property
    def rules(self) -> Rules:
        """Give what it judges by, read the first time."""
        return Rules.load(self._data)

    def close(self) -> None:
        """End the process of its own, if there is one; the next look starts another."""
        if isinstance(self._looker, Aside):
            self._looker.close()

    def _days(self, since: date | None, until: date | None) -> tuple[date, date]:
        from service.alerts.reading import newest_of

        today = since or local(datetime.now(UTC)).date()
        return period_of(since, until, newest_of(self._database) or today)

    def _find(self, tickets: int, first: date, last: date) -> Findings:
        alerts = self._looker_for(tickets).look(first, last)
        return self._found if alerts is None else self.rules.told(alerts)

    def _looker_for(self, tickets: int) -> Looker | Aside:
        """Give who looks at so many tickets; once there were many, he stays."""
        from service.alerts.looking import Looker, Sought

        apart = is_large(tickets, self._few)
        if self._looker is None or (apart and not isinstance(self._looker, Aside)):
            rules = self.rules
            days = rules.repeats.windows.same_matter_days
            kind = Aside if apart else Looker
            self._looker = kind(self._database, Sought(rules.settings, rules.taxonomy, days))
        return self._looker
