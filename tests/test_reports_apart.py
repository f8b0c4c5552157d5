"""Reports of a large ledger: made in a process of its own, and the same as here."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from ledger_fakes import MONDAY, Book, book, database_url
from service_fakes import error
from store_fixtures import database, stored, writer
from waiting import until

from service.access.keys import Role
from service.apart import Apart, while_waited
from service.governance.aside import ReportFailed, Reports
from service.governance.cases import Period
from service.governance.report import make_report
from service.governance.reporter import LASTS, Wanted
from service.large import LedgerApart
from service.store.database import Database
from service.store.errors import StoreUnavailable, UnknownFigure
from triage.config import data_dir
from triage.errors import InvalidInput

__all__ = ["book", "database", "database_url", "writer"]
DAY = MONDAY.date()
WANTED = Wanted(Period(DAY, DAY, MONDAY))
TICKETS = 3
ASKED = f"from={DAY}&to={DAY}"


@pytest.fixture
def ledger(database: Database) -> Database:
    """Some tickets of a day."""

    def fill(session: Any) -> None:
        for number in range(TICKETS):
            stored(session, f"T-{number}", received_at=MONDAY, line="other")

    database.change(fill)
    return database


@pytest.fixture
def apart(ledger: Database) -> Iterator[Reports]:
    """Who makes reports of a ledger that he takes for a large one."""
    found = Reports(ledger, data_dir(), few=TICKETS - 1)
    yield found
    found.close()


def process_of(reports: Reports) -> Any:
    return reports._aside._process


def test_what_is_made_elsewhere_is_what_is_made_here(ledger: Database, apart: Reports) -> None:
    here = Reports(ledger, data_dir(), few=TICKETS)
    whole = make_report(ledger, WANTED.period)
    for form in ("json", "html", "csv"):
        made = here.written(WANTED, form)
        assert made == apart.written(WANTED, form) == apart.kept(WANTED, form)
    assert orjson.loads(here.written(WANTED, "json"))["figures"].keys() == whole.figures.keys()
    shown = apart.shown(WANTED)
    assert shown == here.shown(WANTED)
    for code, figure in whole.figures.items():
        told = shown.figures[code]
        assert (told.shown, told.ids) == (figure.shown, figure.ids[:1])
    assert process_of(apart).pid not in (None, os.getpid())
    assert process_of(here) is None


def test_the_tickets_behind_a_figure_come_in_pieces(apart: Reports) -> None:
    first, rest = (apart.behind(WANTED, "volume.all", after, 2) for after in (0, 2))
    assert (first.number, first.figure.value) == (TICKETS, TICKETS)
    assert first.figure.ids + rest.figure.ids == ("T-0", "T-1", "T-2")


def test_what_is_looked_at_is_kept_for_minutes_and_files_tell_of_now(apart: Reports) -> None:
    def counted(at: datetime) -> list[float | None]:
        wanted = Wanted(Period(DAY, DAY, at))
        whole = orjson.loads(apart.written(wanted, "json"))["figures"]["volume.all"]["value"]
        return [whole, apart.shown(wanted).figures["volume.all"].value]

    assert counted(MONDAY) == [TICKETS, TICKETS]
    apart._database.change(lambda session: stored(session, "T-9", received_at=MONDAY))
    assert counted(MONDAY + LASTS / 2) == [TICKETS + 1, TICKETS]
    assert counted(MONDAY + LASTS) == [TICKETS + 1, TICKETS + 1]


def test_errors_are_those_that_are_raised_here(ledger: Database, apart: Reports) -> None:
    here = Reports(ledger, data_dir())
    nobody = Wanted(WANTED.period, accountable="无此人")
    refused = {
        InvalidInput: lambda reports: reports.written(nobody, "json"),
        UnknownFigure: lambda reports: reports.written(WANTED, "csv", "x"),
    }
    for kind, ask in refused.items():
        told = []
        for reports in (here, apart):
            with pytest.raises(kind) as caught:
                ask(reports)
            told.append((type(caught.value), caught.value.message, caught.value.cure))
        assert told[0] == told[1]
    with pytest.raises(UnknownFigure):
        apart.behind(WANTED, "x", 0, 1)
    assert process_of(apart).is_alive()


def test_a_process_that_falls_over_is_told_and_replaced(apart: Reports) -> None:
    apart.shown(WANTED)
    os.kill(process_of(apart).pid, signal.SIGKILL)
    with pytest.raises(ReportFailed, match="fell over"):
        apart.shown(WANTED)
    assert apart.shown(WANTED).figures["volume.all"].value == TICKETS


def sleeping(url: str, *given: Any) -> dict[str, Any]:
    """What takes longer than anybody waits, and what fails."""
    return {"sleep": threading.Event().wait, "pid": os.getpid, "raise": partial(_raise, given[0])}


def _raise(what: type[Exception]) -> None:
    raise what("words")


def apart_of(database: Database, fails: type[Exception] = KeyError, seconds: float = 60) -> Apart:
    """A process that sleeps when it is asked to."""
    return LedgerApart(database, sleeping, fails, who="it", failed=ReportFailed, seconds=seconds)


def test_what_takes_too_long_is_ended_and_told(ledger: Database) -> None:
    work = apart_of(ledger, seconds=0.5)
    told = []
    for _ in range(2):
        with pytest.raises(ReportFailed) as caught:
            work.ask("sleep")
        told.append(caught.value.message)
    assert told == ["it did not answer within 0.5 seconds"] * 2
    assert work._process is None
    assert (ReportFailed.code, ReportFailed.status) == ("report_failed", 503)


def test_who_waits_behind_another_waits_no_longer_than_he_would_alone(ledger: Database) -> None:
    work = apart_of(ledger, seconds=60)
    asking = threading.Thread(target=_asked, args=(work, "sleep"))
    asking.start()
    until(lambda: work._pipe)
    work._seconds = 0.2
    with pytest.raises(ReportFailed, match=r"within 0\.2 seconds"):
        work.ask("pid")
    work.close()
    asking.join()


def _asked(work: Apart, act: str) -> None:
    with pytest.raises(ReportFailed):
        work.ask(act)


def test_nothing_is_made_for_those_who_are_gone(ledger: Database) -> None:
    work = apart_of(ledger)
    asked: list[threading.Event] = []

    async def cancelled(act: str) -> None:
        async def call() -> None:
            await while_waited(lambda left: (asked.append(left), work.ask(act, left=left)))

        waiting, known = asyncio.create_task(call()), len(asked)
        while len(asked) == known or work._pipe is None:
            await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(cancelled("sleep"))
    assert asked[0].is_set()
    until(lambda: work._process is None)  # ended in the midst of it
    with pytest.raises(ReportFailed, match="nobody waits"):
        work.ask("pid", left=asked[0])
    assert work._process is None  # and not begun
    assert work.ask("pid") != os.getpid()
    work.close()


def test_a_fault_tells_its_kind_and_no_words_of_it(ledger: Database) -> None:
    work = apart_of(ledger)
    with pytest.raises(ReportFailed, match=r"^it failed \(KeyError\)"):
        work.ask("raise")
    work.close()
    work = apart_of(ledger, StoreUnavailable)
    with pytest.raises(StoreUnavailable, match="words"):
        work.ask("raise")
    work.close()


def test_a_service_tells_of_a_large_ledger_as_of_a_small_one(book: Book, tmp_path: Path) -> None:
    book.take("T-1", received_at=MONDAY.isoformat())
    paths = [
        f"/v1/reports/governance?{ASKED}",
        f"/v1/reports/governance?{ASKED}&format=html",
        f"/v1/reports/governance/tickets?{ASKED}&figure=volume.all",
    ]
    small = [book.client.get(path, Role.SCIENTIST).content for path in paths]
    reports = book.parts.reports
    assert process_of(reports) is None
    reports._few = 0
    assert [book.client.get(path, Role.SCIENTIST).content for path in paths] == small
    process = process_of(reports)
    assert process.is_alive()
    error(book.client.get(f"{paths[0]}&accountable=x", Role.ADMIN), 422, "invalid_input")
    error(book.client.get(f"{paths[2]}x", Role.ADMIN), 404, "unknown_figure")
    os.kill(process.pid, signal.SIGKILL)
    error(book.client.get(paths[0], Role.ADMIN), 503, "report_failed")


def test_a_key_of_a_kept_report_is_all_that_it_was_asked_for() -> None:
    other = Period(DAY, DAY + timedelta(days=1), MONDAY)
    asked = [
        WANTED,
        Wanted(other),
        Wanted(WANTED.period, province=1),
        Wanted(WANTED.period, accountable="a"),
    ]
    assert len({each.key for each in asked}) == len(asked)
    later = Period(DAY, date.fromisoformat(DAY.isoformat()), MONDAY + LASTS)
    assert Wanted(later).key == WANTED.key
