"""Figures of the ledger, what a look costs, and the file of the watch."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from store_fixtures import NOW, database, database_url
from watch_fakes import PACE, china, owe, subscribe, watching

from service import config_file
from service.ledger.pace import load_pace
from service.store import complaints, duties, raw, webhooks
from service.store.database import Database, Session
from service.store.migrate import migrate
from service.store.records import Standing
from service.store.records_service import Actor
from triage.errors import ConfigError

__all__ = ["database", "database_url"]

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
OPENED = china(2026, 11, 23, 10)
DUE = china(2026, 12, 8, 23, 59, 59)


def test_figures_follow_the_ledger(database: Database) -> None:
    subscribe(database)
    owe(database, DUE, opened_at=OPENED, band="high")
    owe(database, DUE + 9 * DAY, opened_at=OPENED, ticket_id="T-2", state="in_progress", band="low")
    ended = owe(database, DUE, opened_at=OPENED, ticket_id="T-3", state="open")
    with watching(database) as watcher:
        watcher.tick(DUE + DAY)
        figures = watcher.figures()
        for line in (
            'jiesu_open_tickets{state="open"} 2.0',
            'jiesu_open_tickets{state="in_progress"} 1.0',
            'jiesu_queue_tickets{band="high"} 1.0',
            'jiesu_queue_tickets{band="unknown"} 1.0',
            "jiesu_overdue_duties 2.0",
            'jiesu_deliveries{state="pending"} 2.0',
            'jiesu_deliveries{state="dead"} 0.0',
            "jiesu_waiting_writes 0.0",
        ):
            assert line in figures.splitlines(), line
        last = re.search(r"^jiesu_watch_last_run_timestamp_seconds (\S+)$", figures, re.MULTILINE)
        assert last
        assert float(last[1]) == (DUE + DAY).timestamp()
        database.change(lambda s: complaints.stand(s, ended, Standing("closed"), DUE))
        watcher.tick(DUE + DAY + MINUTE)
        assert 'jiesu_queue_tickets{band="unknown"} 0.0' in watcher.figures()
        assert "jiesu_overdue_duties 1.0" in watcher.figures()


LOOKS: list[tuple[str, Callable[[Session], object]]] = [
    ("ix_duties_look", lambda s: duties.waiting(s, NOW)),
    ("ix_duties_missed", lambda s: duties.overdue(s, NOW)),
    ("ix_complaints_looked_at", lambda s: complaints.long_unseen(s, NOW, limit=9)),
    ("ix_complaints_looked_at", complaints.unsettled),
    ("ix_deliveries_", lambda s: webhooks.waiting(s, NOW)),
    ("ix_deliveries_state_id", webhooks.counts),
    ("ix_raw_narratives_until", lambda s: raw.purge(s, Actor("w", "s"), now=NOW)),
]


@pytest.mark.parametrize(("index", "look"), LOOKS)
def test_a_look_at_nothing_costs_nothing(
    tmp_path: Path, index: str, look: Callable[[Session], object]
) -> None:
    asked: list[tuple[str, Any]] = []
    small = Database(f"sqlite:///{tmp_path}/jiesu.db")
    migrate(small)

    def work(session: Session) -> list[str]:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *a: asked.append((a[2], a[3])))
        look(session)
        statement, values = asked[0]
        return [
            row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    plan = small.change(work)
    small.close()
    assert any(index in step for step in plan), plan


def test_a_file_with_a_bad_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    raw_pace = PACE.model_dump(mode="json")
    monkeypatch.setattr(config_file, "read_yaml", lambda _: raw_pace | {"nudges": {"late": -1}})
    with pytest.raises(ConfigError, match=r"watch\.yaml: nudges\.late"):
        load_pace()
