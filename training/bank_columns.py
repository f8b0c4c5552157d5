"""Which column of a bank's file means what, and how its cells are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from triage.config import read_yaml
from triage.errors import ConfigError, InvalidInput
from triage.wire import CONTEXT_FIELDS

FIELDS = (
    "id",
    "text",
    "line",
    "subline",
    "secondary",
    "nature",
    "signals",
    "signals_arguable",
    "register",
    "group",
    "escalated_30d",
    *CONTEXT_FIELDS,
)

_YES = frozenset({"true", "1", "yes", "y", "t", "是", "有"})
_NO = frozenset({"false", "0", "no", "n", "f", "否", "无"})
_LONGEST_LABEL = 24
_CHINA = timezone(timedelta(hours=8))
_MOMENT = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
    r"(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.][0-9]+)?)?)?"
)
_MANY = re.compile(r"[,;、，；|]")


@dataclass(frozen=True, slots=True)
class Columns:
    """How a file names things.

    Attributes
    ----------
    columns : mapping of field to column
        Fields that are not named are looked for under their own name.
    labels : mapping of the bank's word to a code or name of the taxonomy, or to a channel
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def pick(self, values: Mapping[str, Any], name: str) -> Any:
        """Give a field of a record; None when it is missing or empty."""
        value = values.get(self.columns.get(name, name))
        if isinstance(value, str):
            value = value.strip()
        # Not-a-number is how tables write an empty cell.
        return None if value in ("", None) or value != value else value  # noqa: PLR0124


def parse_mapping(given: str | None) -> Columns:
    """Read `text=内容,line=业务线`, or a YAML file with `columns:` and `labels:`.

    Raises
    ------
    ConfigError
        Naming the field that does not exist.
    """
    if not given:
        return Columns()
    if given.lower().endswith((".yaml", ".yml")):
        raw = read_yaml(Path(given))
        columns, labels = raw.get("columns", {}), raw.get("labels", {})
    else:
        pairs = [part.partition("=") for part in given.split(",") if part.strip()]
        columns, labels = {name.strip(): column.strip() for name, _, column in pairs}, {}
    unknown = [name for name in columns if name not in FIELDS]
    if unknown or not all(columns.values()):
        raise ConfigError(
            f"--map: {', '.join(unknown) or given!r} is no field=column",
            cure=f"fields are {', '.join(FIELDS)}",
        )
    return Columns(columns, {str(word): str(label) for word, label in labels.items()})


def several(value: Any) -> list[Any]:
    """Read a list, or a cell with several values."""
    if value is None:
        return []
    if isinstance(value, str):
        parts = [part.strip(" '\"") for part in _MANY.split(value.strip("[]"))]
        return [part for part in parts if part]
    return list(value) if isinstance(value, list | tuple) else [value]


def local_time(value: Any) -> datetime:
    """Read a moment; one without a zone is in Chinese time.

    Raises
    ------
    InvalidInput
        When it is no moment.
    """
    if isinstance(value, datetime):
        moment = value
    else:
        written = _MOMENT.fullmatch(str(value).strip())
        try:
            if written:
                moment = datetime(*map(int, written.groups(default="0")))  # type: ignore[arg-type]
            else:
                moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise InvalidInput("received_at is no date and time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=_CHINA)


def flag(value: Any) -> bool | None:
    """Read yes or no; None stays None.

    Raises
    ------
    InvalidInput
        When it is neither.
    """
    if value is None or isinstance(value, bool):
        return value
    said = str(value).strip().lower().removesuffix(".0")
    if said in _YES:
        return True
    if said in _NO:
        return False
    raise InvalidInput(f"{shown(said)} is neither yes nor no")


def shown(said: str) -> str:
    """Quote a short value; a long one is a narrative in the wrong column."""
    return repr(said) if len(said) <= _LONGEST_LABEL else f"of {len(said)} characters"
