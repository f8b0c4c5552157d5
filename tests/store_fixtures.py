"""A fresh database a test, in SQLite and in PostgreSQL, and small things to put into it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.orm import Session

from service.store import new_complaints
from service.store.columns import Base
from service.store.database import Database
from service.store.migrate import migrate
from service.store.records import Added, NewComplaint, NewDecision, Standing
from service.store.writer import Writer
from triage.records import Context

VARIABLE = "JIESU_TEST_POSTGRES"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store/jiesu.db"
        return
    server = os.environ.get(VARIABLE)
    if not server:
        pytest.skip(f"no PostgreSQL: {VARIABLE} is not set (tests/with_postgres.sh sets it)")
    name = f"jiesu_{uuid.uuid4().hex}"
    _on_server(server, f"CREATE SCHEMA {name}")
    own = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    yield own.render_as_string(hide_password=False)
    _on_server(server, f"DROP SCHEMA {name} CASCADE")


def _on_server(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with its tables."""
    found = Database(database_url)
    migrate(found)
    yield found
    found.close()


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    """A writer that runs."""
    found = Writer(database)
    found.start()
    yield found
    found.stop()


def ticket(ticket_id: str = "T-1", **changes: Any) -> NewComplaint:
    """A ticket; names of `NewComplaint`, of its standing and of its context may be changed."""
    standing = {k: changes.pop(k) for k in Standing.__slots__ if k in changes}
    context = {k: changes.pop(k) for k in Context.__slots__ if k in changes and k != "received_at"}
    given: dict[str, Any] = {
        "ticket_id": ticket_id,
        "body_hash": f"hash of {ticket_id}",
        "masked_text": "信用卡年费收错了",
        "received_at": NOW,
        "standing": Standing(**{"state": "open", **standing}),
        "context": Context(**context),
    }
    return NewComplaint(**given | changes)


def stored(session: Session, ticket_id: str = "T-1", **changes: Any) -> int:
    """Store a ticket and give its number."""
    added: Added = new_complaints.add(session, ticket(ticket_id, **changes), NOW)
    return added.id


def decision(complaint_id: int, **changes: Any) -> NewDecision:
    """A decision on a ticket."""
    given: dict[str, Any] = {
        "complaint_id": complaint_id,
        "at": NOW,
        "reason": "intake",
        "model_version": "m.1",
        "policy_version": "p.1",
        "taxonomy_version": "t.1",
        "terms_version": "w.1",
        "rules_version": "r.1",
        "context": {"channel": "phone", "customer_key": "C-1"},
        "answer": {"line": "fee_dispute", "probability": 0.83, "masked_text": "信用卡年费收错了"},
        "history": {"repeats_90d": 1},
        "ruling": {"flags": ["template"]},
    }
    return NewDecision(**given | changes)


def found_in(database: Database, words: str) -> list[str]:
    """The tables in which some words stand."""
    with database.read() as session:
        return [
            table.name
            for table in Base.metadata.sorted_tables
            if words in repr(session.execute(select(table)).all())
        ]
