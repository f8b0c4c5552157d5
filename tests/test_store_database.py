"""The database: its tables and their steps, what readers may do, several processes at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from store_fixtures import NOW, database, database_url, stored

from service.store import (
    complaints,
    tables,
    tables_desk,
    tables_governance,
    tables_review,
    tables_service,
    tables_shadow,
    tables_slice,
)
from service.store.columns import Base
from service.store.database import Database
from service.store.errors import SchemaTooNew, StoreUnavailable
from service.store.migrate import alembic_config, current, migrate
from service.store.migrations import HEAD
from triage.errors import ConfigError

__all__ = ["database", "database_url"]


def test_the_steps_lead_to_the_tables_of_the_code(database: Database) -> None:
    own = (tables_service.Audit, tables_review.Review, tables_desk.Import, tables_slice.AuditSlice)
    own = (*own, tables_shadow.Shadow, tables_governance.Search)
    for kind in own:
        assert kind.metadata is tables.Complaint.metadata
    with database.migrating() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []
        found = inspect(connection)
        for table in Base.metadata.sorted_tables:
            kept = {index["name"] for index in found.get_indexes(table.name)}
            assert {index.name for index in table.indexes} <= kept


def test_the_steps_can_be_taken_back_and_again(database: Database) -> None:
    assert current(database) == HEAD
    with database.migrating() as connection:
        assert ScriptDirectory.from_config(alembic_config(connection)).get_current_head() == HEAD
        command.downgrade(alembic_config(connection), "base")
        connection.commit()
        assert inspect(connection).get_table_names() == ["alembic_version"]
    assert current(database) is None
    assert migrate(database)
    assert not migrate(database)


def test_processes_that_start_at_once_do_not_meet(database_url: str) -> None:
    done: list[bool] = []

    def start() -> None:
        one = Database(database_url)
        done.append(migrate(one))
        one.close()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False] * 5 + [True]


def test_tables_of_a_later_version_are_left_alone(database: Database) -> None:
    with database.migrating() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(database)


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises((DBAPIError, StoreUnavailable)), database.read() as session:
        stored(session)
    assert database.ask(lambda session: complaints.find(session, "T-1")) is None


def test_a_reader_sees_one_state_and_does_not_hold_up_writing(database: Database) -> None:
    database.change(lambda session: stored(session, "T-1"))
    with database.read() as session:
        assert complaints.find(session, "T-1")
        database.change(lambda other: stored(other, "T-2"))
    assert database.ask(lambda session: complaints.find(session, "T-2"))


def test_what_fails_is_taken_back(database: Database) -> None:
    def half(session: object) -> None:
        stored(session)  # type: ignore[arg-type]
        raise KeyError

    with pytest.raises(KeyError):
        database.change(half)
    assert database.ask(lambda session: complaints.find(session, "T-1")) is None


def test_moments_and_odd_characters_come_back(database: Database) -> None:
    odd = "年费\x00🙂'\"\\\n\t%s"
    database.change(lambda session: stored(session, "T-1", masked_text=odd, unit="\x00部"))
    found = database.ask(lambda session: complaints.get(session, "T-1"))
    assert found.masked_text == odd.replace("\x00", "\ufffd")
    assert len(found.masked_text) == len(odd)
    assert found.context.unit == "\ufffd部"
    assert found.received_at == NOW
    assert found.received_at.utcoffset() is not None


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="zone"):
        database.change(lambda session: stored(session, received_at=NOW.replace(tzinfo=None)))


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///:memory:", "mysql://root:hidden@h/d", "no address hidden"]
)
def test_another_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError, match="JIESU_DATABASE_URL") as caught:
        Database(url)
    assert "hidden" not in str(caught.value)


def test_no_secret_in_what_is_shown_of_a_database() -> None:
    known = Database("postgresql://jiesu:hidden@127.0.0.1:1/jiesu")
    assert repr(known) == "Database(postgresql)"
    with pytest.raises(ConfigError, match="cannot be opened") as caught:
        migrate(known)
    assert "hidden" not in str(caught.value)
    with pytest.raises(StoreUnavailable):
        known.ping()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "jiesu.db").write_text("something else, long enough to be looked at" * 100)
    with pytest.raises(ConfigError, match=r"jiesu\.db"):
        migrate(Database(f"sqlite:///{tmp_path}/jiesu.db"))


def test_committed_writes_reach_the_disk(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("a server's own settings decide")
    with database.writing() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
