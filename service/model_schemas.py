"""Shapes of what is told of the serving model."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class CalibrationOut(BaseModel):
    """The correction of a model for one bank."""

    version: str = Field(description="Digest of its file: `calibration_version` of answers")
    coverage: float | None = Field(description="What `line_set` promises; null without sets")


class ModelOut(BaseModel):
    """What is serving and how it was judged."""

    model_config = ConfigDict(protected_namespaces=())

    version: str
    trained_at: str | None
    loaded_at: str
    taxonomy_version: str | None
    calibration: CalibrationOut | None = Field(
        default=None, description="What `jiesu calibrate` wrote for the model; null without any"
    )
    metrics: dict[str, Any] | None = Field(description="metrics.json of the model")
    card: str | None = Field(description="The model card, Markdown")
    last_refusal: str | None = Field(description="Why the last reload was refused, if it was")
