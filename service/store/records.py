"""What the store takes and gives: frozen records; moments come out of it in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from triage.records import Context

Facts = Mapping[str, Any]
SETTLED = ("closed", "withdrawn")  # states in which nothing more is to be done


class Outcome(StrEnum):
    """What became of a thing with an identifier of the caller's."""

    NEW = "new"
    STORED = "stored"  # the same was stored before
    CONFLICT = "conflict"  # another thing has this identifier


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ticket stands: `probability` is that of the line, `risk` that of escalation."""

    state: str
    nature: str | None = None
    line: str | None = None
    subline: str | None = None
    abstained: bool = False
    probability: float | None = None
    band: str | None = None
    risk: float | None = None
    owner_level: str | None = None
    owner_unit: str | None = None
    barred: bool | None = None
    next_action: str | None = None
    next_due: datetime | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """A ticket to be stored. `context.customer_key` is left out: `customer_ref` stands for it.

    `body_hash` tells two bodies apart; `sketch` and `bands` are what repeats are found by.
    """

    ticket_id: str
    body_hash: str
    masked_text: str
    received_at: datetime
    standing: Standing
    context: Context = field(default_factory=Context)
    customer_ref: str | None = None
    sketch: bytes | None = None
    bands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """The outcome of storing, and the number of what is stored under the identifier."""

    outcome: Outcome
    id: int


@dataclass(frozen=True, slots=True)
class ComplaintRecord:
    """A ticket of the ledger. `version` is what `stand` takes to notice changes of others."""

    id: int
    ticket_id: str
    masked_text: str
    received_at: datetime
    created_at: datetime
    updated_at: datetime
    customer_ref: str | None
    erased_at: datetime | None
    version: int
    context: Context
    standing: Standing


@dataclass(frozen=True, slots=True)
class Filters:
    """Which tickets; None does not choose. `received_to` itself is left out."""

    line: str | None = None
    band: str | None = None
    unit: str | None = None
    owner_unit: str | None = None
    owner_level: str | None = None
    channel: str | None = None
    state: str | None = None
    customer_ref: str | None = None
    overdue_at: datetime | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Tickets, newest first, and the cursor of the next page if there is one."""

    items: list[ComplaintRecord]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class NewDecision:
    """An assessment, its `reason` (intake, message, time, manual) and what it was made from.

    `through_event` is the last event whose text was read; `terms_version` is the digest of all
    that decides how text is read.
    """

    complaint_id: int
    at: datetime
    reason: str
    model_version: str
    policy_version: str
    taxonomy_version: str
    terms_version: str
    rules_version: str
    context: Facts
    answer: Facts
    history: Facts = field(default_factory=dict)
    ruling: Facts = field(default_factory=dict)
    through_event: int | None = None


@dataclass(frozen=True, slots=True)
class Decision(NewDecision):
    """A decision record as it is kept."""

    id: int = 0


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened to a ticket. `text` is masked; `key` makes a repeated call find the first."""

    kind: str
    at: datetime
    actor: str
    text: str | None = None
    data: Facts = field(default_factory=dict)
    key: str | None = None
    body_hash: str | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event as it is kept."""

    id: int
    complaint_id: int
    kind: str
    at: datetime
    created_at: datetime
    actor: str
    text: str | None
    data: Facts
    key: str | None


class DutyState(StrEnum):
    """What became of a duty."""

    OPEN = "open"
    MET = "met"
    ATTEMPTED = "attempted"
    MISSED = "missed"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class NewDuty:
    """A duty that a rule (by its id) demands; at `alarms` somebody is told before the end."""

    code: str
    rule: str
    basis: str
    due_at: datetime | None
    alarms: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyRecord:
    """A duty as it is kept; `nudged` holds the levels at which somebody was reminded."""

    id: int
    complaint_id: int
    ticket_id: str
    code: str
    rule: str
    basis: str
    opened_at: datetime
    due_at: datetime | None
    state: DutyState
    met_at: datetime | None
    nudged: tuple[str, ...]
    alarms: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier ticket that may be about the same; `shared` bands of the sketch are equal."""

    id: int
    ticket_id: str
    received_at: datetime
    customer_ref: str | None
    product: str | None
    line: str | None
    amount_cny: float | None
    masked_text: str
    sketch: bytes | None
    shared: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """Two tickets that are the same matter (`customer`) or the same words (`template`)."""

    complaint_id: int
    other_id: int
    ticket_id: str
    other_ticket_id: str
    kind: str
    score: float
    at: datetime
