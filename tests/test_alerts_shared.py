"""Alerts of a large ledger that several processes serve: one searches, all tell the same."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from ledger_fakes import MONDAY, Book, book
from sqlalchemy import select
from store_fixtures import database, database_url, stored
from test_alerts_aside import BURST, FLARED, ledger, put
from waiting import until

from service.access.keys import Role
from service.alerts import sharing
from service.alerts.aside import AlertsFailed, Aside
from service.alerts.finding import Finder, Findings
from service.alerts.told import Told, told_json, told_of
from service.store import deletion, leases, searches
from service.store.database import Database
from service.store.records_service import Actor
from service.store.searches import Answer, Sought
from service.store.tables_governance import Search
from service.store.tables_service import Lease
from service.store.writer import Writer
from triage.config import data_dir

__all__ = ["book", "database", "database_url", "ledger"]
DAY = FLARED.date()
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SOUGHT = Sought("r", "2026-10-01", "2026-10-31")


class Worker:
    """A process that serves: its own connections, writer and finder."""

    def __init__(self, url: str, few: int = 1) -> None:
        self.database = Database(url)
        self.writer = Writer(self.database)
        self.writer.start()
        self.finder = Finder(self.database, data_dir(), few=few, writer=self.writer)
        assert self.finder._shared is not None
        self.shared = self.finder._shared

    @property
    def process(self) -> Any:
        looker = self.finder._searcher._looker
        return looker._process if isinstance(looker, Aside) else None

    def find(self, since: date | None = None) -> Findings:
        return self.finder.find(since, None)

    def stop(self) -> None:
        self.finder.close()
        self.writer.stop()
        self.database.close()


@pytest.fixture
def workers(ledger: Database) -> Iterator[list[Worker]]:
    url = ledger.url.render_as_string(hide_password=False)
    found = [Worker(url) for _ in range(2)]
    yield found
    for worker in found:
        worker.stop()


def here(ledger: Database) -> Findings:
    """What a search of one's own tells now."""
    return Finder(ledger, data_dir()).find(None, None)


def split(workers: list[Worker]) -> tuple[Worker, Worker]:
    """Give who searches, and who does not."""
    (one,) = (each for each in workers if each.process is not None)
    (other,) = (each for each in workers if each is not one)
    return one, other


def test_one_searches_and_all_tell_what_a_search_of_ones_own_tells(
    ledger: Database, workers: list[Worker]
) -> None:
    with ThreadPoolExecutor(2) as pool:
        first = list(pool.map(Worker.find, workers))
    assert first == [here(ledger)] * 2
    one, other = split(workers)
    process = one.process
    # Each new ticket is told of at once, whoever is asked for it first.
    for number, asked in enumerate((other, one, other)):
        ledger.change(lambda s, n=number: put(s, f"M{n}", FLARED, 1, line="fee_dispute"))
        told = [asked.find(), *(each.find() for each in workers)]
        assert told == [here(ledger)] * 3
        assert told[0].body["tickets"] == first[0].body["tickets"] + number + 1
    assert split(workers) == (one, other)
    assert one.process is process
    events = other.finder.events(DAY)
    assert events == Finder(ledger, data_dir()).events(DAY) != []


def test_another_period_is_searched_for_who_asks(ledger: Database, workers: list[Worker]) -> None:
    workers[0].find()
    since = DAY - timedelta(days=3)
    assert workers[1].find(since) == Finder(ledger, data_dir()).find(since, None)
    assert split(workers) == (workers[0], workers[1])


