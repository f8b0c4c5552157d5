"""Settings of the service: the environment, prefix `JIESU_` (docs/settings.md)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from triage import config
from triage.errors import ConfigError


class Settings(BaseSettings):
    """What an operator may change without touching code.

    Every field has a row in docs/settings.md; a test compares the two.
    """

    model_config = SettingsConfigDict(env_prefix="JIESU_", frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address the service listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the service listens on")
    workers: int = Field(default=1, ge=1, le=64, description="Server processes")
    home: Path = Field(
        default_factory=config.home_dir,
        description="Folder for what running writes: keys, tracking store",
    )
    models: Path = Field(default_factory=config.models_dir, description="Folder of exported models")
    data: Path = Field(
        default_factory=config.data_dir, description="Folder of corpora and configuration"
    )
    model: str = Field(
        default="",
        description="Model to serve: a folder, a version in `JIESU_MODELS`, or"
        " `models:/name@alias`; empty means the version that `CHAMPION` names",
    )
    narrative_chars_max: int = Field(
        default=20_000, ge=1, description="Longest narrative, in characters"
    )
    narratives_max: int = Field(default=256, ge=1, description="Most narratives in one call")
    body_bytes_max: int = Field(
        default=1_048_576, ge=1, description="Largest request body, in bytes"
    )
    body_timeout_s: float = Field(
        default=30.0, gt=0, description="Seconds a caller may take to send a body"
    )
    inline_bytes_max: int = Field(
        default=1_000,
        ge=0,
        description="A body with one narrative and at most this many bytes is assessed at once;"
        " anything larger, and every batch, goes to a worker thread",
    )
    heavy_threads: int = Field(
        default=2, ge=1, description="Worker threads for long narratives, batches"
    )
    follow_s: float = Field(
        default=1.0,
        gt=0,
        description="With several processes: seconds between looks for a reload asked of another",
    )
    metrics_open_on_loopback: bool = Field(
        default=True, description="Whether `/metrics` needs no key when asked from this machine"
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Least important log lines kept: DEBUG, INFO, WARNING or ERROR",
    )


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    ConfigError
        Naming the variable that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        name = "JIESU_" + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(
            f"{name} cannot be used: {first['msg']}", cure="see docs/settings.md"
        ) from exc
