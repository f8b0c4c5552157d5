"""Searches the ledger for alerts: of many tickets in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property
from threading import Event, Lock
from typing import TYPE_CHECKING

from service.alerts.aside import Aside
from service.large import is_large

if TYPE_CHECKING:
    from service.alerts.finding import Rules
    from service.alerts.looking import Looker
    from service.alerts.told import Told
    from service.store.database import Database


class Searcher:
    """Searches one period at a time, and keeps what the next search of it needs.

    Parameters
    ----------
    database : Database
    load : callable
        Gives the rules that it searches by, the first time that they are needed.
    few : int, optional
        A ledger of more tickets is searched in a process of its own; by default none is.
    """

    def __init__(
        self, database: Database, load: Callable[[], Rules], *, few: int | None = None
    ) -> None:
        self._database, self._load, self._few = database, load, few
        self._lock = Lock()
        self._looker: Looker | Aside | None = None
        self._told: Told

    @cached_property
    def rules(self) -> Rules:
        """Give what it judges by, read the first time."""
        return self._load()

    def is_apart(self, tickets: int) -> bool:
        """Tell whether so many tickets are searched in a process of its own."""
        return is_large(tickets, self._few)

    def search(self, tickets: int, first: date, last: date, *, left: Event | None = None) -> Told:
        """Give what is told of a period of a ledger of so many tickets.

        When `left` is set, nobody wants it any more, and the process of its own is ended.

        Raises
        ------
        AlertsFailed
            When the process of its own gave nothing.
        """
        with self._lock:
            try:
                looker = self._looker_for(tickets)
                given = {"left": left} if isinstance(looker, Aside) else {}
                alerts = looker.look(first, last, **given)
                if alerts is not None:
                    self._told = self.rules.all_told(alerts)
            except BaseException:
                # What is kept may have been changed in part.
                self.close()
                self._looker = None
                raise
            return self._told

    def close(self) -> None:
        """End the process of its own, if there is one; the next search starts another."""
        if isinstance(self._looker, Aside):
            self._looker.close()

    def _looker_for(self, tickets: int) -> Looker | Aside:
        """Give who looks at so many tickets; once there were many, he stays."""
        from service.alerts.looking import Looker, Sought

        apart = self.is_apart(tickets)
        if self._looker is None or (apart and not isinstance(self._looker, Aside)):
            rules = self.rules
            days = rules.repeats.windows.same_matter_days
            kind = Aside if apart else Looker
            self._looker = kind(self._database, Sought(rules.settings, rules.taxonomy, days))
        return self._looker
