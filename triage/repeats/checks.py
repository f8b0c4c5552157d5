"""Values of `data/repeats.yaml`, checked; each refusal names the field."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from triage.errors import ConfigError


def no_other(raw: Mapping[str, Any], known: tuple[str, ...], at: str) -> None:
    """Refuse fields that are not known."""
    if unknown := sorted(map(str, set(raw) - set(known))):
        raise ConfigError(f"{at}: unknown fields {unknown}", cure=f"known: {', '.join(known)}")


def whole(value: Any, at: str) -> int:
    """Take a whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{at} is {value!r}", cure="a whole number from 1 is meant")
    return value


def number(value: Any, at: str) -> float:
    """Take a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ConfigError(f"{at} is {value!r}", cure="a number is meant")
    return float(value)


def share(value: Any, at: str) -> float:
    """Take a share above 0, up to 1."""
    found = number(value, at)
    if not 0.0 < found <= 1.0:
        raise ConfigError(f"{at} is {value!r}", cure="a share above 0, up to 1, is meant")
    return found


def pattern(value: Any, at: str) -> re.Pattern[str]:
    """Take a regular expression."""
    try:
        return re.compile(value)
    except (re.error, TypeError) as exc:
        raise ConfigError(f"{at} is no regular expression: {exc}") from exc
