"""Looks at the alerts of a large ledger in a process of its own.

It is long and wants more memory than all else that a service does: the process that answers callers
is spared both. What is kept for the next look lives there too, and is gone when nobody has asked
for some time.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from service.apart import Acts, Apart
from service.collector import hold
from triage.errors import JiesuError

if TYPE_CHECKING:
    from service.alerts.looking import Looker, Sought
    from service.store.database import Database
    from triage.surge.alerts import Alerts

# As long as the daily round has the look to itself.
_SECONDS = 3600.0
_IDLE_S = 900.0
# Somebody waits for it.
_NICE = 2


class AlertsFailed(JiesuError):
    """The process that looks for alerts gave nothing."""

    code = "alerts_failed"
    status = 503


class Aside(Apart):
    """Looks as `Looker` does, elsewhere.

    Parameters
    ----------
    database : Database
    sought : Sought
    """

    def __init__(self, database: Database, sought: Sought) -> None:
        super().__init__(
            acts,
            who="the search for alerts",
            failed=AlertsFailed,
            cure="ask again; if it stays, see that there is memory for a second process",
            seconds=_SECONDS,
            nice=_NICE,
            idle_s=_IDLE_S,
        )
        self._given = database.url.render_as_string(hide_password=False), sought

    def look(self, first: date, last: date) -> Alerts | None:
        """Give the alerts of a period; None when they are those that were given last.

        Raises
        ------
        AlertsFailed
        """
        found: Alerts | None = self.ask("look", *self._given, first, last)
        return found


def acts() -> Acts:
    """Give what is done in the process of its own."""
    hold()  # what is made lives as long as the process: a fifth of the time went into collecting
    return {"look": _There().look}


class _There:
    """What is kept in the process of its own."""

    def __init__(self) -> None:
        self._looker: Looker | None = None

    def look(self, url: str, sought: Sought, first: date, last: date) -> Alerts | None:
        if self._looker is None:
            from service.alerts.looking import Looker
            from service.store.database import Database

            self._looker = Looker(Database(url), sought)
        try:
            return self._looker.look(first, last)
        except BaseException:
            self._looker = None  # what is kept may have been changed in part
            raise
