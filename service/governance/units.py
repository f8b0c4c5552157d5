"""Who stands under whom: the bank's own tree of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from triage.errors import ConfigError

_CURE = "under `units` write each unit once, in the list of the one that it stands under"


@dataclass(frozen=True)
class Units:
    """Units by the one above them; the first level is of those that nothing is above."""

    above: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Say whether there is a tree at all."""
        return bool(self.above)

    @cached_property
    def paths(self) -> dict[str, tuple[str, ...]]:
        """Every unit with those above it, the highest in front, itself last."""
        return {name: self._path(name) for name in {*self.above, *self.above.values()}}

    @cached_property
    def levels(self) -> int:
        """How many levels there are."""
        return max(map(len, self.paths.values()), default=0)

    def at(self, unit: str | None, level: int) -> str | None:
        """Give the unit of a level that a unit is or stands under; None if there is none."""
        path = self.paths.get(unit or "", ())
        return path[level - 1] if len(path) >= level else None

    def _path(self, name: str) -> tuple[str, ...]:
        found = [name]
        while (upper := self.above.get(found[-1])) is not None:
            found.append(upper)
        return tuple(reversed(found))


def units_of(raw: Any) -> Units:
    """Read `units` of the settings: lists of units by the unit that they stand under.

    Raises
    ------
    ConfigError
        When it is no such mapping, a unit stands under two, or units stand in a circle.
    """
    if not isinstance(raw or {}, Mapping):
        raise _refused("a mapping of units to lists of units is meant")
    above: dict[str, str] = {}
    for upper, lower in (raw or {}).items():
        if not isinstance(lower, list):
            raise _refused(f"{upper}: a list of units is meant")
        for name in (upper, *lower):
            if not (isinstance(name, str) and name.strip()):
                raise _refused(f"{name!r} is no name of a unit; write it in quotes")
        for name in lower:
            if name in above:
                raise _refused(f"{name} stands under {above[name]} and under {upper}")
            above[name] = upper
    _round(above)
    return Units(above)


def _round(above: Mapping[str, str]) -> None:
    for name in above:
        path = [name]
        while (upper := above.get(path[-1])) is not None:
            if upper in path:
                raise _refused(f"{' under '.join([*path, upper])}: a circle")
            path.append(upper)


def _refused(told: str) -> ConfigError:
    return ConfigError(f"governance.yaml: units: {told}", cure=_CURE)
