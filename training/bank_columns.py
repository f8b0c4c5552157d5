"""Which column of a bank's file means what, and which of its words mean which label."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from triage.config import read_yaml
from triage.errors import ConfigError, InvalidInput
from triage.taxonomy import Label, Taxonomy, join_leaf, split_leaf
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

_BETWEEN = re.compile(r"\s*[./>›·\-－—/]\s*")
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


class Labels:
    """Reads labels written as codes, as Chinese or English names, or in the bank's own words.

    Parameters
    ----------
    taxonomy : Taxonomy
    words : mapping of str to str
        The bank's own word -> code or name.
    """

    def __init__(self, taxonomy: Taxonomy, words: Mapping[str, str]) -> None:
        self.taxonomy = taxonomy
        self._words = words
        self._lines = _names(taxonomy.lines)
        self._natures = _names(taxonomy.natures)
        self._signals = _names(taxonomy.signals)
        self._sublines = {line.code: _names(line.sublines) for line in taxonomy.lines}
        self._children = _only_once(self._sublines)

    def leaf(self, line: Any, subline: Any) -> tuple[str, str | None]:
        """Read a line and its subline; the line may carry the subline, or be its name.

        Codes of an older taxonomy, as in a ledger's export, mean what follows them.

        Raises
        ------
        InvalidInput
            Naming what is not in the taxonomy.
        """
        said, below = self._word(line), None if subline is None else self._word(subline)
        with suppress(InvalidInput):  # a name, or nothing that is known
            said, below = split_leaf(self.taxonomy.today(join_leaf(said, below)) or said)
        if _key(said) in self._lines:
            code = self._lines[_key(said)]
            return code, self._subline(code, below)
        if _key(said) in self._children:
            return self._children[_key(said)]
        head, *rest = _BETWEEN.split(said, maxsplit=1)
        if rest and _key(head) in self._lines:
            code = self._lines[_key(head)]
            return code, self._subline(code, rest[0])
        raise InvalidInput(f"unknown line {_shown(said)}")

    def complete(self, line: str, subline: str | None) -> bool:
        """Whether a label reaches down to a leaf."""
        return join_leaf(line, subline) in self.taxonomy.leaves

    def below(self, line: str) -> list[str]:
        """Name the sublines of a line, by code and Chinese name."""
        found = next(known for known in self.taxonomy.lines if known.code == line)
        return [f"{label.code} {label.zh}" for label in found.sublines]

    def line(self, value: Any) -> str:
        """Read a line alone."""
        return self.leaf(value, None)[0]

    def nature(self, value: Any) -> str:
        """Read a nature."""
        return self._one(self._natures, value, "nature")

    def signal(self, value: Any) -> str:
        """Read a signal; an object with a `code` counts too."""
        return self._one(
            self._signals, value.get("code") if isinstance(value, dict) else value, "signal"
        )

    def _subline(self, line: str, below: str | None) -> str | None:
        if below is None:
            return None
        # `fraud.scam_transfer` in the column of sublines is as clear as `scam_transfer`.
        for said in (below, _BETWEEN.split(below)[-1]):
            if _key(said) in self._sublines[line]:
                return self._sublines[line][_key(said)]
        raise InvalidInput(f"line {line} has no subline {_shown(below)}")

    def _one(self, known: Mapping[str, str], value: Any, what: str) -> str:
        said = self._word(value)
        if _key(said) not in known:
            raise InvalidInput(f"unknown {what} {_shown(said)}")
        return known[_key(said)]

    def _word(self, value: Any) -> str:
        said = str(value).strip()
        return self._words.get(said, said)


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
    raise InvalidInput(f"{_shown(said)} is neither yes nor no")


def _shown(said: str) -> str:
    """Quote a short value; a long one is a narrative in the wrong column."""
    return repr(said) if len(said) <= _LONGEST_LABEL else f"of {len(said)} characters"


def _names(labels: Sequence[Label]) -> dict[str, str]:
    return {_key(name): label.code for label in labels for name in (label.code, label.zh, label.en)}


def _only_once(sublines: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, str | None]]:
    """Names of sublines that occur under one line only, so that they name the line too."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for line, names in sublines.items():
        for name, code in names.items():
            found.setdefault(name, []).append((line, code))
    return {name: places[0] for name, places in found.items() if len(places) == 1}


def _key(name: str) -> str:
    return name.strip().casefold()
