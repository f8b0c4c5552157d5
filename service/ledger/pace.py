"""How often the ledger is watched, and when somebody is reminded: `data/watch.yaml`."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from service.config_file import load_file

FILE = "watch.yaml"
_Days = Annotated[int, Field(ge=0, le=365)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reassess(_Part):
    """Open tickets are assessed again after some hours, at most so many in one round."""

    hours: float = Field(gt=0)
    at_once: int = Field(ge=1)

    @property
    def after(self) -> timedelta:
        """The time after which a ticket is assessed again."""
        return timedelta(hours=self.hours)


class Purge(_Part):
    """What was kept long enough is removed now and then."""

    every_minutes: float = Field(gt=0)
    keep_sent_days: int = Field(ge=1)


class Tries(_Part):
    """How often a message is sent, and how long a receiver may take."""

    attempts: int = Field(ge=1, le=100)
    first_s: float = Field(gt=0)
    factor: float = Field(ge=1)
    longest_s: float = Field(gt=0)
    jitter: float = Field(ge=0, lt=1)
    timeout_s: float = Field(gt=0, le=30)

    def pause(self, failures: int, chance: float) -> timedelta | None:
        """Give the time before the next try, None when there is none.

        Parameters
        ----------
        failures : int
            How often it was tried.
        chance : float
            In [0, 1): where in the range of the jitter.
        """
        if failures >= self.attempts:
            return None
        plain = min(self.first_s * self.factor ** (failures - 1), self.longest_s)
        return timedelta(seconds=plain * (1 + self.jitter * (2 * chance - 1)))


class Pace(_Part):
    """All of it; `nudges` are days before the day a duty is due, by level.

    Without `alerts_at` nobody looks for surges unasked.
    """

    version: str
    nudges: dict[str, _Days]
    nudge_at: time
    alerts_at: time | None
    reassess: Reassess
    purge: Purge
    webhooks: Tries


def load_pace(folder: Path | None = None) -> Pace:
    """Read the file.

    Raises
    ------
    ConfigError
        When it is missing or a value cannot be used.
    """
    return load_file(Pace, FILE, folder)
