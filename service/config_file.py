"""Configuration of the service under `data/`, checked by a pydantic model."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from triage.config import data_dir, read_yaml
from triage.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


def load_file(model: type[M], name: str, folder: Path | None = None) -> M:
    """Read a YAML file of the data folder.

    Raises
    ------
    ConfigError
        When it is missing or a value cannot be used; names the place.
    """
    raw = read_yaml((folder or data_dir()) / name)
    try:
        return model.model_validate(raw)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{name}: {where}: {first['msg']}", cure="correct the file") from exc
