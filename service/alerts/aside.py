"""Looks at the alerts of a large ledger in a process of its own."""

from __future__ import annotations

from datetime import date
from threading import Event
from typing import TYPE_CHECKING

from service.collector import hold
from service.large import LedgerApart
from triage.errors import JiesuError

if TYPE_CHECKING:
    from service.alerts.looking import Looker, Sought
    from service.apart import Acts
    from service.store.database import Database
    from triage.surge.alerts import Alerts

SECONDS = 3600.0
"""For so long an answer is waited for: as long as the daily round has the look to itself."""


class AlertsFailed(JiesuError):
    """The process that looks for alerts gave nothing."""

    code = "alerts_failed"
    status = 503


class Aside(LedgerApart):
    """Looks as `Looker` does, elsewhere.

    Parameters
    ----------
    database : Database
    sought : Sought
    """

    def __init__(self, database: Database, sought: Sought) -> None:
        who = "the search for alerts"
        super().__init__(database, acts, sought, who=who, failed=AlertsFailed, seconds=SECONDS)

    def look(self, first: date, last: date, *, left: Event | None = None) -> Alerts | None:
        """Give the alerts of a period; None when they are those that were given last.

        When `left` is set, nobody wants them any more, and the process is ended.

        Raises
        ------
        AlertsFailed
        """
        found: Alerts | None = self.ask("look", first, last, left=left)
        return found


def acts(url: str, sought: Sought) -> Acts:
    """Give what is done in the process of its own."""
    hold()  # what is made lives as long as the process: a fifth of the time went into collecting
    return {"look": _There(url, sought).look}


class _There:
    """What is kept in the process of its own."""

    def __init__(self, url: str, sought: Sought) -> None:
        self._given = url, sought
        self._looker: Looker | None = None

    def look(self, first: date, last: date) -> Alerts | None:
        if self._looker is None:
            from service.alerts.looking import Looker
            from service.store.database import Database

            url, sought = self._given
            self._looker = Looker(Database(url), sought)
        try:
            return self._looker.look(first, last)
        except BaseException:
            self._looker = None  # what is kept may have been changed in part
            raise
