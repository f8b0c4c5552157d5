"""Settings of the service: the environment, prefix `JIESU_` (docs/settings.md)."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from service.access.oidc_settings import OidcSettings
from triage import config
from triage.errors import ConfigError

_SECRET_CHARS = 32
_FERNET = re.compile(r"[A-Za-z0-9_-]{43}=", re.ASCII)


class Settings(OidcSettings):
    """What an operator may change without touching code.

    Every field has a row in docs/settings.md; a test compares the two.
    """

    model_config = SettingsConfigDict(env_prefix="JIESU_", frozen=True, extra="ignore")

    host: str = Field(default="127.0.0.1", description="Address the service listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the service listens on")
    workers: int = Field(default=1, ge=1, le=64, description="Server processes")
    home: Path = Field(
        default_factory=config.home_dir,
        description="Folder for what running writes: database, secret, tracking store",
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="Database: `sqlite:////folder/jiesu.db` or"
        " `postgresql+psycopg://user:password@host/name`; empty means SQLite, `jiesu.db` in"
        " `JIESU_HOME`",
    )
    secret: SecretStr = Field(
        default=SecretStr(""),
        description="Key of the hashes that stand for customers, and of the secrets of webhooks;"
        " empty means `secret.key` in `JIESU_HOME`, made at the first start",
    )
    keep_raw: bool = Field(
        default=False,
        description="Whether narratives are also kept as submitted, encrypted by `JIESU_RAW_KEYS`",
    )
    raw_keys: SecretStr = Field(
        default=SecretStr(""),
        validate_default=True,
        description="Fernet keys, separated by commas; the first encrypts, all decrypt",
    )
    raw_days: int = Field(
        default=90, ge=1, le=3650, description="Days for which narratives are kept as submitted"
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
    complaints_max: int = Field(
        default=1_000, ge=1, description="Most complaints in one call of intake"
    )
    batch_bytes_max: int = Field(
        default=8_388_608, ge=1, description="Largest body of a batch of complaints, in bytes"
    )
    body_bytes_max: int = Field(
        default=1_048_576, ge=1, description="Largest request body, in bytes"
    )
    body_timeout_s: float = Field(
        default=30.0, gt=0, description="Seconds a caller may take to send a body"
    )
    inline_bytes_max: int = Field(
        default=2_500,
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
        description="Seconds after which a process takes up what another changed: the model to"
        " serve, keys",
    )
    watch: bool = Field(
        default=True,
        description="Whether this process reminds of duties, assesses open tickets again, and"
        " sends webhooks",
    )
    watch_s: float = Field(
        default=10.0, ge=0.1, le=3600, description="Seconds between two rounds of that"
    )
    webhook_private: bool = Field(
        default=False,
        description="Whether webhooks may lead to private networks and to this machine",
    )
    rate_per_minute: int = Field(
        default=60_000,
        ge=0,
        description="Most calls of one key in a minute, in each process; 0 is without end",
    )
    request_timeout_s: float = Field(
        default=120.0, gt=0, description="Seconds after which a call that has no answer is refused"
    )
    metrics_open_on_loopback: bool = Field(
        default=True, description="Whether `/metrics` needs no key when asked from this machine"
    )
    demo: bool = Field(
        default=True, description="Whether `make run` loads a simulated year into an empty ledger"
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Least important log lines kept: DEBUG, INFO, WARNING or ERROR",
    )

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < _SECRET_CHARS:
            raise ValueError(f"it must have at least {_SECRET_CHARS} characters")
        return value

    @field_validator("raw_keys")
    @classmethod
    def _usable(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        keys = value.get_secret_value()
        if info.data.get("keep_raw") and not keys.strip():
            raise ValueError("JIESU_KEEP_RAW needs a key (`jiesu db new-key` prints one)")
        if not all(_FERNET.fullmatch(key.strip()) for key in keys.split(",") if keys):
            raise ValueError("each must be 32 bytes in URL-safe base64 (`jiesu db new-key`)")
        return value


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
