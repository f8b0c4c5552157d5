"""What is handed to the ledger, and what it hands back; light, so that the web needs no models."""

from __future__ import annotations

from dataclasses import dataclass

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
