"""The ledger as a file, written page by page: memory does not grow with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from service.ledger.answers import Body, row_body
from service.store import complaints
from service.store.database import Database
from service.store.records import ComplaintRecord, Filters
from triage.cells import unrun

FORMATS: dict[str, Any] = {
    "text/csv": {"schema": {"type": "string"}},
    "application/x-ndjson": {"schema": {"type": "string"}},
}
_PAGE = 500
_BOM = "\ufeff"
_COLUMNS = (
    *("id", "received_at", "state", "next_action", "next_due", "overdue", "line", "subline"),
    *("abstained", "probability", "nature", "escalation_probability", "escalation_band"),
    *("owner_level", "owner_unit", "barred_from_outlet", "flags", "channel", "product", "unit"),
    *("updated_at", "masked_text"),
)


def exported(database: Database, filters: Filters, *, form: str, now: datetime) -> Iterator[bytes]:
    """Give the chosen tickets, newest first, as pieces of a file.

    Parameters
    ----------
    database : Database
    filters : Filters
    form : str
        `csv`, with a byte order mark for Excel, or `jsonl`.
    now : datetime
        What is overdue is told by it.
    """
    return written(complaints.every(database, filters, size=_PAGE), form=form, now=now)


def written(tickets: Iterator[ComplaintRecord], *, form: str, now: datetime) -> Iterator[bytes]:
    """Give tickets, in their order, as pieces of a file; see `exported`."""
    if form == "csv":
        yield (_BOM + _csv([_COLUMNS])).encode()
    for some in _pages(tickets):
        rows = [_row(ticket, now) for ticket in some]
        if form == "csv":
            yield _csv([_cells(row) for row in rows]).encode()
        else:
            yield b"".join(orjson.dumps(row) + b"\n" for row in rows)


def _pages(tickets: Iterator[ComplaintRecord]) -> Iterator[list[ComplaintRecord]]:
    page: list[ComplaintRecord] = []
    for ticket in tickets:
        page.append(ticket)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


def _row(ticket: ComplaintRecord, now: datetime) -> Body:
    row = row_body(ticket, now)
    del row["excerpt"]
    return {**row, "masked_text": ticket.masked_text}


def _cells(row: Body) -> list[str]:
    owner, risk = row["owner"], row["escalation"]
    flat = {
        **row,
        "escalation_probability": risk["probability"],
        "escalation_band": risk["band"],
        "owner_level": owner["level"],
        "owner_unit": owner["unit"],
        "barred_from_outlet": owner["barred_from_outlet"],
        "flags": ";".join(row["flags"]),
    }
    return [_cell(flat[column]) for column in _COLUMNS]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(unrun(value))


def _csv(rows: list[Any]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()
