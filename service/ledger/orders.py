"""What is handed to the ledger, and what it hands back; light, so that the web needs no models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.ledger.answers import Body
from service.store.records import Outcome
from triage.records import Context


@dataclass(frozen=True, slots=True)
class Order:
    """A ticket as it came in; `body_hash` tells two bodies apart, `size` is in bytes."""

    ticket_id: str
    text: str
    context: Context
    body_hash: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a ticket that was sent: its outcome, and unless in conflict, the ticket."""

    outcome: Outcome
    body: Body | None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a ticket, as it came in.

    Attributes
    ----------
    kind : str
    data : mapping
        As the kind has it; free text in it is masked before it is kept.
    at : datetime or None
        When it happened; None is now.
    text : str or None
        What the customer wrote, as submitted.
    key : str or None
        The same call again finds what the first one recorded.
    body_hash : str or None
        Tells two bodies with one key apart.
    """

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    text: str | None = None
    key: str | None = None
    body_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The number of an event, the ticket as it stands after it, and whether the event is new."""

    event_id: int
    body: Body
    new: bool
    raised_to: str | None = None
