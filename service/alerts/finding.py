"""What is to be told of a period of the ledger; found once while the ledger stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from service.alerts.searching import Searcher
from service.alerts.sharing import Shared
from service.alerts.told import Findings, Told
from triage.config import data_dir
from triage.errors import InvalidInput
from triage.rules.calendar import local

if TYPE_CHECKING:
    from service.store.database import Database
    from service.store.seen import Mark
    from service.store.writer import Writer
    from triage.repeats.settings import Settings as RepeatSettings
    from triage.rules.rulebook import Rulebook
    from triage.surge.alerts import Alerts
    from triage.surge.sections import Draft
    from triage.surge.settings import Settings
    from triage.surge.stories import Story
    from triage.surge.tickets import SurgeTicket
    from triage.taxonomy import Taxonomy

__all__ = ["Finder", "Findings", "Rules"]  # the second for annotations elsewhere

PERIOD_DAYS = 30
LONGEST_DAYS = 3 * 366
_FILES = ("surge.yaml", "repeats.yaml", "taxonomy.yaml", "rules.yaml")
_Period = tuple[date | None, date | None]


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
    """All that alerts are judged and written by; `digest` differs when any of it does."""

    settings: Settings
    repeats: RepeatSettings
    taxonomy: Taxonomy
    rulebook: Rulebook
    digest: str

    @classmethod
    def load(cls, data: Path | None = None) -> Rules:
        """Read the files of a folder (default `data/`)."""
        from triage.repeats.settings import load_settings as load_repeats
        from triage.rules.rulebook import Rulebook
        from triage.surge.settings import load_settings
        from triage.taxonomy import load_taxonomy

        surge, repeats, lines, rules = ((data or data_dir()) / name for name in _FILES)
        read = sha256(
            b"".join(sha256(f.read_bytes()).digest() for f in (surge, repeats, lines, rules))
        )
        taxonomy = load_taxonomy(lines)
        return cls(
            load_settings(surge),
            load_repeats(repeats),
            taxonomy,
            Rulebook.load(rules, taxonomy=taxonomy),
            read.hexdigest(),
        )

    def told(self, alerts: Alerts) -> Findings:
        """Give what was found, as data and as a draft."""
        from triage.surge.draft import write_draft

        return self._findings(alerts, write_draft(alerts, self.taxonomy, self.rulebook))

    def event(self, alerts: Alerts, story: Story) -> Findings:
        """Give one story of a period by itself, without its major tickets."""
        from triage.surge.draft import write_event

        alone = replace(alerts, stories=(story,), majors=())
        return self._findings(alone, write_event(alone, self.taxonomy, self.rulebook))

    def all_told(self, alerts: Alerts) -> Told:
        """Give what was found, and each story by itself."""
        events = tuple(self.event(alerts, story) for story in alerts.stories)
        return Told(self.told(alerts), events)

    def _findings(self, alerts: Alerts, draft: Draft) -> Findings:
        from service.store.deletion import TOMBSTONE
        from triage.surge.wire import alerts_json

        gone = frozenset(each.id for each in alerts.by_id.values() if each.text == TOMBSTONE)
        return Findings(draft, alerts_json(alerts, self.taxonomy), gone)


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
    writer : Writer, optional
        With one, such a ledger is searched by one process for all that serve it.
    """

    def __init__(
        self,
        database: Database,
        data: Path,
        *,
        few: int | None = None,
        writer: Writer | None = None,
    ) -> None:
        self._database = database
        self._lock = Lock()
        self._asked: tuple[Mark, _Period] | None = None
        self._told: Told
        self._searcher = Searcher(database, partial(Rules.load, data), few=few)
        self._shared: Shared | None = None
        if writer is not None:
            self._shared = Shared(database, writer, self._searcher)

    def find(self, since: date | None, until: date | None) -> Findings:
        """Give what is told of a period.

        Raises
        ------
        InvalidInput
            When the period ends before it begins.
        AlertsFailed
            When the process of its own gave nothing.
        """
        return self._find(since, until).whole

    def events(self, until: date) -> list[Findings]:
        """Give each event of the last thirty days up to a day, or to that of the newest ticket."""
        from service.alerts.reading import newest_of

        newest = newest_of(self._database)
        later = newest is None or newest < until
        return list(self._find(None, until if later else None).events)

    @property
    def rules(self) -> Rules:
        """Give what it judges by, read the first time."""
        return self._searcher.rules

    def close(self) -> None:
        """End the process of its own, if there is one."""
        if self._shared is not None:
            self._shared.close()
        self._searcher.close()

    def _find(self, since: date | None, until: date | None) -> Told:
        from service.store import seen

        with self._lock:  # whoever asks the same meanwhile waits for the one answer
            mark, period = self._database.ask(seen.mark), (since, until)
            if self._asked != (mark, period):
                days = self._days(since, until)
                if self._shared is not None and self._searcher.is_apart(mark[0]):
                    self._told = self._shared.ask(mark, *days)
                else:
                    self._told = self._searcher.search(mark[0], *days)
                self._asked = mark, period
            return self._told

    def _days(self, since: date | None, until: date | None) -> tuple[date, date]:
        from service.alerts.reading import newest_of

        today = since or local(datetime.now(UTC)).date()
        return period_of(since, until, newest_of(self._database) or today)
