"""Statements that the repositories share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import CursorResult, Executable, Table
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from service.store.columns import Base

Columns = ReadOnlyColumnCollection[str, Any]


def table_of(kind: type[Base]) -> Table:
    """Give the table of a class."""
    return cast(Table, kind.__table__)


@cache
def _insert(table: Table, dialect: str, unique: tuple[str, ...], *give: str) -> Any:
    statement: Any = _insert_of(dialect)(table)
    if unique:
        statement = statement.on_conflict_do_nothing(index_elements=list(unique))
    return statement.returning(*(table.c[name] for name in give)) if give else statement


def _insert_of(dialect: str) -> Any:
    # Nobody needs both.
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert
    from sqlalchemy.dialects import postgresql

    return postgresql.insert


def values_of(record: Any) -> dict[str, Any]:
    """Give the fields of a record; their values are not copied, as `asdict` would at some cost."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def add(session: Session, table: Table, values: Mapping[str, Any]) -> int:
    """Add a row; give its number."""
    statement = _insert(table, session.get_bind().dialect.name, (), "id")
    return int(session.execute(statement, values).scalar_one())


def add_if_new(
    session: Session, table: Table, values: Mapping[str, Any], *unique: str, give: str = "id"
) -> Any:
    """Add a row unless one with the same `unique` columns is there; give column `give`, or None."""
    statement = _insert(table, session.get_bind().dialect.name, unique, give)
    return session.execute(statement, values).scalar_one_or_none()


def add_many(session: Session, table: Table, rows: list[dict[str, Any]], *unique: str) -> None:
    """Add rows, but for those whose `unique` columns, if any are named, are there."""
    if rows:
        session.execute(_insert(table, session.get_bind().dialect.name, unique), rows)


def add_numbers(
    session: Session, table: Table, columns: Sequence[str], rows: list[tuple[int, ...]]
) -> None:
    """Add rows of nothing but numbers: handed to the driver as they are, nothing looks at each."""
    if rows:
        connection = session.connection()
        statement = _insert_numbers(table, connection.dialect.paramstyle, *columns)
        connection.exec_driver_sql(statement, rows)


@cache
def _insert_numbers(table: Table, style: str, *columns: str) -> str:
    mark = "?" if style == "qmark" else "%s"
    names = ", ".join(table.c[name].name for name in columns)
    return f"INSERT INTO {table.name} ({names}) VALUES ({', '.join([mark] * len(columns))})"  # noqa: S608


def add_new(
    session: Session, table: Table, rows: list[dict[str, Any]], unique: str
) -> dict[Any, int]:
    """Add rows of which none is equal in `unique`, but for those that are there.

    Gives the numbers of those that were added, by `unique`.
    """
    statement = _insert(table, session.get_bind().dialect.name, (unique,), unique, "id")
    return {row[0]: row[1] for row in session.execute(statement, rows)}


def changed(session: Session, statement: Executable) -> int:
    """Run an update or a deletion; give how many rows it met."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
