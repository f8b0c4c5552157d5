"""Brings the tables to the state that the code expects; safe when several processes start."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from service.store.errors import SchemaTooNew, unavailable
from service.store.migrations import HEAD
from triage.errors import ConfigError

if TYPE_CHECKING:
    from alembic.config import Config

    from service.store.database import Database

_FOLDER = Path(__file__).parent / "migrations"
# Any number does, as long as nothing else that uses the database takes it: "jiesu" in bytes.
_LOCK = 0x6A69657375


def migrate(database: Database) -> bool:
    """Bring the tables to the newest state; say whether anything was to be done.

    Raises
    ------
    SchemaTooNew
        When a later version of jiesu made them.
    ConfigError
        When the database cannot be opened.
    """
    try:
        if current(database) == HEAD:
            return False
        with _alone(database), database.migrating() as connection:
            return _upgrade(connection)
    except DBAPIError as exc:
        raise _cannot_open(database, exc) from None


def current(database: Database) -> str | None:
    """Give the state in which the tables are: a revision, or None when there are none."""
    if database.file and not database.file.exists():
        return None
    try:
        with database.migrating() as connection:
            return _state(connection)
    except DBAPIError as exc:
        raise _cannot_open(database, exc) from None


def _state(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> bool:
    from alembic import command
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = alembic_config(connection)
    before = _state(connection)
    if before == HEAD:  # another process was faster
        return False
    try:
        if before:
            ScriptDirectory.from_config(config).get_revision(before)
    except CommandError:
        raise SchemaTooNew(
            f"the tables are in a state that this version does not know ({before})",
            cure="use the version of jiesu that made them, or a later one",
        ) from None
    command.upgrade(config, "head")
    connection.commit()
    return True


def alembic_config(connection: Connection) -> Config:
    """Give Alembic's configuration for one connection; there is no file of it."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    if database.file:
        database.file.parent.mkdir(parents=True, exist_ok=True)
        with database.file.with_name(f"{database.file.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _use_wal(database)
            yield
        return
    with database.migrating() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        yield  # closing the connection gives the lock back


def _use_wal(database: Database) -> None:
    # Outside a transaction, and once: the file remembers it.
    with database.migrating() as connection:
        raw = connection.connection.driver_connection
        if raw is not None:
            raw.execute("PRAGMA journal_mode=WAL")


def _cannot_open(database: Database, exc: DBAPIError) -> ConfigError:
    where = database.file or "the database server"
    return ConfigError(
        f"{where} cannot be opened; {unavailable(exc).message}", cure="look at JIESU_DATABASE_URL"
    )
