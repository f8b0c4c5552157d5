"""The daily look for surges: one alert an event, renewed, closed; one worker of many."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from store_fixtures import database, database_url, stored, writer
from surge_fakes import START, day, event, quiet
from watch_fakes import china, outbox, subscribe

from service.alerts.acts import approve, dismiss, event_of
from service.alerts.finding import Finder, Findings, Rules
from service.alerts.proposing import pair
from service.alerts.round import AlertRound, next_at
from service.ledger.pace import load_pace
from service.store import alerts, audit, deletion
from service.store.database import Database, Session
from service.store.errors import WrongState
from service.store.records_governance import AlertRecord, AlertState
from service.store.records_service import Actor
from service.store.writer import Writer
from triage.config import data_dir
from triage.surge.alerts import find_alerts

__all__ = ["database", "database_url", "writer"]
SIX = time(6)
FIRST = china(2026, 9, 24, 10)
QUIET, BURST = 60, 8
FEES = {"line": "fee_dispute", "product": "信用卡甲"}
FLARED = FIRST + timedelta(days=QUIET)
PERSON = Actor("k", "reviewer")


class Told:
    """A finder that tells what it is given."""

    @property
    def rules(self) -> Rules:
        return Rules.load()

    def __init__(self, *found: Findings) -> None:
        self.found = found

    def events(self, until: date) -> list[Findings]:
        return list(self.found)


class Worker:
    """A process that looks."""

    def __init__(
        self, database: Database, writer: Writer, finder: Any, at: time | None = SIX
    ) -> None:
        self.registry = CollectorRegistry()
        self.finder = finder
        self.round = AlertRound(database, writer, finder, at=at, registry=self.registry)

    def tick(self, now: datetime) -> bool:
        return asyncio.run(self.round.tick(now))

    def open(self) -> float | None:
        return self.registry.get_sample_value("jiesu_proposed_alerts")


@cache
def told(days: int, *more: str) -> tuple[Findings, ...]:
    """What is told so many days after a surge of fees began; with `more` surges of these lines."""
    tickets = quiet(QUIET + days, per_day=10) + event(QUIET, 1, BURST, **FEES)  # type: ignore[no-untyped-call]
    for line in more:
        tickets += event(QUIET, 1, BURST, name=line, line=line, product="甲", unit="支行01")  # type: ignore[no-untyped-call]
    rules, last = Rules.load(), day(QUIET + days - 1)  # type: ignore[no-untyped-call]
    found = find_alerts(tickets, rules.settings, rules.taxonomy, since=START, until=last)
    fields = [each for each in found.stories if each.key]
    return tuple(rules.event(found, story) for story in fields)


def flared(days: int, again: Sequence[str] = ()) -> tuple[Findings, ...]:
    """The same surge, told again on the last day, or on days that are given."""
    (found,) = told(days)
    (surge,) = found.body["surges"]
    own = {**surge, "closed": None, "again": list(again) or [found.body["until"]]}
    return (replace(found, body={**found.body, "surges": [own]}),)


def approve_all(session: Session, ident: int, who: Actor, now: datetime) -> None:
    approve(session, ident, None, who, now)


def put(session: Session, name: str, at: datetime, number: int, **fields: Any) -> None:
    """Store some tickets of a day, each in its own words after those that are given."""
    rng, said = random.Random(name), fields.pop("said", "")
    for each in range(number):
        words = "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(20))
        given = {"line": "other", "channel": "phone", "customer_ref": f"c-{name}-{each}", **fields}
        stored(session, f"{name}-{each}", masked_text=f"{said}{words}", received_at=at, **given)


def kept(database: Database) -> list[AlertRecord]:
    return database.ask(alerts.page)


def one(database: Database) -> AlertRecord:
    (alert,) = kept(database)
    return alert


def morning(days: int) -> datetime:
    """Half past six, so many days after the surge."""
    return (FLARED + timedelta(days=days)).replace(hour=6, minute=30)


@pytest.fixture
def some(database: Database) -> Database:
    """A ledger that is not empty."""
    database.change(lambda session: put(session, "A", FLARED, 1))
    return database


def test_an_event_of_a_ledger_is_proposed_renewed_and_closed(
    database: Database, writer: Writer
) -> None:
    def fill(session: Session) -> None:
        for number in range(QUIET):
            put(session, f"Q{number}", FIRST + timedelta(days=number), 7 + number % 3)
        put(session, "B", FLARED, BURST, said="年费收错了", **FEES)

    subscribe(database)
    database.change(fill)
    worker = Worker(database, writer, Finder(database, data_dir()))
    assert worker.tick(morning(1))
    alert = one(database)
    event = event_of(alert)
    assert event is not None
    assert (alert.state, event["since"], event["count"]) == ("proposed", "2026-11-23", BURST)
    assert event["growth"] > 3
    assert worker.open() == 1
    assert not worker.tick(morning(1) + timedelta(hours=2))
    database.change(lambda s: put(s, "C", FLARED + timedelta(days=1), 5, **FEES))
    assert worker.tick(morning(2))
    renewed = one(database)
    event = event_of(renewed)
    assert event is not None
    assert (renewed.id, renewed.state) == (alert.id, "proposed")
    assert (event["since"], event["count"]) == ("2026-11-23", BURST + 5)
    assert worker.tick(morning(9))  # nothing came in for a week: that is known too
    assert one(database).state is AlertState.OVER
    assert one(database).found["surges"][0]["closed"] is not None
    assert worker.open() == 0
    (message,) = outbox(database)
    assert (message.kind, message.ticket_id) == ("alert_proposed", None)
    data = message.payload["data"]
    assert (data["alert"], data["since"], data["count"]) == (alert.id, "2026-11-23", BURST)
    # Which product it is of, and which words, is what somebody wrote.
    assert "年费" in str(alert.found)
    assert all(each not in str(message.payload) for each in ("年费", "信用卡甲", "B-0"))


def test_of_two_workers_one_looks_and_nothing_doubles(some: Database, writer: Writer) -> None:
    first, other, third = (Worker(some, writer, Told(*told(1))) for _ in range(3))

    async def both(now: datetime) -> list[bool]:
        return list(await asyncio.gather(first.round.tick(now), other.round.tick(now)))

    assert sorted(asyncio.run(both(morning(1)))) == [False, True]
    assert not third.tick(morning(1) + timedelta(hours=3))  # one that starts anew
    assert sorted(asyncio.run(both(morning(2)))) == [False, True]
    assert one(some).state is AlertState.PROPOSED


def test_who_looked_yesterday_looks_today(some: Database, writer: Writer) -> None:
    first, other = (Worker(some, writer, Told()) for _ in range(2))
    assert first.tick(morning(1))
    early = morning(2) - timedelta(hours=1)
    assert not other.tick(early)
    for minutes in (31, 34):
        assert not other.tick(early + timedelta(minutes=minutes))
    assert first.tick(early + timedelta(minutes=34))
    assert not other.tick(early + timedelta(minutes=36))
    gone = morning(3) - timedelta(hours=1)
    assert not other.tick(gone)
    assert other.tick(gone + timedelta(minutes=36))


def test_who_looked_for_too_long_keeps_nothing(
    some: Database, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, other = (Worker(some, writer, Told(*told(1))) for _ in range(2))

    def long(until: date) -> Any:
        assert other.tick(morning(1) + timedelta(minutes=61))
        return list(told(2))

    monkeypatch.setattr(slow.finder, "events", long)
    assert not slow.tick(morning(1))
    assert one(some).found == told(1)[0].body


def test_what_a_person_decided_stays(some: Database, writer: Writer) -> None:
    finder = Told(*told(1))
    worker = Worker(some, writer, finder)
    assert worker.tick(morning(1))
    alert = one(some)
    some.change(lambda s: dismiss(s, alert.id, PERSON, morning(1)))
    finder.found = told(2, "loan_service")
    assert len(finder.found) == 2
    assert worker.tick(morning(2))
    second, first = kept(some)
    assert (first.state, first.found) == ("dismissed", alert.found)
    some.change(lambda s: approve(s, second.id, None, PERSON, morning(2)))
    finder.found = told(8, "loan_service")
    assert worker.tick(morning(3))
    assert [each.state for each in kept(some)] == ["approved", "dismissed"]
    with pytest.raises(WrongState):
        some.change(lambda s: dismiss(s, second.id, PERSON, morning(3)))
    noted = some.ask(lambda s: audit.entries(s, limit=50))
    assert [each.what for each in noted if each.what.startswith("alert")][::-1] == [
        *("alert.proposed", "alert.dismissed", "alert.proposed", "alert.approved")
    ]


@pytest.mark.parametrize("decided", [None, approve_all, dismiss])
def test_an_event_that_grows_anew_is_told_again_whatever_was_decided(
    some: Database, writer: Writer, decided: Any
) -> None:
    subscribe(some)
    finder = Told(*told(1))
    worker = Worker(some, writer, finder)
    assert worker.tick(morning(1))
    first = one(some)
    if decided is not None:
        some.change(lambda s: decided(s, first.id, PERSON, morning(1)))
    kept_then = one(some)
    finder.found = flared(2)
    assert worker.tick(morning(2))
    newest, *older = kept(some)
    assert newest.state is AlertState.PROPOSED
    assert newest.found == finder.found[0].body
    assert older == ([kept_then] if decided else [])
    again = newest.found["surges"][0]["again"]
    assert [each.payload["data"].get("again") for each in outbox(some)] == [None, again[0]]
    # The day after the same is told: nothing is new.
    finder.found = flared(3, again=again)
    assert worker.tick(morning(3))
    assert len(kept(some)) == 1 + len(older)
    assert len(outbox(some)) == 2


def test_an_event_ends_when_it_is_told_no_more_and_may_go_on(
    some: Database, writer: Writer
) -> None:
    finder = Told(*told(1))
    worker = Worker(some, writer, finder)
    states = []
    for number, found in enumerate((told(1), (), told(1), told(8)), 1):
        finder.found = found
        assert worker.tick(morning(number))
        states.append(one(some).state.value)
    assert states == ["proposed", "over", "proposed", "over"]


def test_what_was_over_before_anybody_saw_it_is_not_proposed(
    some: Database, writer: Writer
) -> None:
    assert told(8)[0].body["surges"][0]["closed"]
    assert Worker(some, writer, Told(*told(8))).tick(morning(8))
    assert kept(some) == []


def test_words_that_were_erased_meanwhile_are_not_kept(some: Database, writer: Writer) -> None:
    (found,) = told(1)
    ident = found.body["surges"][0]["tickets"][0]
    some.change(lambda s: stored(s, ident, customer_ref="gone"))
    some.change(lambda s: deletion.erase_customer(s, "gone", PERSON, now=morning(1)))
    assert not Worker(some, writer, Told(found)).tick(morning(1))
    assert kept(some) == []
    later = replace(found, erased=frozenset({ident}))
    assert Worker(some, writer, Told(later)).tick(morning(1) + timedelta(hours=1))
    assert one(some).found == found.body


def test_nobody_looks_without_tickets_or_when_nobody_is_to(
    database: Database, writer: Writer
) -> None:
    empty, never = Worker(database, writer, Told()), Worker(database, writer, Told(), at=None)
    assert not empty.tick(morning(1))
    database.change(lambda session: put(session, "A", FLARED, 1))
    assert not never.tick(morning(1))
    assert empty.tick(morning(1))
    looked = empty.registry.get_sample_value("jiesu_alerts_last_look_timestamp_seconds")
    assert looked == morning(1).timestamp()


def test_the_next_look_is_at_its_time_of_day() -> None:
    assert load_pace().alerts_at == SIX
    assert next_at(china(2026, 11, 23, 5, 59), SIX) == china(2026, 11, 23, 6)
    assert next_at(china(2026, 11, 23, 6), SIX) == china(2026, 11, 24, 6)
    assert next_at(china(2026, 11, 23, 23), SIX) == china(2026, 11, 24, 6)


def surge(ident: str, since: str, last: str, tickets: str, **fields: str) -> dict[str, Any]:
    told = {"id": ident, "since": since, "last": last, "tickets": tickets.split()}
    return {**told, "series": {"fields": fields}}


def test_an_event_is_known_by_its_series_or_by_its_tickets() -> None:
    line, wide = {"line": "x", "product": "p"}, {"line": "x"}
    held = [
        surge("A1-1", "2026-01-01", "2026-01-05", "a b c", **line),
        surge("A9-1", "2026-01-09", "2026-01-12", "d e f", **line),
        surge("A9-2", "2026-01-09", "2026-01-12", "a b c d e f g"),
    ]
    known = [
        replace(_record(), id=number, found={"surges": [each]}) for number, each in enumerate(held)
    ]
    cases = {
        "as it was": (surge("A1-1", "2026-01-01", "2026-01-07", "a b c h", **line), 0),
        "told a day earlier": (surge("A8-1", "2026-01-08", "2026-01-13", "d e f", **line), 1),
        "a wider series": (surge("A9-1", "2026-01-08", "2026-01-13", "d e f i j", **wide), 1),
        "all tickets": (surge("A9-2", "2026-01-09", "2026-01-13", "a b c d e f g h"), 2),
        "another": (surge("A20-1", "2026-01-20", "2026-01-21", "k l", **line), None),
    }
    for name, (found, number) in cases.items():
        match = pair(known, [found], same=0.6).get(found["id"])
        assert (match and match.id) == number, name
    both = [held[1], surge("A1-1", "2026-01-01", "2026-01-10", "a b c", **line)]
    assert {k: v.id for k, v in pair(known, both, same=0.6).items()} == {"A9-1": 1, "A1-1": 0}


def _record() -> AlertRecord:
    when = china(2026, 1, 1)
    text = {"since": "", "until": "", "title": "", "found": {}, "draft": {}}
    ends: dict[str, Any] = {"approved_at": None, "approved_by": None, "distributed_at": None}
    own = {"id": 0, "state": AlertState.PROPOSED, "typical": (), "created_at": when}
    return AlertRecord(**text, **own, created_by="alerts", **ends)  # type: ignore[arg-type]
