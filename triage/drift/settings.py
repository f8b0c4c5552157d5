"""When drift is looked for and when it rings: `data/drift.yaml`."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path

from triage.config import data_dir, read_yaml
from triage.errors import ConfigError
from triage.surge.settings import PhraseRule, load_settings

_DAYS_A_YEAR = 365
# Words, characters, lines, channels, risk, confidence, length.
_VIEWS = 7


@dataclass(frozen=True, slots=True)
class DriftSettings:
    """All of `data/drift.yaml`, as it says there."""

    recent_days: int
    recent_most_days: int
    reference_days: int
    reference_most: int
    every_days: int
    false_a_year: float
    permutations: int
    least_tickets: int
    phrase_days: int
    phrase_least: int

    def level(self, views: int = _VIEWS) -> float:
        """Give the p below which one of so many views rings."""
        return alarm_level(
            false_a_year=self.false_a_year,
            checks_a_year=_DAYS_A_YEAR / self.every_days,
            views=views,
        )

    def span(self, age: timedelta | None) -> int:
        """Give how many days are recent: as few as hold `least_tickets`, within both limits.

        How many tickets came in chooses it, never what they say, so that cuts at random over the
        same numbers still tell what chance does.

        Parameters
        ----------
        age : timedelta, optional
            Of the last of the `least_tickets` newest tickets; None where there are not so many.
        """
        if age is None:
            return self.recent_most_days
        days = math.ceil(age / timedelta(days=1))
        return min(max(days, self.recent_days), self.recent_most_days)

    @property
    def phrase_level(self) -> float:
        """Give the p below which a phrase is offered, searched for every day."""
        return self.false_a_year / _DAYS_A_YEAR

    def phrase_rule(self) -> PhraseRule:
        """Give what a phrase is: as for surges, however common it has become."""
        rule = load_settings().phrases
        return replace(rule, least_count=self.phrase_least, most_share=1.0)


def load_drift(path: Path | None = None) -> DriftSettings:
    """Read and check a file (default `data/drift.yaml`).

    Raises
    ------
    ConfigError
        On a missing, unknown or impossible value, or where the permutations are too few to
        tell so small a chance that anything could ring.
    """
    path = path or data_dir() / "drift.yaml"
    raw = read_yaml(path)
    names = {field.name for field in fields(DriftSettings)}
    if odd := sorted(names ^ set(raw)):
        raise ConfigError(f"{path.name}: missing or unknown: {', '.join(odd)}")
    if wrong := [name for name, value in raw.items() if not _positive(name, value)]:
        raise ConfigError(f"{path.name}: {', '.join(sorted(wrong))} must be a number above 0")
    found = DriftSettings(**raw)
    if found.recent_most_days < found.recent_days:
        raise ConfigError(f"{path.name}: recent_most_days must be recent_days or more")
    if found.level() * (found.permutations + 1) < 1:
        raise ConfigError(
            f"{path.name}: {found.permutations} permutations cannot ring so seldom",
            cure="more permutations, or more false alarms a year",
        )
    return found


def _positive(name: str, value: object) -> bool:
    kinds = (int, float) if name == "false_a_year" else (int,)
    return isinstance(value, kinds) and not isinstance(value, bool) and value > 0


def alarm_level(*, false_a_year: float, checks_a_year: float, views: int) -> float:
    """Give the p below which a view rings, so that chance rings so often a year.

    Checks that share tickets ring together, so this errs on the quiet side.
    """
    return false_a_year / (checks_a_year * views)
