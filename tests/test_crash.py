"""Killed under load, a real service loses nothing that it acknowledged and keeps nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from store_fixtures import database, database_url

from benchmarks.crash import Run, crash, examine

__all__ = ["database", "database_url"]


@pytest.mark.slow
def test_what_was_acknowledged_outlives_kills(
    database_url: str, tiny_model: Path, tmp_path: Path
) -> None:
    run = crash(tmp_path, tiny_model, 3, database_url=database_url)
    assert len(run.acknowledged) > 3, str(run)
    assert (run.lost, run.duplicates, run.odd) == (0, 0, []), str(run)


def test_what_is_missing_or_there_twice_is_counted(database_url: str, database: object) -> None:
    run = Run(kills=0, acknowledged={"T-1", "T-2"})
    engine = create_engine(database_url)
    with engine.begin() as connection:
        twice = (
            "INSERT INTO audit (at, who, role, what, ticket_id, data)"
            " VALUES ('2026-11-23 09:30:00', 'k', 'intake', 'ticket.received', 'T-1', '{}')"
        )
        for _ in range(2):
            connection.execute(text(twice.replace(":30:00", r"\:30\:00")))
    engine.dispose()
    examine(run, database_url)
    assert (run.lost, run.duplicates) == (2, 1)
