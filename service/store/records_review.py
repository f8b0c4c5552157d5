"""Records of the review: whose turn a ticket is, what was said of it, who is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from service.store.records import ComplaintRecord, Facts


class ReviewState(StrEnum):
    """How a ticket stands in review; one without a row waits."""

    WAITING = "waiting"
    SECOND = "second"  # somebody else is to read it too
    SPLIT = "split"  # two readers differ: somebody settles it, who sees what both said
    DONE = "done"


class Sort(StrEnum):
    """What a queue is ordered by."""

    URGENCY = "urgency"
    RISK = "risk"
    DUE = "due"
    UNCERTAIN = "uncertain"
    DISAGREEMENT = "disagreement"
    OLDEST = "oldest"


ASKED = (ReviewState.SECOND, ReviewState.SPLIT)
"""States in which a reader asks for another."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Points of the urgency of a ticket; `risk` is multiplied by the probability."""

    life: int
    overdue: int
    due_soon: int
    risk: int
    repeat: int
    second: int
    split: int
    audit: int
    soon: timedelta


@dataclass(frozen=True, slots=True)
class ReviewFilters:
    """Which tickets of the queue; None does not choose."""

    band: str | None = None
    line: str | None = None
    owner_unit: str | None = None
    channel: str | None = None
    overdue: bool | None = None
    life: bool | None = None
    state: ReviewState | None = None
    claimed: str | None = None  # "mine", "free" or "others"
    top: int | None = None  # the riskiest so many a day
    least_risk: float | None = None  # the same as a risk; life signals and second readings stay


@dataclass(frozen=True, slots=True)
class Asked:
    """A look at the queue: by whom, at what moment, in which order."""

    who: str
    now: datetime
    weights: Weights
    sort: Sort = Sort.URGENCY
    filters: ReviewFilters = field(default_factory=ReviewFilters)


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """How one ticket stands in review; a claim counts until `claimed_until`."""

    complaint_id: int
    state: ReviewState = ReviewState.WAITING
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    last_who: str | None = None
    reviewed_at: datetime | None = None

    def holder(self, now: datetime) -> str | None:
        """Give who holds the ticket at a moment."""
        held = self.claimed_until is not None and now < self.claimed_until
        return self.claimed_by if held else None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A ticket that waits for a person, its points, how it stands in review, whether chance
    sent it there."""

    complaint: ComplaintRecord
    points: int
    review: ReviewRecord
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Tickets in the order of the queue, and the cursor of the next page if there is one."""

    items: list[QueueItem]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """What a reviewer says of an assessment.

    `kind` is confirm, correct, not_complaint or unsure; `second` asks for another reader; one that
    was taken back has `undone_at`.
    """

    complaint_id: int
    assessment_id: int
    at: datetime
    who: str
    agrees: bool
    corrections: Facts = field(default_factory=dict)
    note: str | None = None
    kind: str = "confirm"
    second: bool = False
    undone_at: datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class LoginRecord:
    """Somebody who is signed in: the hash of the session, and the key that opened it."""

    sha256: str
    ident: str
    created_at: datetime
    seen_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class UserRecord:
    """An account: what is kept of its password, and the key that it acts as."""

    name: str
    ident: str
    password: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """Somebody of a provider: the hash of who says so and of whom, and the key he acts as."""

    digest: str
    ident: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """A look at the queue under a name; `query` is its address without what stands before `?`."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody set for himself.

    Attributes
    ----------
    keys : mapping of str to str
        The usual key of an act, and the one that does it here.
    views : tuple of View
    goal : int or None
        Reviews a day.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    views: tuple[View, ...] = ()
    goal: int | None = None
