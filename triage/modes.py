"""How far the answer for each line may go: the field modes of `data/policy.yaml`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from triage.config import data_dir, read_yaml
from triage.errors import ConfigError, InvalidInput
from triage.taxonomy import Taxonomy

FILE = "policy.yaml"
# The flag of an answer that a person is to settle.
SUGGESTED = "suggested"
_SECTION, _DEFAULT, _LINES = "fields", "default", "lines"
_HEX = 8


class Mode(StrEnum):
    """How far the answer for a line may go."""

    AUTO = "auto"  # it stands
    SUGGEST = "suggest"  # it is shown, and a person settles it
    SHADOW = "shadow"  # it is kept in the decision record, and callers see none
    OFF = "off"  # there is none

    @property
    def hidden(self) -> bool:
        """Whether callers see nothing of the line."""
        return self is Mode.SHADOW or self is Mode.OFF


@dataclass(frozen=True, slots=True)
class FieldModes:
    """The mode of each line.

    Attributes
    ----------
    default : Mode
        Of lines that are not named.
    lines : mapping of line to Mode
    """

    default: Mode = Mode.AUTO
    lines: Mapping[str, Mode] = field(default_factory=dict)

    def of(self, line: str) -> Mode:
        """Give the mode of a line."""
        return self.lines.get(line, self.default)

    @property
    def plain(self) -> bool:
        """Whether every answer stands."""
        return {self.default, *self.lines.values()} == {Mode.AUTO}

    @property
    def hides(self) -> bool:
        """Whether callers see nothing of some line."""
        return any(mode.hidden for mode in (self.default, *self.lines.values()))

    def stamp(self, version: str) -> str:
        """Give the version of a policy with that of its modes, where not every answer stands."""
        if self.plain:
            return version
        told = [f"{line}={mode}" for line, mode in sorted(self.lines.items())]
        digest = hashlib.sha256("\n".join([self.default, *told]).encode()).hexdigest()
        return f"{version}+{digest[:_HEX]}"


ALL_AUTO = FieldModes()


def load_modes(taxonomy: Taxonomy, path: Path | None = None) -> FieldModes:
    """Read the field modes of a policy file (default `data/policy.yaml`); all `auto` without any.

    Raises
    ------
    ConfigError
        On a mode or a line that is not known, or where what bars an outlet would not be seen.
    """
    path = path or data_dir() / FILE
    raw = read_yaml(path).get(_SECTION, {})
    if not isinstance(raw, dict) or not raw.keys() <= {_DEFAULT, _LINES}:
        raise _wrong(path, f"`{_SECTION}` holds `{_DEFAULT}` and `{_LINES}`, nothing else")
    named = raw.get(_LINES) or {}
    if not isinstance(named, dict):
        raise _wrong(path, f"`{_LINES}` of `{_SECTION}` must be a mapping of lines to modes")
    lines = {line: _mode(path, line, mode) for line, mode in named.items()}
    modes = FieldModes(
        _mode(path, _DEFAULT, raw.get(_DEFAULT, Mode.AUTO)),
        {now: mode for line, mode in lines.items() if (now := _line(path, line, taxonomy))},
    )
    _check_bars(path, modes, taxonomy)
    return modes


def flagged(flags: tuple[str, ...], *, suggested: bool) -> tuple[str, ...]:
    """Give the flags of an answer, with that of a line which a person is to settle."""
    return (*flags, SUGGESTED) if suggested else flags


def _line(path: Path, line: str, taxonomy: Taxonomy) -> str | None:
    """Give the code that a line has now; None where it was dropped."""
    known = taxonomy.line_codes
    try:
        now = taxonomy.today(str(line))
    except InvalidInput:
        now = ""
    if now is not None and now not in known:
        raise _wrong(path, f"there is no line {line!r}; there are {', '.join(known)}")
    return now


def _mode(path: Path, name: str, given: Any) -> Mode:
    # YAML takes a bare `off` for a truth value.
    said = Mode.OFF.value if given is False else given
    if said not in list(Mode):
        raise _wrong(path, f"{name}: mode {given!r}, one of {', '.join(Mode)} is meant")
    return Mode(said)


def _check_bars(path: Path, modes: FieldModes, taxonomy: Taxonomy) -> None:
    """No file lifts the bar of the outlets: what may be such a line bars them, if it is seen."""
    known = taxonomy.line_codes
    unseen = [line for line in taxonomy.barred if line in known and modes.of(line).hidden]
    if unseen and any(modes.of(line) is Mode.AUTO for line in known):
        raise _wrong(
            path,
            f"{', '.join(unseen)}: what may be such a line bars outlets, and would not be seen"
            " while other lines are auto; suggest is the most cautious mode for it",
        )


def _wrong(path: Path, what: str) -> ConfigError:
    return ConfigError(f"{path.name}: {what}", cure="see docs/policy.md")
