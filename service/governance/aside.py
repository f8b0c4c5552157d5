"""Reports of a service: of a small ledger made in it, of a large one in a process of its own."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from service.governance.report import Report
from service.governance.reporter import LASTS, Behind, Reporter, Wanted
from service.large import LedgerApart, is_large
from service.store import seen
from service.store.database import Database
from triage.errors import JiesuError

if TYPE_CHECKING:
    from service.apart import Acts


class ReportFailed(JiesuError):
    """The process that makes reports gave nothing."""

    code = "report_failed"
    status = 503


class Reports:
    """Has reports made; see `Reporter` for what can be asked of it.

    Parameters
    ----------
    database : Database
    data : path
        Folder of the settings.
    few : int, optional
        Reports of a ledger of more tickets are made in a process of its own; by default none are.
    wait_s : float
        For so long callers wait.
    """

    def __init__(
        self, database: Database, data: Path, *, few: int | None = None, wait_s: float = 0
    ) -> None:
        self._database = database
        self._few = few
        self._here = _acts_of(Reporter(database, data))
        self._ended = Event()
        self._aside = LedgerApart(
            database,
            acts,
            data,
            who="the report",
            failed=ReportFailed,
            # What comes after those who waited have gone, and is kept no more, is of use to nobody.
            seconds=max(wait_s, LASTS.total_seconds()),
        )

    def written(
        self,
        wanted: Wanted,
        form: str,
        figure: str | None = None,
        *,
        left: Event | None = None,
    ) -> bytes:
        """Give a report of the ledger as it stands now as a file.

        When `left` is set, nobody waits for it any more, and its making is ended.

        Raises
        ------
        InvalidInput, UnknownFigure, ReportFailed
        """
        made: bytes = self._ask("written", wanted, form, figure, left=left)
        return made

    def kept(self, wanted: Wanted, form: str) -> bytes:
        """Give a report that people look at as a file.

        Raises
        ------
        InvalidInput, ReportFailed
        """
        made: bytes = self._ask("kept", wanted, form)
        return made

    def shown(self, wanted: Wanted) -> Report:
        """Give a report to be looked at, with one ticket behind each figure that has any.

        Raises
        ------
        InvalidInput, ReportFailed
        """
        made: Report = self._ask("shown", wanted)
        return made

    def behind(self, wanted: Wanted, code: str, after: int, limit: int) -> Behind:
        """Give a figure of such a report with so many of its tickets, after the first ones.

        Raises
        ------
        InvalidInput, UnknownFigure, ReportFailed
        """
        made: Behind = self._ask("behind", wanted, code, after, limit)
        return made

    def close(self) -> None:
        """End the process of its own, if there is one, for good."""
        self._ended.set()
        self._aside.close()

    def _ask(self, act: str, *args: Any, left: Event | None = None) -> Any:
        if is_large(self._database.ask(seen.mark)[0], self._few):
            return self._aside.ask(act, *args, left=left or self._ended)
        return self._here[act](*args)


def acts(url: str, data: Path) -> Acts:
    """Give what is done in the process of its own."""
    return _acts_of(Reporter(Database(url), data))


def _acts_of(reporter: Reporter) -> Acts:
    each = (reporter.written, reporter.kept, reporter.shown, reporter.behind)
    return {act.__name__: act for act in each}
