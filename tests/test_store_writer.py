"""The writer: many works, one commit; each caller hears of its own, and only after it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import wait
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Connection, RootTransaction, event, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from store_fixtures import database, database_url, stored, writer

from service.store import complaints
from service.store.database import Database
from service.store.errors import StoreBusy, StoreUnavailable, TicketConflict
from service.store.records import Filters
from service.store.writer import Writer

__all__ = ["database", "database_url", "writer"]


def _count(database: Database) -> int:
    return database.ask(lambda session: complaints.count(session, Filters()))


class _Gate:
    """Holds the writer up, so that what is handed in meanwhile becomes one group."""

    def __init__(self, writer: Writer) -> None:
        self.entered, self.go = threading.Event(), threading.Event()
        self.future = writer.submit(self._work)
        self.entered.wait()

    def _work(self, _session: Session) -> None:
        self.entered.set()
        self.go.wait()

    def open(self) -> None:
        self.go.set()
        self.future.result()


def test_what_waits_shares_a_commit_and_is_there_after_it(
    database: Database, writer: Writer
) -> None:
    gate = _Gate(writer)
    commits: list[int] = []
    futures = [writer.submit(_storing(f"T-{number}")) for number in range(50)]
    assert writer.waiting == 50
    event.listen(database._writing, "commit", lambda _connection: commits.append(1))
    gate.open()
    assert len({future.result() for future in futures}) == 50
    assert len(commits) <= 2  # of the gate, and of all the others
    assert _count(database) == 50


def _storing(ticket_id: str):  # type: ignore[no-untyped-def]
    return lambda session: stored(session, ticket_id)


def test_one_that_fails_takes_back_its_own_writes_alone(database: Database, writer: Writer) -> None:
    gate = _Gate(writer)

    def refused(session: Session) -> None:
        stored(session, "T-refused")
        raise TicketConflict("another body", cure="use another identifier")

    def broken(session: Session) -> None:
        stored(session, "T-broken")
        session.execute(text("INSERT INTO complaints (id) VALUES (1)"))

    first = writer.submit(_storing("T-1"))
    bad, worse = writer.submit(refused), writer.submit(broken)
    last = writer.submit(_storing("T-2"))
    gate.open()
    assert first.result() != last.result()
    with pytest.raises(TicketConflict):
        bad.result()
    with pytest.raises(IntegrityError):
        worse.result()
    assert _count(database) == 2


def test_a_caller_hears_only_after_the_commit(database: Database, writer: Writer) -> None:
    heard: list[int] = []
    future = writer.submit(_storing("T-1"))
    future.add_done_callback(lambda _done: heard.append(_count(database)))
    future.result()
    writer.stop()
    assert heard == [1]


def test_async_callers_wait_without_holding_up_the_loop(database: Database, writer: Writer) -> None:
    async def many() -> list[int]:
        return await asyncio.gather(*(writer.write(_storing(f"T-{n}")) for n in range(30)))

    assert len(set(asyncio.run(many()))) == 30

    async def refused() -> None:
        def work(_session: Session) -> None:
            raise TicketConflict("no")

        with pytest.raises(TicketConflict):
            await writer.write(work)

    asyncio.run(refused())


def test_a_caller_that_left_harms_nobody(database: Database, writer: Writer) -> None:
    async def leave() -> None:
        gate = _Gate(writer)
        task = asyncio.create_task(writer.write(_storing("T-1")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.open()
        await writer.write(_storing("T-2"))

    asyncio.run(leave())
    assert _count(database) == 2


def test_more_than_can_wait_is_refused(database: Database) -> None:
    writer = Writer(database, waiting_max=2)
    with pytest.raises(StoreBusy):
        writer.submit(_storing("T-0"))
    writer.start()
    gate = _Gate(writer)
    taken = [writer.submit(_storing(f"T-{number}")) for number in range(2)]
    with pytest.raises(StoreBusy) as caught:
        writer.submit(_storing("T-9"))
    assert (caught.value.status, caught.value.code) == (503, "busy")
    gate.open()
    wait(taken)
    writer.stop()
    assert _count(database) == 2


def test_stopping_finishes_what_waits(database: Database, writer: Writer) -> None:
    gate = _Gate(writer)
    futures = [writer.submit(_storing(f"T-{number}")) for number in range(300)]
    gate.go.set()
    writer.stop()
    assert all(future.done() for future in futures)
    assert _count(database) == 300
    with pytest.raises(StoreBusy):
        writer.submit(_storing("T-late"))
    writer.start()
    assert writer.submit(_storing("T-again")).result()


def test_two_processes_write_the_same_tickets_once(database_url: str, database: Database) -> None:
    others = [Database(database_url) for _ in range(2)]
    writers = [Writer(other) for other in others]
    for one in writers:
        one.start()
    # In opposite orders, so that in PostgreSQL their groups get into each other's way.
    orders = [range(150), range(149, -1, -1)]
    futures = [
        one.submit(_storing(f"T-{number}"))
        for pair in zip(*orders, strict=True)
        for one, number in zip(writers, pair, strict=True)
    ]
    wait(futures)
    assert len({future.result() for future in futures}) == 150
    for one in writers:
        one.stop()
    for other in others:
        other.close()
    assert _count(database) == 150


class _Fails:
    """A database whose writing fails some times, as a lock or a lost connection makes it fail."""

    def __init__(self, database: Database, errors: list[Exception]) -> None:
        self._database = database
        self._errors = errors

    def writing(self) -> AbstractContextManager[Connection]:
        if self._errors:
            raise self._errors.pop()
        return self._database.writing()


def _locked() -> Exception:
    orig = sqlite3.OperationalError("database is locked")
    orig.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("BEGIN", {}, orig)


@pytest.mark.parametrize("times", [1, 3])
def test_a_lock_is_waited_for(
    database: Database, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.writer._PAUSE_S", 0.0)
    writer = Writer(_Fails(database, [_locked() for _ in range(times)]))  # type: ignore[arg-type]
    writer.start()
    assert writer.submit(_storing("T-1")).result()
    writer.stop()


def test_a_database_that_stays_away_is_told_and_comes_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.store.writer._PAUSE_S", 0.0)
    errors = [_locked() for _ in range(6)]
    writer = Writer(_Fails(database, errors))  # type: ignore[arg-type]
    writer.start()
    with pytest.raises(StoreUnavailable):
        writer.submit(_storing("T-1")).result()
    assert writer.submit(_storing("T-1")).result()
    writer.stop()


def test_a_connection_lost_while_committing_is_not_tried_again(
    database: Database, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    commit = RootTransaction.commit

    def work(session: Session) -> None:
        runs.append(stored(session))

    def commit_and_lose(transaction: RootTransaction) -> None:
        commit(transaction)
        raise OperationalError("COMMIT", {}, Exception("gone"), connection_invalidated=True)

    with monkeypatch.context() as patch:
        patch.setattr(RootTransaction, "commit", commit_and_lose)
        with pytest.raises(StoreUnavailable):
            writer.submit(work).result()
    assert len(runs) == 1
    assert writer.submit(_storing("T-2")).result()
    assert _count(database) == 2


def test_a_lost_connection_is_made_again(database: Database, writer: Writer) -> None:
    if database.is_sqlite:
        pytest.skip("there is no server to lose")
    pid = writer.submit(lambda session: session.scalar(text("SELECT pg_backend_pid()"))).result()
    end = text("SELECT pg_terminate_backend(:pid, 5000)")
    assert database.ask(lambda session: session.scalar(end, {"pid": pid}))
    assert writer.submit(_storing("T-2")).result()
