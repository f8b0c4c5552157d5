"""What is to be told of a period of the ledger; found once while the ledger stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from triage.errors import InvalidInput
from triage.rules.calendar import local, midnight

if TYPE_CHECKING:
    from service.store.database import Database
    from service.store.reporting import Mark
    from triage.surge.alerts import Alerts
    from triage.surge.draft import Draft
    from triage.surge.prepare import Texts
    from triage.surge.tickets import SurgeTicket

PERIOD_DAYS = 30
LONGEST_DAYS = 3 * 366
# More than any baseline of data/surge.yaml looks back.
_PAST = timedelta(days=400)
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
    tickets: Sequence[SurgeTicket],
    since: date,
    until: date,
    data: Path | None = None,
    *,
    bonded: bool = False,
    texts: Texts | None = None,
) -> Findings:
    """Look for the alerts of a period.

    Parameters
    ----------
    tickets : sequence of SurgeTicket
    since, until : date
    data : path, optional
        Folder of the settings.
    bonded : bool
        The tickets say themselves which of them are one matter or one template, as the ledger's.
    texts : Texts, optional
        Keeps texts made ready from one call to the next.
    """
    from triage.repeats.settings import load_settings as load_repeats
    from triage.rules.rulebook import Rulebook
    from triage.surge.alerts import find_alerts
    from triage.surge.draft import write_draft
    from triage.surge.prepare import prepare
    from triage.surge.settings import load_settings
    from triage.surge.wire import alerts_json
    from triage.taxonomy import load_taxonomy

    settings = load_settings(data and data / "surge.yaml")
    repeats = load_repeats(data and data / "repeats.yaml")
    taxonomy = load_taxonomy(data and data / "taxonomy.yaml")
    rulebook = Rulebook.load(data and data / "rules.yaml", taxonomy=taxonomy)
    alerts = find_alerts(
        prepare(tickets, settings, None if bonded else repeats, texts=texts),
        settings,
        taxonomy,
        since=since,
        until=until,
        repeat_days=repeats.windows.same_matter_days,
    )
    return Findings(alerts, write_draft(alerts, taxonomy, rulebook), alerts_json(alerts, taxonomy))


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

    Parameters
    ----------
    database : Database
    data : path
        Folder of the settings.
    """

    def __init__(self, database: Database, data: Path) -> None:
        self._database = database
        self._data = data
        self._lock = Lock()
        self._last: tuple[Mark, _Period, Findings] | None = None
        self._texts: Texts | None = None
        self._seen = 0

    def find(self, since: date | None, until: date | None) -> Findings:
        """Give what is told of a period.

        Raises
        ------
        InvalidInput
            When the period ends before it begins.
        """
        from service.store import reporting

        with self._lock:  # whoever asks the same meanwhile waits for the one answer
            mark, period = self._database.ask(reporting.mark), (since, until)
            if self._last is None or self._last[:2] != (mark, period):
                self._last = mark, period, self._find(since, until)
            return self._last[2]

    def _find(self, since: date | None, until: date | None) -> Findings:
        tickets = of_ledger(self._database, since, until)
        today = local(datetime.now(UTC)).date()
        newest = max((ticket.received for ticket in tickets), default=since or today)
        period = period_of(since, until, newest)
        # Most changes of a ledger are contacts and the like, of which alerts tell nothing.
        seen = hash((period, *tickets))
        if self._last is None or self._seen != seen:
            texts = self._texts or _no_texts()
            found = find(tickets, *period, self._data, bonded=True, texts=texts)
            self._texts, self._seen = texts, seen
            return found
        return self._last[2]


def _no_texts() -> Texts:
    from triage.surge.prepare import Texts

    return Texts()


def of_ledger(database: Database, since: date | None, until: date | None) -> list[SurgeTicket]:
    """Give the tickets that alerts of a period rest on."""
    from service.alerts.rows import tickets_of_ledger
    from service.store import reporting

    newest = database.ask(reporting.newest)
    if newest is None:
        return []
    first, last = period_of(since, until, local(newest).date())
    end = midnight(last + timedelta(days=1))
    start, begin = midnight(first - _PAST), midnight(first)
    with database.read() as session:
        said = {each.complaint_id: each.signals for each in reporting.intakes(session, begin, end)}
        signals = {ident: tuple(sorted(codes)) for ident, codes in said.items()}
        links = reporting.links(session, start, end)
        return list(tickets_of_ledger(reporting.seen(session, start, end), signals, links))
