"""Audit, leases, webhooks and their outbox."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from store_fixtures import NOW, database, database_url

from service.store import audit, leases, webhooks
from service.store.database import Database
from service.store.records_service import Actor, DeliveryState

__all__ = ["database", "database_url"]

MINUTE = timedelta(minutes=1)


def test_what_was_done_is_noted_and_found(database: Database) -> None:
    actor = Actor("key-1", "reviewer", "req-1")
    for ticket_id in ("T-1", "T-2", "T-1"):
        database.change(
            lambda s, t=ticket_id: audit.note(s, actor, "ticket.read", at=NOW, ticket_id=t)  # type: ignore[misc]
        )
    last = database.change(lambda s: audit.note(s, actor, "model.reload", at=NOW, data={"n": 1}))
    found = database.ask(audit.entries)
    assert [one.ticket_id for one in found] == [None, "T-1", "T-2", "T-1"]
    assert (found[0].id, found[0].data, found[0].who, found[0].request_id) == (
        *(last, {"n": 1}),
        *("key-1", "req-1"),
    )
    assert len(database.ask(lambda s: audit.entries(s, ticket_id="T-1"))) == 2
    assert len(database.ask(lambda s: audit.entries(s, before=found[1].id, limit=1))) == 1


def _acquire(database: Database, holder: str, minutes: float) -> bool:
    now = NOW + minutes * MINUTE
    return database.change(lambda s: leases.acquire(s, "watch", holder, now=now, seconds=120))


def test_a_lease_has_one_holder_until_he_falls_silent(database: Database) -> None:
    assert _acquire(database, "a", 0)
    assert not _acquire(database, "b", 1)
    assert _acquire(database, "a", 1)
    assert not _acquire(database, "b", 2)
    assert _acquire(database, "b", 3)
    assert not _acquire(database, "a", 4)
    database.change(lambda s: leases.release(s, "watch", "a"))
    assert not _acquire(database, "a", 4)
    database.change(lambda s: leases.release(s, "watch", "b"))
    assert _acquire(database, "a", 4)


@pytest.fixture
def hook(database: Database) -> int:
    return database.change(lambda s: _hook(s, "duty.due", "duty.overdue"))


def _hook(session: Session, *kinds: str) -> int:
    url = "https://bank.example/hook"
    return webhooks.add(session, url=url, kinds=kinds, secret=b"sealed", now=NOW, label="oa")


def _tell(database: Database, message_id: str, kind: str = "duty.due") -> int:
    return database.change(
        lambda s: webhooks.enqueue(
            s, kind=kind, message_id=message_id, payload={"n": 1}, now=NOW, ticket_id="T-1"
        )
    )


def test_a_message_waits_for_those_who_asked_for_its_kind_once(
    database: Database, hook: int
) -> None:
    database.change(lambda s: _hook(s, "band.raised"))
    assert _tell(database, "m-1") == 1
    assert _tell(database, "m-1") == 0
    assert _tell(database, "m-2", "band.raised") == 1
    assert _tell(database, "m-3", "nothing") == 0
    waiting = database.ask(lambda s: webhooks.deliveries(s, DeliveryState.PENDING))
    assert [one.message_id for one in waiting] == ["m-2", "m-1"]
    assert [one.kinds for one in database.ask(webhooks.hooks)] == [
        ("duty.due", "duty.overdue"),
        ("band.raised",),
    ]


def test_a_message_is_tried_by_one_sender_until_it_arrives(database: Database, hook: int) -> None:
    _tell(database, "m-1")

    def claim(minutes: float) -> list[tuple[str, int]]:
        found = database.change(lambda s: webhooks.claim(s, now=NOW + minutes * MINUTE, hold_s=120))
        return [(one.message_id, one.id) for one in found]

    ((_, ident),) = claim(0)
    assert claim(1) == []
    assert len(claim(3)) == 1  # the first sender fell silent
    again = NOW + 10 * MINUTE
    database.change(lambda s: webhooks.failed(s, ident, error="503" * 999, again_at=again))
    assert claim(9) == []
    assert len(claim(10)) == 1
    database.change(lambda s: webhooks.sent(s, ident, NOW))
    assert claim(99) == []
    (one,) = database.ask(lambda s: webhooks.deliveries(s, DeliveryState.SENT))
    assert (one.attempts, one.sent_at, one.last_error, one.payload) == (3, NOW, None, {"n": 1})


def test_dead_letters_are_seen_and_can_be_sent_again(database: Database, hook: int) -> None:
    _tell(database, "m-1")
    (one,) = database.change(lambda s: webhooks.claim(s, now=NOW, hold_s=1))
    database.change(lambda s: webhooks.failed(s, one.id, error="timeout", again_at=None))
    assert database.ask(webhooks.counts) == {DeliveryState.PENDING: 0, DeliveryState.DEAD: 1}
    (dead,) = database.ask(lambda s: webhooks.deliveries(s, DeliveryState.DEAD))
    assert dead.last_error == "timeout"
    assert database.ask(lambda s: webhooks.deliveries(s, DeliveryState.DEAD, before=dead.id)) == []
    assert database.change(lambda s: webhooks.revive(s, one.id, NOW))
    assert not database.change(lambda s: webhooks.revive(s, one.id, NOW))
    assert len(database.change(lambda s: webhooks.claim(s, now=NOW, hold_s=1))) == 1


def test_messages_that_arrived_are_removed_after_a_while(database: Database, hook: int) -> None:
    for number in range(4):
        _tell(database, f"m-{number}")
    assert database.ask(lambda s: webhooks.waiting(s, NOW))
    assert not database.ask(lambda s: webhooks.waiting(s, NOW - MINUTE))
    found = database.change(lambda s: webhooks.claim(s, now=NOW, hold_s=1))
    for age, one in enumerate(found[:3]):
        database.change(lambda s, a=age, i=one.id: webhooks.sent(s, i, NOW + a * MINUTE))  # type: ignore[misc]
    before = NOW + 2 * MINUTE
    assert database.change(lambda s: webhooks.purge(s, before, limit=1)) == 1
    assert database.change(lambda s: webhooks.purge(s, before)) == 1
    assert database.change(lambda s: webhooks.purge(s, before)) == 0
    assert database.ask(webhooks.counts) == {DeliveryState.PENDING: 1, DeliveryState.DEAD: 0}


def test_a_stopped_webhook_is_told_no_more(database: Database, hook: int) -> None:
    _tell(database, "m-1")
    assert database.change(lambda s: webhooks.stop(s, hook, NOW))
    assert not database.change(lambda s: webhooks.stop(s, hook, NOW))
    assert _tell(database, "m-2") == 0
    assert database.ask(webhooks.hooks) == []
    assert len(database.ask(lambda s: webhooks.hooks(s, stopped=True))) == 1
    assert database.ask(webhooks.counts) == {DeliveryState.PENDING: 0, DeliveryState.DEAD: 1}
