"""The day of a moment in Shanghai, in SQLite and in PostgreSQL alike."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _Day(FunctionElement[str]):
    type = Text()
    inherit_cache = True
    name = "day_of"


def day_of(moment: ColumnElement[Any]) -> ColumnElement[str]:
    """Give the day of a moment as `2026-11-29`; Shanghai has no summer time."""
    return _Day(moment)


@compiles(_Day, "sqlite")
def _in_sqlite(element: _Day, compiler: Any, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '+8 hours')"


@compiles(_Day, "postgresql")
def _in_postgres(element: _Day, compiler: Any, **kw: Any) -> str:
    moment = compiler.process(element.clauses, **kw)
    return f"to_char({moment} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')"
