"""How verdicts become training rows: `data/feedback.yaml`."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from service.config_file import load_file

FILE = "feedback.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weights(_Part):
    """How much a row may stand for, and which tickets are alike."""

    largest: float = Field(ge=1, le=1_000)
    edges: tuple[float, ...]

    @field_validator("edges")
    @classmethod
    def _rising(cls, edges: tuple[float, ...]) -> tuple[float, ...]:
        if list(edges) != sorted(set(edges)) or not all(0 < edge < 1 for edge in edges):
            raise ValueError("rising shares between 0 and 1 are meant")
        return edges


class Feedback(_Part):
    """All of it."""

    version: str
    audit_share: float = Field(ge=0, le=1)
    weights: Weights
    copies_at_least: float = Field(gt=0, le=1)


def load_feedback(folder: Path | None = None) -> Feedback:
    """Read the file.

    Raises
    ------
    ConfigError
        When it is missing or a value cannot be used.
    """
    return load_file(Feedback, FILE, folder)
