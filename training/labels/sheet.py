"""Rows for people to fill in: as JSON lines, or as a table that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from triage.cells import unrun
from triage.errors import InvalidInput

_LINES, _TABLE = {".jsonl", ".ndjson"}, ".csv"


def check_writable(path: Path) -> None:
    """Refuse a kind of file that `write_rows` does not write.

    Raises
    ------
    InvalidInput
        Naming those it does.
    """
    if path.suffix.lower() not in {*_LINES, _TABLE}:
        raise InvalidInput(
            f"{path.name}: unknown kind of file", cure="name a .csv, which Excel opens, or a .jsonl"
        )


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of one shape by the extension of the file.

    A .csv has a byte order mark, so that Excel shows Chinese, and an apostrophe before what Excel
    would take for a formula.

    Raises
    ------
    InvalidInput
        See `check_writable`.
    """
    check_writable(path)
    if path.suffix.lower() in _LINES:
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        return
    buffer = io.StringIO()
    table = csv.writer(buffer)
    table.writerow(rows[0] if rows else ())
    table.writerows([unrun(value) for value in row.values()] for row in rows)
    path.write_text(buffer.getvalue(), encoding="utf-8-sig", newline="")
