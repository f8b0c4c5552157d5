"""Messages of the outbox arrive: signed, at least once, again later, and dead in the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from receivers import receiving
from store_fixtures import database, database_url
from watch_fakes import china, outbox, subscribe

from service.ledger.courier import Courier, Sent
from service.ledger.notices import Kind, post
from service.ledger.pace import Tries
from service.ledger.signing import new_secret
from service.store import webhooks
from service.store.database import Database
from service.store.migrate import migrate
from service.store.privacy import Privacy
from service.store.records_service import DeliveryState
from service.store.writer import Writer

__all__ = ["database", "database_url"]

NOW = china(2026, 11, 23, 10)
PRIVACY = Privacy("a secret of tests, long enough to be one")
TRIES = Tries(attempts=4, first_s=5, factor=4, longest_s=60, jitter=0.2, timeout_s=5)

HOLD = timedelta(seconds=180)


@contextmanager
def sending(
    database: Database, tries: Tries = TRIES, *, private: bool = True, privacy: Privacy = PRIVACY
) -> Iterator[Any]:
    """A process that sends; gives a function of the moment."""
    writer = Writer(database)
    writer.start()

    def deliver(now: datetime) -> Sent:
        courier = Courier(
            database, writer, privacy, tries=tries, private=private, chance=lambda: 0.5
        )
        return asyncio.run(courier.deliver(now))

    try:
        yield deliver
    finally:
        writer.stop()


def _tell(database: Database, *levels: str) -> None:
    for level in levels:
        facts = {"code": "reply", "due_at": NOW, "level": level}
        database.change(
            lambda s, f=facts: post(s, Kind.DUTY_DUE, ticket_id="T-1", facts=f, now=NOW)  # type: ignore[misc]
        )


@pytest.fixture
def secret() -> str:
    return new_secret()


def _hook(database: Database, url: str, secret: str) -> int:
    return subscribe(database, url, PRIVACY.seal(secret))


def test_a_message_arrives_signed_and_once(database: Database, secret: str) -> None:
    with receiving(secret) as receiver, sending(database) as deliver:
        _hook(database, f"{receiver.url}/a/path?x=1", secret)
        _tell(database, "one_day", "due_day")
        assert deliver(NOW) == Sent(arrived=2)
        assert deliver(NOW + HOLD) == Sent()
        assert receiver.forged == 0
        assert len(set(receiver.ids)) == 2
        assert set(receiver.stamps) == {int(NOW.timestamp())}
        assert {m["data"]["level"] for m in receiver.got} == {"one_day", "due_day"}
        assert receiver.got[0]["type"] == "duty_due"
        assert receiver.headers["content-type"] == "application/json"
        assert receiver.headers["host"] == receiver.url.removeprefix("http://")
    assert len(outbox(database, DeliveryState.SENT)) == 2


def test_another_secret_does_not_verify(database: Database, secret: str) -> None:
    with receiving(new_secret()) as receiver, sending(database) as deliver:
        _hook(database, receiver.url, secret)
        _tell(database, "one_day")
        deliver(NOW)
        assert receiver.forged == 1


def test_what_fails_twice_arrives_the_third_time_with_the_same_id(
    database: Database, secret: str
) -> None:
    with receiving(secret, lambda n: (500, 302)[n] if n < 2 else 200) as receiver:
        _hook(database, receiver.url, secret)
        _tell(database, "one_day")
        with sending(database) as deliver:
            assert deliver(NOW) == Sent(failed=1)
            (one,) = outbox(database)
            assert (one.attempts, one.last_error) == (1, "HTTP 500")
            assert one.next_try_at == NOW + timedelta(seconds=5)
            assert deliver(NOW + timedelta(seconds=4)) == Sent()
            assert deliver(one.next_try_at) == Sent(failed=1)
            (two,) = outbox(database)
            assert (two.attempts, two.last_error) == (2, "HTTP 302")
            assert two.next_try_at == one.next_try_at + timedelta(seconds=20)
            assert deliver(two.next_try_at) == Sent(arrived=1)
        assert len(receiver.ids) == 3  # the redirection was not followed
        assert len(set(receiver.ids)) == 1
        assert receiver.forged == 0
        assert receiver.stamps == sorted(set(receiver.stamps))


def test_after_the_last_try_it_is_dead_until_somebody_says_again(
    database: Database, secret: str
) -> None:
    broken = True
    with receiving(secret, lambda _: 503 if broken else 200) as receiver:
        _hook(database, receiver.url, secret)
        _tell(database, "one_day")
        now, found = NOW, []
        with sending(database) as deliver:
            for _ in range(6):
                found.append(deliver(now))
                now += HOLD
            assert found == [Sent(failed=1)] * 3 + [Sent(dead=1)] + [Sent()] * 2
            (dead,) = outbox(database, DeliveryState.DEAD)
            assert (dead.attempts, dead.last_error) == (4, "HTTP 503")
            broken = False
            assert database.change(lambda s: webhooks.revive(s, dead.id, now))
            assert deliver(now) == Sent(arrived=1)


def test_a_sender_that_dies_loses_nothing(database: Database, secret: str) -> None:
    with receiving(secret) as receiver:
        _hook(database, receiver.url, secret)
        _tell(database, "one_day")
        # It took the message and was killed, before or after it sent it.
        assert len(database.change(lambda s: webhooks.claim(s, now=NOW, hold_s=180))) == 1
        with sending(database) as deliver:
            assert deliver(NOW + HOLD - timedelta(seconds=1)) == Sent()
            assert deliver(NOW + HOLD) == Sent(arrived=1)
        assert len(receiver.ids) == 1


def test_two_processes_do_not_send_the_same(database_url: str, secret: str) -> None:
    databases = [Database(database_url) for _ in range(2)]
    migrate(databases[0])
    levels = [f"level {n}" for n in range(120)]
    barrier = threading.Barrier(2)
    with receiving(secret) as receiver:
        _hook(databases[0], receiver.url, secret)
        _tell(databases[0], *levels)

        def run(database: Database) -> Sent:
            with sending(database) as deliver:
                barrier.wait(timeout=30)
                found: Sent = deliver(NOW)
                return found

        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(run, databases))
        assert sum(one.arrived for one in results) == len(levels)
        assert len(receiver.ids) == len(set(receiver.ids)) == len(levels)
    for one in databases:
        one.close()


def test_who_does_not_answer_is_given_up_and_told_again(database: Database, secret: str) -> None:
    free = threading.Event()
    with receiving(secret, lambda _: 200 if free.wait(30) else 500) as receiver:
        _hook(database, receiver.url, secret)
        _tell(database, "one_day")
        with sending(database, TRIES.model_copy(update={"timeout_s": 0.2})) as deliver:
            assert deliver(NOW) == Sent(failed=1)
        free.set()
    assert outbox(database)[0].last_error == "no answer in time"


def test_nobody_there_a_lost_secret_and_a_stopped_webhook(database: Database, secret: str) -> None:
    with receiving(secret) as receiver:
        gone = receiver.url
    _hook(database, gone, secret)
    _tell(database, "one_day")
    with sending(database) as deliver:
        assert deliver(NOW) == Sent(failed=1)
    assert outbox(database)[0].last_error == "ConnectError"
    with sending(database, privacy=Privacy("another secret, as long as the first")) as deliver:
        assert deliver(NOW + HOLD) == Sent(failed=1)
    (one,) = outbox(database)
    assert "JIESU_SECRET" in str(one.last_error)
    database.change(lambda s: webhooks.stop(s, one.webhook_id, NOW))
    assert outbox(database, DeliveryState.DEAD)[0].last_error == "the webhook was stopped"


def test_nothing_goes_to_this_machine_unless_it_is_allowed(database: Database, secret: str) -> None:
    with receiving(secret) as receiver:
        _hook(database, receiver.url, secret)
        _hook(database, receiver.url.replace("127.0.0.1", "localhost"), secret)
        _tell(database, "one_day")
        with sending(database, private=False) as deliver:
            assert deliver(NOW) == Sent(failed=2)
        assert receiver.ids == []
        for one in outbox(database):
            assert "webhooks may not use" in str(one.last_error)


def test_a_name_that_leads_into_the_house_later_is_refused(
    database: Database, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lookup(*_: object, **__: object) -> list[Any]:
        return [(0, 0, 0, "", ("127.0.0.1", 80))]

    with receiving(secret) as receiver:
        port = receiver.url.rsplit(":", 1)[1]
        _hook(database, f"http://innocent.example:{port}/", secret)
        _tell(database, "one_day")
        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lookup)
        with sending(database, private=False) as deliver:
            assert deliver(NOW) == Sent(failed=1)
        assert receiver.ids == []
        # Allowed, it goes to the address that was looked at, under its name.
        with sending(database) as deliver:
            assert deliver(NOW + HOLD) == Sent(arrived=1)
        assert receiver.headers["host"] == f"innocent.example:{port}"
