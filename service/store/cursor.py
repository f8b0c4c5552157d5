"""Cursors: where a page of the ledger ended, as text that callers hand back."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from triage.errors import InvalidInput

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST = 2**63


class Place(NamedTuple):
    """A ticket's place in the order of the ledger."""

    at: datetime
    id: int


def cursor_of(place: Place) -> str:
    """Give the cursor of a place."""
    told = f"{(place.at - _EPOCH) // _MICROSECOND}.{place.id}"
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def place_of(cursor: str) -> Place:
    """Read a cursor.

    Raises
    ------
    InvalidInput
        When it is not one that was given.
    """
    try:
        told = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        at, ident = (int(part) for part in told.decode("ascii").split("."))
        place = Place(_EPOCH + at * _MICROSECOND, ident)
    except (ValueError, OverflowError):
        raise _not_given() from None
    if not 0 <= ident < _LARGEST:
        raise _not_given()
    return place


def _not_given() -> InvalidInput:
    return InvalidInput(
        "cursor is not one that was given", cure="use next_cursor of the page before, unchanged"
    )
