"""The writer: one thread that owns the writing connection and commits many works at once.

A commit waits for the disk. What arrives meanwhile waits, and then shares the next commit, so
that throughput does not hang on the time of one commit. A caller hears of success only after it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from service.logs import LOGGER
from service.store.database import Database
from service.store.errors import StoreBusy, gone, unavailable, undone

T = TypeVar("T")
Work = Callable[[Session], T]

_LOG = logging.getLogger(LOGGER)
_TRIES = 6
_PAUSE_S = 0.02


@dataclass(slots=True)
class _Job:
    """A work that waits, and where its caller waits: a thread's future, or one of a loop."""

    work: Work[Any]
    future: Future[Any] | asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop | None
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Tell the caller, unless it has gone."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Writer:
    """Runs works one after another, a group of them in one transaction.

    A work is handed a session, may run more than once (only what its last run wrote is kept),
    and neither commits nor calls anything outside the database.

    Parameters
    ----------
    database : Database
    group_max : int
        Most works in one transaction.
    waiting_max : int
        Most works that wait; one more is refused with `StoreBusy`.
    """

    def __init__(
        self, database: Database, *, group_max: int = 128, waiting_max: int = 4096
    ) -> None:
        self._database = database
        self._group_max = group_max
        self._waiting_max = waiting_max
        self._waiting: deque[_Job] = deque()
        self._turn = threading.Condition()
        self._thread: threading.Thread | None = None
        self._open = False

    @property
    def waiting(self) -> int:
        """How many works wait."""
        return len(self._waiting)

    def start(self) -> None:
        """Start the thread."""
        with self._turn:
            if self._open:
                return
            self._open = True
            self._thread = threading.Thread(target=self._run, name="jiesu-writer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Take no more works, finish those that wait, end the thread."""
        with self._turn:
            self._open = False
            self._turn.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def submit(self, work: Work[T]) -> Future[T]:
        """Hand in a work; the future has its result once it is committed.

        Raises
        ------
        StoreBusy
            When too many wait, or the writer is stopped.
        """
        future: Future[T] = Future()
        self._enter(_Job(work, future, None))
        return future

    async def write(self, work: Work[T]) -> T:
        """Hand in a work and wait for its commit without holding up the loop.

        A caller that is cancelled does not take the work back.

        Raises
        ------
        StoreBusy
            When too many wait, or the writer is stopped.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._enter(_Job(work, future, loop))
        return await future

    def _enter(self, job: _Job) -> None:
        with self._turn:
            if not self._open:
                raise StoreBusy("the service is stopping", cure="ask again in some seconds")
            if len(self._waiting) >= self._waiting_max:
                raise StoreBusy(
                    f"{self._waiting_max} changes are waiting to be written",
                    cure="ask again in some seconds, with fewer calls at once",
                )
            self._waiting.append(job)
            self._turn.notify()

    def _run(self) -> None:
        while jobs := self._next_group():
            try:
                self._write_group(jobs)
            except Exception as exc:  # noqa: BLE001 - the thread must outlive every fault
                _LOG.exception("writer fault")
                _fail(jobs, exc)
            _settle(jobs)

    def _next_group(self) -> list[_Job]:
        with self._turn:
            while not self._waiting and self._open:
                self._turn.wait()
            count = min(len(self._waiting), self._group_max)
            return [self._waiting.popleft() for _ in range(count)]

    def _write_group(self, jobs: list[_Job]) -> None:
        try:
            self._commit(jobs, _run_plain)
        except _WorkFailed:
            # Rare, so only now each is run behind a savepoint, which costs as much as a work does.
            self._commit(jobs, _run_apart)

    def _commit(self, jobs: list[_Job], run: Callable[[Session, list[_Job]], None]) -> None:
        for attempt in range(1, _TRIES + 1):
            committing = False
            try:
                with self._database.writing() as connection, connection.begin() as transaction:
                    # Statements go straight to the connection; no objects are tracked.
                    with Session(connection, autoflush=False) as session:
                        run(session, jobs)
                    committing = True
                    transaction.commit()
            except SQLAlchemyError as exc:
                # A connection lost while committing: nobody knows whether it was done.
                again = undone(exc) or (gone(exc) and not committing)
                if again and attempt < _TRIES:
                    time.sleep(_PAUSE_S * 2**attempt * random.random())  # noqa: S311
                    continue
                _LOG.exception("writing failed", extra={"facts": {"works": len(jobs)}})
                _fail(jobs, exc)
            return


class _WorkFailed(Exception):
    """A work of a group failed; the group is undone and run again with care."""


def _run_plain(session: Session, jobs: list[_Job]) -> None:
    for job in jobs:
        try:
            job.result = job.work(session)
        except Exception as exc:
            if undone(exc) or gone(exc):
                raise
            raise _WorkFailed from None


def _run_apart(session: Session, jobs: list[_Job]) -> None:
    connection = session.connection()
    for job in jobs:
        job.error = None
        connection.exec_driver_sql("SAVEPOINT work")
        try:
            job.result = job.work(session)
        except Exception as exc:
            if undone(exc) or gone(exc):
                raise
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT work")
            job.error = exc
        connection.exec_driver_sql("RELEASE SAVEPOINT work")


def _fail(jobs: list[_Job], cause: Exception) -> None:
    # One error each: raised in several places, a shared one would mix their tracebacks.
    for job in jobs:
        job.error = unavailable(cause)


def _settle(jobs: list[_Job]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in jobs:
        if job.loop is None:
            job.settle()
        else:
            by_loop.setdefault(job.loop, []).append(job)
    for loop, theirs in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle_in_loop, theirs)
        except RuntimeError:  # the loop has ended, and with it whoever waited
            continue


def _settle_in_loop(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()
