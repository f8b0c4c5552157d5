from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from service_fakes import FakeEngine, error, serving
from store_fixtures import stored

from service.access.keys import Role
from service.drift.look import look
from service.drift.round import FILE, DriftRound
from service.store.database import Database, Session
from service.store.migrate import migrate
from service.store.writer import Writer
from triage.drift.settings import DriftSettings, load_drift

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NUMBERS = "一二三四五六七八九十"
PAST = "信用卡年费第{}次多扣了请退还"
TOLD = "第{}个骗子让我下载云护通共享屏幕"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    held = Database(f"sqlite:///{tmp_path / 'drift.db'}")
    migrate(held)
    yield held
    held.close()


@pytest.fixture
def settings() -> DriftSettings:
    return replace(load_drift(), least_tickets=10, permutations=1999)


def fill(database: Database) -> None:
    """A quarter of one kind of ticket, then a week of another."""

    def work(session: Session) -> None:
        for number in range(70):
            told = number >= 60
            text = (TOLD if told else PAST).format(NUMBERS[number % 10] + NUMBERS[number // 10])
            stored(
                session,
                f"T-{number}",
                masked_text=text,
                received_at=NOW - timedelta(days=3 if told else 20 + number),
                customer_ref=f"C{number}",
                body_hash=f"h{number}",
                line="fraud" if told else "fee_dispute",
                probability=0.8,
                risk=0.1,
            )

    database.change(work)


def test_a_look_names_what_changed_and_the_new_phrase(
    database: Database, settings: DriftSettings
) -> None:
    fill(database)
    found = look(database, settings, NOW)
    assert (found["tickets"], found["tickets_before"]) == (10, 60)
    assert {"words", "characters"} <= set(found["changed"])
    assert any("云护通" in phrase["text"] for phrase in found["phrases"])
    assert set(found["phrases"][0]["tickets"]) <= {f"T-{n}" for n in range(60, 70)}


def test_few_tickets_are_told_and_ring_nothing(database: Database) -> None:
    fill(database)
    found = look(database, load_drift(), NOW)
    assert found["tickets"] == 10
    assert found["views"] == found["changed"] == found["phrases"] == []
    assert found["reviewed"] == {"verdicts": 0, "overridden": None, "line_overridden": None}


def test_one_process_looks_once_a_day(
    database: Database, settings: DriftSettings, tmp_path: Path
) -> None:
    fill(database)
    writer = Writer(database)
    writer.start()
    rounds = [
        DriftRound(database, writer, settings, home=tmp_path, registry=CollectorRegistry())
        for _ in range(2)
    ]

    async def run() -> list[bool]:
        first = await rounds[0].tick(NOW)
        other = await rounds[1].tick(NOW)
        later = await rounds[1].tick(NOW + timedelta(hours=25))
        return [first, other, later]

    try:
        assert asyncio.run(run()) == [True, False, True]
    finally:
        writer.stop()
    assert rounds[0].last() == rounds[1].last()
    (tmp_path / FILE).write_bytes(b"{")
    assert rounds[0].last() is None


def test_the_last_look_is_shown_to_who_may_see_tickets(tmp_path: Path) -> None:
    with serving(tmp_path, FakeEngine()) as client:
        error(client.get("/v1/model/drift", Role.INTAKE), 403, "forbidden")
        assert client.get("/v1/model/drift", Role.SCIENTIST).json()["views"] == []
