"""What is put into the outbox: once, for those who asked, and nothing that a customer wrote."""

from __future__ import annotations

from datetime import timedelta

import pytest
from store_fixtures import NOW, database, database_url

from service.ledger import notices
from service.ledger.notices import Kind, post
from service.store import webhooks
from service.store.database import Database
from service.store.records_service import DeliveryRecord, DeliveryState

__all__ = ["database", "database_url"]

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _hooked(database: Database) -> None:
    for kinds in (tuple(Kind), (Kind.BAND_RAISED,)):
        database.change(
            lambda s, kinds=kinds: webhooks.add(  # type: ignore[misc]
                s, url="https://bank.example/", kinds=kinds, secret=b"-", now=NOW, label=""
            )
        )


def _post(database: Database, kind: Kind, now: object = NOW, **facts: object) -> int:
    return database.change(
        lambda s: post(s, kind, ticket_id="T-1", facts=facts, now=now)  # type: ignore[arg-type]
    )


def _pending(database: Database) -> list[DeliveryRecord]:
    return database.ask(lambda s: webhooks.deliveries(s, DeliveryState.PENDING))


def test_those_who_asked_for_a_kind_are_told(database: Database) -> None:
    assert _post(database, Kind.ASSESSMENT, line="fee_dispute") == 1
    assert _post(database, Kind.BAND_RAISED, band="high", previous_band="low") == 2
    assert len({one.message_id for one in _pending(database)}) == 2


def test_a_level_of_a_duty_is_told_once_and_an_assessment_each_time(database: Database) -> None:
    facts = {"code": "reply", "rule": "R-1", "due_at": LATER, "level": "one_day"}
    assert _post(database, Kind.DUTY_DUE, **facts) == 1
    assert _post(database, Kind.DUTY_DUE, LATER, **facts) == 0
    assert _post(database, Kind.DUTY_DUE, LATER, **facts | {"level": "due_day"}) == 1
    assert _post(database, Kind.ASSESSMENT, line="fee_dispute") == 1
    assert _post(database, Kind.ASSESSMENT, line="fee_dispute") == 0
    assert _post(database, Kind.ASSESSMENT, LATER, line="fee_dispute") == 1


def test_only_known_facts_leave_and_moments_are_those_of_china(database: Database) -> None:
    facts = {"line": "fee_dispute", "masked_text": "绝密", "due_at": NOW, "signals": {"b", "a"}}
    _post(database, Kind.ASSESSMENT, **facts)
    (one,) = _pending(database)
    assert one.payload == {
        "type": "assessment",
        "timestamp": "2026-11-23T17:30:00+08:00",
        "data": {
            "ticket_id": "T-1",
            "due_at": "2026-11-23T17:30:00+08:00",
            "line": "fee_dispute",
            "signals": ["a", "b"],
        },
    }


def test_nothing_leaves_that_could_hold_a_narrative() -> None:
    assert not {"text", "masked_text", "narrative", "note", "evidence"} & notices.FACTS


def test_a_fact_of_another_kind_is_refused(database: Database) -> None:
    with pytest.raises(TypeError, match="dict"):
        _post(database, Kind.ASSESSMENT, signals={"text": "绝密"})
    with pytest.raises(ValueError, match="gossip"):
        database.change(lambda s: post(s, "gossip", ticket_id="T-1", facts={}, now=NOW))