def test_what_was_found_is_read_without_asking_anybody(
    ledger: Database, workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = workers
    told = one.find()
    monkeypatch.setattr(other.shared, "_want", None)
    assert other.find() == told


def test_a_search_that_falls_over_is_told_to_whoever_waits(
    workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = workers
    one.find()
    os.kill(one.process.pid, signal.SIGKILL)
    with pytest.raises(AlertsFailed, match="fell over"):
        other.find(DAY)
    assert other.find(DAY).body["since"] == str(DAY)
    assert other.process is None
    monkeypatch.setattr(one.finder._searcher, "search", partial(int, "what somebody wrote"))
    with pytest.raises(AlertsFailed) as caught:
        other.find(DAY - timedelta(days=1))
    assert caught.value.message == "the search for alerts failed (TypeError)"


def test_when_the_one_ends_another_searches_at_once(
    ledger: Database, workers: list[Worker]
) -> None:
    one, other = workers
    one.find()
    process = one.process
    one.finder.close()
    assert not process.is_alive()
    assert ledger.ask(lambda s: s.query(Lease).count()) == 0
    other.find(DAY)
    assert other.process is not None
    with pytest.raises(AlertsFailed, match="is ended"):
        one.find(DAY - timedelta(days=1))


def test_one_that_fell_silent_is_replaced_and_ends_its_process(
    ledger: Database, workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = workers
    one.find()
    assert one.shared._serving is not None
    lease = one.shared._lease

    def take(session: Any) -> bool:
        leases.release(session, lease, one.shared._holder)
        now = datetime.now(UTC)
        return leases.acquire(session, lease, "x", now=now, seconds=600)

    # Its lease ran out, and somebody else has taken it.
    assert ledger.change(take)
    monkeypatch.setattr(sharing, "_RENEW_S", 0)
    until(lambda: not one.shared._serving.is_alive())
    assert one.process is None
    ledger.change(lambda s: leases.release(s, lease, "x"))
    assert other.find(DAY) == Finder(ledger, data_dir()).find(DAY, None)


def test_a_question_that_was_left_when_the_one_died_is_answered(
    ledger: Database, workers: list[Worker]
) -> None:
    one, other = workers
    sought = Sought(other.finder.rules.digest, str(DAY), str(DAY))
    number = ledger.change(lambda s: searches.want(s, sought, datetime.now(UTC)))
    other.find()

    def answer() -> Answer | None:
        return ledger.ask(lambda s: searches.answer_of(s, sought, number))

    until(answer)
    told = answer()
    assert told is not None
    assert told_of(told.found).whole == Finder(ledger, data_dir()).find(DAY, DAY)
    assert one.process is None


def say(session: Any) -> None:
    """Let nine people say the same of the fee, each in words of his own besides."""
    rng = random.Random(4)
    for each in range(BURST):
        own = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(8))
        given = {"line": "fee_dispute", "product": "信用卡甲", "customer_ref": f"c-S{each}"}
        words = f"信用卡年费收错了{own}"
        stored(session, f"S{each}", masked_text=words, received_at=FLARED, **given)


def test_who_is_erased_is_quoted_nowhere_and_the_search_goes_on(
    ledger: Database, workers: list[Worker]
) -> None:
    one, other = workers
    ledger.change(say)
    told = one.find()
    typical = told.body["typical"][0]
    words = ledger.ask(lambda s: _words(s, typical))
    assert is_quoted(ledger, words)
    who = f"c-{typical}"
    ledger.change(lambda s: deletion.erase_customer(s, who, Actor("k", "admin"), now=NOW))
    assert not is_quoted(ledger, words)
    again = other.find()
    assert again == here(ledger)
    assert typical in again.erased
    assert not is_quoted(ledger, words)


def is_quoted(ledger: Database, words: str) -> bool:
    """Tell whether what searches found holds some words."""
    kept = ledger.ask(lambda session: session.execute(select(Search.found)).scalars().all())
    assert kept
    return any(words in str(each) for each in kept)


def _words(session: Any, ident: str) -> str:
    from service.store import complaints

    found = complaints.find(session, ident)
    assert found is not None
    return found.masked_text


def test_what_quotes_somebody_who_was_erased_meanwhile_is_not_kept(
    ledger: Database, workers: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = workers
    ledger.change(say)
    search, told = one.finder._searcher.search, []

    def slowly(*given: Any, **named: Any) -> Told:
        found = search(*given, **named)
        if not told:
            typical = found.whole.body["typical"][0]
            told.append(ledger.ask(lambda s: _words(s, typical)))
            by = Actor("k", "admin")
            ledger.change(lambda s: deletion.erase_customer(s, f"c-{typical}", by, now=NOW))
        return found

    monkeypatch.setattr(one.finder._searcher, "search", slowly)
    found = one.find()
    assert found == here(ledger)
    assert found.erased
    assert not is_quoted(ledger, told[0])


def test_a_small_ledger_is_searched_by_everybody_as_before(ledger: Database) -> None:
    worker = Worker(ledger.url.render_as_string(hide_password=False), few=10**6)
    assert worker.find() == here(ledger)
    assert ledger.ask(lambda s: searches.waiting(s, worker.finder.rules.digest)) is None
    assert worker.shared._serving is None
    worker.stop()


def test_what_is_told_is_the_same_after_it_was_data(ledger: Database) -> None:
    finder = Finder(ledger, data_dir())
    whole, events = finder.find(None, None), tuple(finder.events(DAY))
    told = Told(whole, events)
    assert told_of(told_json(told)) == told
    assert len(whole.body["surges"][0]["tickets"]) == BURST


def test_other_rules_are_another_search(ledger: Database) -> None:
    other = Sought("q", SOUGHT.since, SOUGHT.until)

    def work(session: Any) -> list[Any]:
        numbers = [searches.want(session, each, NOW) for each in (SOUGHT, other, SOUGHT)]
        return [numbers, searches.waiting(session, "q"), searches.waiting(session, "r")]

    assert ledger.change(work) == [[1, 1, 2], (other, 1), (SOUGHT, 2)]


def test_an_answer_is_one_to_all_questions_before_it(ledger: Database) -> None:
    answer = Answer("m", {"a": 1})

    def ask(number: int) -> Answer | None:
        return ledger.ask(lambda s: searches.answer_of(s, SOUGHT, number))

    for _ in range(2):
        ledger.change(lambda s: searches.want(s, SOUGHT, NOW))
    assert ask(1) is None
    assert ledger.change(lambda s: searches.keep(s, SOUGHT, 2, answer, NOW))
    assert (ask(1), ask(2), ask(3)) == (answer, answer, None)
    assert not ledger.change(lambda s: searches.keep(s, SOUGHT, 1, Answer(None, None), NOW))
    assert ask(2) == answer
    ledger.change(searches.forget)
    assert ask(2) == Answer(None, None)
    later = NOW + timedelta(days=2)
    ledger.change(lambda s: searches.keep(s, Sought("q", "", ""), 1, answer, later))
    assert ask(0) is None


def test_a_service_asks_in_the_same_way(book: Book) -> None:
    book.take(received_at=MONDAY.isoformat())
    before = book.get("/v1/alerts")
    finder = book.parts.finder
    finder._searcher._few = 0
    book.take("T-2", received_at=MONDAY.isoformat())
    told = book.get("/v1/alerts")
    assert told["tickets"] == before["tickets"] + 1
    assert isinstance(finder._searcher._looker, Aside)
    assert finder._shared._serving.is_alive()
    draft = book.post("/v1/alerts/drafts", {}, Role.REVIEWER)
    assert draft.status_code == 201
    finder.close()
    assert not finder._shared._serving.is_alive()
