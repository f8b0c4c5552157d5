"""Records of the service itself: who acts, keys, webhooks and what they were sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.store.records import Facts


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: the id and role of a key, or a part of the service; and the request."""

    who: str
    role: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Who did what, when."""

    id: int
    at: datetime
    who: str
    role: str
    what: str
    ticket_id: str | None
    request_id: str | None
    data: Facts


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """A look at narratives as submitted, a purge, an erasure or a change of the key."""

    id: int
    at: datetime
    act: str
    ticket_id: str | None
    who: str
    role: str
    why: str
    request_id: str | None
    narratives: int


class Role(StrEnum):
    """What a key may do."""

    INTAKE = "intake"
    REVIEWER = "reviewer"
    SCIENTIST = "scientist"
    ADMIN = "admin"


DESK_ROLES = (Role.REVIEWER, Role.SCIENTIST, Role.ADMIN)
"""Roles that open the review desk."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as it is kept: hashes, never the key. `old_sha256` is good until `old_until`."""

    ident: str
    role: Role
    sha256: str
    created_at: datetime
    label: str = ""
    revoked_at: datetime | None = None
    old_sha256: str | None = None
    old_until: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebhookRecord:
    """An address that is told of events of these kinds; `secret` is encrypted."""

    id: int
    url: str
    label: str
    kinds: tuple[str, ...]
    secret: bytes
    created_at: datetime
    stopped_at: datetime | None


class DeliveryState(StrEnum):
    """What became of a message to a webhook."""

    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """A message to a webhook."""

    id: int
    webhook_id: int
    message_id: str
    kind: str
    ticket_id: str | None
    payload: Facts
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_try_at: datetime
    sent_at: datetime | None
    last_error: str | None
