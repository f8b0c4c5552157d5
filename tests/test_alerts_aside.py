"""Alerts of a large ledger: looked for in a process of its own, and the same as here."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from datetime import datetime, timedelta
from functools import partial

import pytest
from store_fixtures import database, database_url, stored
from watch_fakes import china

from service.alerts.aside import AlertsFailed, Aside, acts
from service.alerts.finding import Finder, Rules
from service.alerts.looking import Looker, Sought
from service.apart import Apart
from service.store.database import Database, Session
from triage.config import data_dir
from triage.errors import InvalidInput
from triage.surge import prepare as preparing
from triage.surge import search as searching

__all__ = ["database", "database_url"]
FIRST, QUIET = china(2026, 8, 20, 10), 45
FLARED = FIRST + timedelta(days=QUIET)
BURST, TICKETS = 9, 5 * QUIET + 9


def put(session: Session, name: str, at: datetime, number: int, **fields: str) -> None:
    """Store some tickets of a day, each in its own words."""
    rng = random.Random(name)
    for each in range(number):
        words = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(20))
        given = {"line": "other", "channel": "phone", "customer_ref": f"c-{name}-{each}", **fields}
        stored(session, f"{name}-{each}", masked_text=words, received_at=at, **given)


@pytest.fixture
def ledger(database: Database) -> Database:
    """Five tickets a day, then a day of many about a fee."""

    def fill(session: Session) -> None:
        for number in range(QUIET):
            put(session, f"Q{number}", FIRST + timedelta(days=number), 4 + number % 3)
        put(session, "B", FLARED, BURST, line="fee_dispute", product="信用卡甲")

    database.change(fill)
    return database


def test_many_tickets_are_looked_at_elsewhere_and_the_same_is_found(ledger: Database) -> None:
    finder, here = Finder(ledger, data_dir(), few=TICKETS), Finder(ledger, data_dir())
    first = finder.find(None, None)
    assert isinstance(finder._searcher._looker, Looker)
    ledger.change(lambda session: put(session, "M", FLARED, 3, line="fee_dispute"))
    try:
        second = finder.find(None, None)
        assert isinstance(finder._searcher._looker, Aside)
        assert second == here.find(None, None) != first
        assert finder.events(FLARED.date()) == here.events(FLARED.date()) != []
        sent = finder._searcher._looker.look(FLARED.date(), FLARED.date())
        assert sent is not None
        assert sent.by_id.keys() == set(second.body["surges"][0]["tickets"])
        process = finder._searcher._looker._process
        with pytest.raises(InvalidInput):  # which ends nothing
            finder.find(FLARED.date(), FIRST.date())
        assert process.is_alive()
        os.kill(process.pid, signal.SIGKILL)
        assert finder.find(None, None) is second  # of what is known nobody is asked
        with pytest.raises(AlertsFailed, match="fell over"):
            finder.find(FIRST.date(), None)
        assert finder._searcher._looker is None
    finally:
        finder.close()


def test_what_changed_nothing_is_not_sent_again(
    ledger: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "ENOUGH", 50)
    monkeypatch.setattr(searching, "ENOUGH", 50)
    monkeypatch.setattr("service.alerts.aside.hold", lambda: None)
    rules = Rules.load(data_dir())
    url, day = ledger.url.render_as_string(hide_password=False), FLARED.date()
    look = acts(url, Sought(rules.settings, rules.taxonomy, 90))["look"]
    assert look(day, day).tickets == BURST
    ledger.change(lambda session: put(session, "L", FLARED - timedelta(days=900), 1))
    assert look(day, day) is None
    assert look(day - timedelta(days=1), day).tickets > BURST


def test_what_nobody_asks_for_some_time_ends() -> None:
    make = partial(dict, pid=os.getpid, number=int)
    work = Apart(make, who="it", failed=AlertsFailed, cure="", seconds=60, idle_s=0.1)
    first = work.ask("pid")
    work._process.join(20)
    assert work.ask("pid") != first
    with pytest.raises(AlertsFailed, match=r"it failed \(ValueError\)"):
        work.ask("number", "what somebody wrote")
    work.close()
    assert work._process is None


def test_whoever_waits_is_told_when_it_is_ended() -> None:
    work = Apart(
        partial(dict, sleep=time.sleep), who="it", failed=AlertsFailed, cure="", seconds=60
    )
    told: list[AlertsFailed] = []

    def wait() -> None:
        try:
            work.ask("sleep", 50)
        except AlertsFailed as exc:
            told.append(exc)

    waiting = threading.Thread(target=wait)
    waiting.start()
    while work._pipe is None:
        time.sleep(0.01)
    work.close()
    waiting.join(20)
    assert [each.message for each in told] == ["it fell over"]
