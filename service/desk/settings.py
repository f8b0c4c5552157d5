"""How the desk orders and how long things last: `data/desk.yaml`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from service.config_file import load_file
from service.store.records_review import Sort, Weights

FILE = "desk.yaml"
_MOST_POINTS = 1_000_000


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Order(_Part):
    """Points of urgency; `risk` is multiplied by the probability."""

    life: int = Field(ge=0, le=_MOST_POINTS)
    overdue: int = Field(ge=0, le=_MOST_POINTS)
    due_soon: int = Field(ge=0, le=_MOST_POINTS)
    risk: int = Field(ge=0, le=_MOST_POINTS)
    repeat: int = Field(ge=0, le=_MOST_POINTS)
    second: int = Field(ge=0, le=_MOST_POINTS)
    split: int = Field(ge=0, le=_MOST_POINTS)
    audit: int = Field(ge=0, le=_MOST_POINTS)


class Session(_Part):
    """How long somebody stays signed in."""

    hours: float = Field(gt=0, le=24)
    idle_minutes: float = Field(gt=0)


class Lockout(_Part):
    """After how many failures nobody signs in from a place, or to an account, and for how long."""

    tries: int = Field(ge=1)
    account_tries: int = Field(ge=1)
    minutes: float = Field(gt=0)


class Desk(_Part):
    """All of it."""

    version: str
    order: Order
    sort: Sort
    due_soon_hours: float = Field(gt=0)
    claim_minutes: float = Field(gt=0)
    undo_minutes: float = Field(gt=0)
    page: int = Field(ge=1, le=200)
    refresh_s: int = Field(ge=1)
    second_share: float = Field(ge=0, le=1)
    pause_minutes: float = Field(gt=0)
    session: Session
    lockout: Lockout

    @property
    def weights(self) -> Weights:
        """The points, as the store takes them."""
        return Weights(**self.order.model_dump(), soon=timedelta(hours=self.due_soon_hours))

    @property
    def claim(self) -> timedelta:
        """How long a claim lasts."""
        return timedelta(minutes=self.claim_minutes)

    @property
    def undo(self) -> timedelta:
        """How long a verdict can be taken back."""
        return timedelta(minutes=self.undo_minutes)


def load_desk(folder: Path | None = None) -> Desk:
    """Read the file.

    Raises
    ------
    ConfigError
        When it is missing or a value cannot be used.
    """
    return load_file(Desk, FILE, folder)
