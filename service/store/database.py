"""The database: connections for readers, one for the writer, and its address."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from service.store.errors import StoreBusy, gone, unavailable, undone
from triage.errors import ConfigError

__all__ = ["Database", "Session"]  # the latter for annotations outside the store

T = TypeVar("T")
_BUSY_S = 15
_CACHE_KIB = 65_536
_READERS = 8
_PRAGMAS = (
    "PRAGMA synchronous=FULL",  # with WAL: a commit that was answered survives a power cut
    "PRAGMA foreign_keys=ON",
    f"PRAGMA cache_size=-{_CACHE_KIB}",
    "PRAGMA wal_autocheckpoint=4000",  # pages: what many commits touch is moved over once
    "PRAGMA secure_delete=ON",  # what is erased is overwritten, not only unlinked
)


class Database:
    """One database, SQLite or PostgreSQL; nothing is opened before it is used.

    Parameters
    ----------
    url : str or URL
        `sqlite:////folder/jiesu.db` or `postgresql+psycopg://user:password@host/name`.

    Raises
    ------
    ConfigError
        When the address is of another kind. Its text is not repeated: it may hold a password.
    """

    def __init__(self, url: str | URL) -> None:
        self.url = _known(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._reading = self._engine(_READERS, read_only=True)
        self._writing = self._engine(1)

    def __repr__(self) -> str:
        """Give the kind of the database, and nothing that lets anybody in."""
        return f"Database({self.url.get_backend_name()})"

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one state of the database and cannot change it.

        Raises
        ------
        StoreUnavailable
            When the database does not answer.
        StoreBusy
            When no connection becomes free.
        """
        try:
            with Session(self._reading) as session:
                yield session
        except DBAPIError as exc:
            if gone(exc) or undone(exc) or self.is_sqlite:
                raise unavailable(exc) from None
            raise
        except NoneFree:
            raise StoreBusy("every connection is in use", cure="ask again") from None

    def ask(self, work: Callable[[Session], T]) -> T:
        """Read: give what `work` makes of a session."""
        with self.read() as session:
            return work(session)

    def change(self, work: Callable[[Session], T]) -> T:
        """Write outside the writer, in a transaction of its own (command line, keys).

        Raises
        ------
        StoreUnavailable
            When the database does not answer.
        """
        try:
            with self.writing() as connection, connection.begin(), Session(connection) as session:
                done = work(session)
                session.flush()
                return done
        except DBAPIError as exc:
            if gone(exc) or undone(exc):
                raise unavailable(exc) from None
            raise

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the connection that may write; for `Writer`, which owns it."""
        with self._writing.connect() as connection:
            yield connection

    def ping(self) -> None:
        """Ask the database for nothing.

        Raises
        ------
        StoreUnavailable
            When it does not answer.
        """
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close every connection."""
        self._reading.dispose()
        self._writing.dispose()

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Give a connection of its own for changing tables, with SQLite's checks put off."""
        engine = self._engine(0, foreign_keys=False)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def _engine(self, size: int, *, read_only: bool = False, foreign_keys: bool = True) -> Engine:
        pool: dict[str, Any] = {"poolclass": NullPool}
        if size:
            pool = {"pool_size": size, "max_overflow": 0, "pool_pre_ping": not self.is_sqlite}
        options = {"timeout": _BUSY_S} if self.is_sqlite else {"connect_timeout": _BUSY_S}
        # A driver's message with the values in it would carry narratives into logs.
        engine = create_engine(self.url, connect_args=options, hide_parameters=True, **pool)
        if self.is_sqlite:
            _prepare_sqlite(engine, read_only=read_only, foreign_keys=foreign_keys)
        elif read_only:
            event.listen(engine, "connect", _read_only)
        return engine


def _known(url: str | URL) -> URL:
    try:
        known = make_url(url)
    except ArgumentError:
        raise _bad_address() from None
    kind = known.get_backend_name()
    if kind == "sqlite" and known.database not in (None, "", ":memory:"):
        return known.set(drivername="sqlite+pysqlite")
    if kind == "postgresql":
        return known.set(drivername="postgresql+psycopg")
    raise _bad_address()


def _bad_address() -> ConfigError:
    return ConfigError(
        "JIESU_DATABASE_URL is not the address of a database that jiesu knows",
        cure="use sqlite:////folder/jiesu.db or postgresql+psycopg://user:password@host/name",
    )


def _prepare_sqlite(engine: Engine, *, read_only: bool, foreign_keys: bool) -> None:
    pragmas = [p for p in _PRAGMAS if foreign_keys or "foreign_keys" not in p]
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def _connected(raw: sqlite3.Connection, _record: object) -> None:
        # The driver begins transactions late and not for every statement; here it is told when.
        raw.isolation_level = None
        for pragma in pragmas:
            raw.execute(pragma)
        if read_only:
            raw.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _read_only(raw: Any, _record: object) -> None:
    raw.read_only = True
