"""Looks at the alerts of a ledger again and again; what did not change is not searched again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from service.alerts.reading import Reader
from triage.surge.alerts import alerts_of
from triage.surge.search import Search

if TYPE_CHECKING:
    from service.store.database import Database
    from triage.surge.alerts import Alerts
    from triage.surge.settings import Settings
    from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched by; for `repeat_days` a customer's same matter counts once."""

    settings: Settings
    taxonomy: Taxonomy
    repeat_days: int


class Looker:
    """Keeps tickets and what was found from one look to the next.

    Parameters
    ----------
    database : Database
    sought : Sought
    """

    def __init__(self, database: Database, sought: Sought) -> None:
        self._sought = sought
        self._reader = Reader(database)
        self._search = Search(sought.settings, repeat_days=sought.repeat_days)
        self._seen: tuple[date, date] | None = None

    def look(self, first: date, last: date) -> Alerts | None:
        """Give the alerts of a period; None when they are those that were given last."""
        changed = self._search.look(self._reader.read(first, last), last)
        # Most changes of a ledger are contacts and the like, of which alerts tell nothing.
        if not changed and self._seen == (first, last):
            return None
        watch, taxonomy = self._search.watch, self._sought.taxonomy
        alerts = alerts_of(watch, taxonomy, since=first, until=last)
        self._seen = first, last
        return alerts
