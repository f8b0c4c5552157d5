"""Of many processes of a service one searches a large ledger, for all of them.

It is the one that holds the lease. The others, and whoever asks in its own process, leave their
question in the database and read the answer there. A search begins after the question was left, so
that its answer is of a ledger at least as new as whoever asked has seen it.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeVar

from service.alerts.aside import SECONDS, AlertsFailed
from service.alerts.told import Told, told_json, told_of
from service.large import CURE, IDLE_S
from service.logs import LOGGER
from service.store import leases, searches, seen
from service.store.searches import Answer, Sought
from triage.errors import JiesuError

if TYPE_CHECKING:
    from service.alerts.searching import Searcher
    from service.store.database import Database, Session
    from service.store.seen import Mark
    from service.store.writer import Writer

T = TypeVar("T")
_LOG = logging.getLogger(LOGGER)
_LEASE_S, _RENEW_S, _TAKE_S, _POLL_S = 20.0, 5.0, 1.0, 0.1


class Shared:
    """Has a ledger searched by one process of many, which may be this one.

    Parameters
    ----------
    database : Database
    writer : Writer
    searcher : Searcher
        Searches when it is this process that does.
    """

    def __init__(self, database: Database, writer: Writer, searcher: Searcher) -> None:
        self._database, self._writer, self._searcher = database, writer, searcher
        self._holder = secrets.token_hex(8)
        self._ended, self._starting = Event(), Lock()
        self._serving: Thread | None = None
        self._take_at = 0.0

    def ask(self, mark: Mark, first: date, last: date) -> Told:
        """Give what is told of a period of a ledger that has a mark.

        Raises
        ------
        AlertsFailed
            When the search gave nothing.
        """
        sought = Sought(self._searcher.rules.digest, first.isoformat(), last.isoformat())
        known = self._database.ask(partial(searches.answer_of, sought=sought))
        if known is not None and known.found is not None and known.mark == _text(mark):
            return told_of(known.found)
        until, number = time.monotonic() + SECONDS, self._want(sought)
        while time.monotonic() < until and not self._ended.is_set():
            asked = partial(searches.answer_of, sought=sought, number=number)
            known = self._database.ask(asked)
            if known is None:
                self._see_that_somebody_searches()
                self._ended.wait(_POLL_S)
            elif known.failed is not None:
                raise AlertsFailed(known.failed, cure=CURE)
            elif known.found is None:  # somebody was erased since
                number = self._want(sought)
            else:
                return told_of(known.found)
        why = "is ended" if self._ended.is_set() else f"did not answer within {SECONDS:g} seconds"
        raise AlertsFailed(f"the search for alerts {why}", cure=CURE)

    def close(self) -> None:
        """Search no more; another process may at once."""
        with self._starting:
            self._ended.set()
        if self._serving is not None:
            self._serving.join()

    def _want(self, sought: Sought) -> int:
        return self._write(partial(searches.want, sought=sought, now=datetime.now(UTC)))

    def _see_that_somebody_searches(self) -> None:
        with self._starting:
            now, serving = time.monotonic(), self._serving
            if (serving is not None and serving.is_alive()) or now < self._take_at:
                return
            self._take_at = now + _TAKE_S
            if not self._ended.is_set() and self._write(self._take):
                self._serving = Thread(target=self._serve, name="jiesu-searches", daemon=True)
                self._serving.start()

    def _take(self, session: Session) -> bool:
        now = datetime.now(UTC)
        return leases.acquire(session, self._lease, self._holder, now=now, seconds=_LEASE_S)

    @property
    def _lease(self) -> str:
        return f"search {self._searcher.rules.digest}"

    def _serve(self) -> None:
        """Search what is asked for, until nobody asks for some time."""
        left = Event()
        with ThreadPoolExecutor(1) as pool:
            try:
                self._search_on(pool, left)
            except JiesuError as exc:
                _LOG.error("searches broken off", extra={"facts": {"why": exc.message}})
            finally:
                left.set()
        self._searcher.close()
        with suppress(JiesuError):
            self._write(partial(leases.release, name=self._lease, holder=self._holder))

    def _search_on(self, pool: ThreadPoolExecutor, left: Event) -> None:
        rules = self._searcher.rules.digest
        asked_at = renewed_at = time.monotonic()
        work: Future[None] | None = None
        while not self._ended.wait(_POLL_S):
            now = time.monotonic()
            if now - renewed_at >= _RENEW_S:
                if not self._write(self._take):
                    return
                renewed_at = now
            if work is not None and not work.done():
                asked_at = now
                continue
            wish = self._database.ask(partial(searches.waiting, rules=rules))
            if wish is not None:
                work = pool.submit(self._answer, *wish, left)
            elif now - asked_at >= IDLE_S:
                return

    def _answer(self, sought: Sought, number: int, left: Event) -> None:
        keep = partial(self._keep, sought=sought, number=number)
        try:
            mark = self._database.ask(seen.mark)
            days = date.fromisoformat(sought.since), date.fromisoformat(sought.until)
            told = self._searcher.search(mark[0], *days, left=left)
            self._write(partial(keep, answer=Answer(_text(mark), told_json(told)), told=told))
        except Exception as exc:  # noqa: BLE001 - whoever waits is told, and no narrative is
            if left.is_set():
                return  # another process searches the same
            kind = f"the search for alerts failed ({type(exc).__name__})"
            why = exc.message if isinstance(exc, JiesuError) else kind
            with suppress(JiesuError):
                self._write(partial(keep, answer=Answer(None, None, why), told=None))

    def _keep(
        self, session: Session, sought: Sought, number: int, answer: Answer, told: Told | None
    ) -> None:
        from service.alerts.proposing import outdated

        if told is None or not outdated(session, [told.whole]):  # else it is searched again
            searches.keep(session, sought, number, answer, datetime.now(UTC))

    def _write(self, work: Callable[[Session], T]) -> T:
        return self._writer.submit(work).result()


def _text(mark: Mark) -> str:
    return " ".join(map(str, mark))
