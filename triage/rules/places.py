"""Values of a YAML file that know their line, so that a refusal can name it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import yaml

from triage.config import compose_yaml
from triage.errors import ConfigError

_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A value, and where it stands: a mapping or a list holds places."""

    value: Any
    file: str
    line: int

    def fail(self, problem: str, *, cure: str = "") -> NoReturn:
        """Refuse the value.

        Raises
        ------
        ConfigError
            Naming file and line.
        """
        raise ConfigError(f"{self.file}:{self.line}: {problem}", cure=cure or "mend that line")

    def mapping(
        self, allowed: Collection[str] | None = None, *, needed: Collection[str] = ()
    ) -> dict[str, Place]:
        """Give the entries of a mapping whose keys are all allowed and none is missing."""
        if not isinstance(self.value, dict):
            self.fail("a mapping is meant")
        for key, place in self.value.items():
            if allowed is not None and key not in allowed:
                place.fail(f"unknown key {key!r}", cure=f"known: {', '.join(sorted(allowed))}")
        if missing := [key for key in needed if key not in self.value]:
            self.fail(f"missing {', '.join(missing)}")
        return dict(self.value)

    def items(self) -> list[Place]:
        """Give the entries of a list; a single value is a list of one."""
        return list(self.value) if isinstance(self.value, list) else [self]

    def text(self) -> str:
        """Give a text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail("a text is meant")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """Give a list of texts."""
        return tuple(item.text() for item in self.items())

    def one_of(self, allowed: Collection[str], what: str) -> str:
        """Give a text that is one of those allowed."""
        if not isinstance(self.value, str) or self.value not in allowed:
            self.fail(f"unknown {what} {self._shown()}", cure=f"known: {', '.join(allowed)}")
        return self.value

    def number(self, low: float = 0, high: float = float("inf")) -> float:
        """Give a number within bounds."""
        number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if not number or not low <= self.value <= high:
            self.fail(f"a number from {low:g} to {high:g} is meant")
        return float(self.value)

    def flag(self) -> bool:
        """Give true or false."""
        if not isinstance(self.value, bool):
            self.fail("true or false is meant")
        return self.value

    def day(self) -> date:
        """Give a date."""
        if type(self.value) is not date:
            self.fail("a date as 2026-11-28 is meant")
        return self.value

    def _shown(self) -> str:
        return repr(self.value) if isinstance(self.value, str | int | float) else "value"


def read_places(path: Path) -> Place:
    """Read a YAML file.

    Raises
    ------
    ConfigError
        When it cannot be read, is not YAML, or a key stands twice in one mapping.
    """
    # Nodes are turned into values by one constructor; it reads no stream of its own.
    return _place(compose_yaml(path), path.name, yaml.SafeLoader(""), 0)


def _place(node: yaml.Node, file: str, loader: yaml.SafeLoader, depth: int) -> Place:
    line = node.start_mark.line + 1
    if depth > _DEEPEST:
        Place(None, file, line).fail("nested too deeply")
    if isinstance(node, yaml.MappingNode):
        entries: dict[str, Place] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in entries:
                Place(None, file, key_node.start_mark.line + 1).fail(f"{key!r} stands twice")
            entries[key] = _place(value_node, file, loader, depth + 1)
        return Place(entries, file, line)
    if isinstance(node, yaml.SequenceNode):
        return Place([_place(item, file, loader, depth + 1) for item in node.value], file, line)
    try:
        return Place(loader.construct_object(node), file, line)
    except (yaml.YAMLError, ValueError):
        Place(None, file, line).fail("this value cannot be read")
