"""Where configuration lies and how it is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from triage.errors import ConfigError

# libyaml's loader is as safe and ten times as fast; not every platform has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ROOT = Path(__file__).resolve().parent.parent


def data_dir() -> Path:
    """Folder of corpora and configuration (`JIESU_DATA`, else `data/` of the checkout)."""
    return _folder(os.environ.get("JIESU_DATA"), "data")


@cache
def _folder(folder: str | None, usual: str) -> Path:
    # Asked for with every narrative: a path knows its hash once it was asked.
    return Path(folder) if folder is not None else ROOT / usual


def models_dir() -> Path:
    """Folder of exported models (`JIESU_MODELS`, else `models/` of the checkout)."""
    return _folder(os.environ.get("JIESU_MODELS"), "models")


def home_dir() -> Path:
    """Folder for what running writes: keys, tracking store (`JIESU_HOME`, else `var/`)."""
    return _folder(os.environ.get("JIESU_HOME"), "var")


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping.

    Raises
    ------
    ConfigError
        When the file is missing, is not YAML (the line is named), or is not a mapping.
    """
    with _named(path):
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - both safe
    if not isinstance(raw, dict):
        raise ConfigError(f"{path.name} must be a mapping")
    return raw


def compose_yaml(path: Path) -> yaml.Node:
    """Read a YAML file as nodes, which know their lines.

    Raises
    ------
    ConfigError
        When the file is missing, empty, or not YAML (the line is named).
    """
    with _named(path):
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    if node is None:
        raise ConfigError(f"{path.name} is empty", cure="restore the file")
    return node


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read", cure="restore the file") from exc
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path.name} is not well-formed YAML{where}") from exc
