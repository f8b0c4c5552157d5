"""`data/governance.yaml`: what the report calls late, often and worth watching."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from service.governance.surveys import Survey, surveys_of
from service.governance.targets import Target
from service.governance.units import Units, units_of
from triage.config import data_dir, read_yaml
from triage.errors import ConfigError
from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class Watching:
    """From when on a unit is watched; `data/governance.yaml` says what each number is."""

    least: int
    least_cases: int
    growth_p: float
    repeat_share: float
    escalated_share: float


@dataclass(frozen=True, slots=True)
class Settings:
    """All of `data/governance.yaml`."""

    timeliness_days: tuple[int, int, int]
    often_tickets: int
    often_days: int
    watch: Watching
    ranking_least: int
    mediation_lines: tuple[str, ...]
    late_contact_hours: float
    measure_weeks: int
    shown_ids: int
    quoted: int
    topic_least: int
    topic_causes: tuple[str, ...]
    targets: tuple[Target, ...]
    units: Units
    staff_surveys: tuple[Survey, ...]

    def under(self, taxonomy: Taxonomy) -> Settings:
        """Give them with the codes that named lines have now; older tickets keep the old ones."""
        now = [code for line in self.mediation_lines if (code := taxonomy.today(line))]
        return replace(self, mediation_lines=tuple(dict.fromkeys([*self.mediation_lines, *now])))


def load_settings(path: Path | None = None) -> Settings:
    """Read `governance.yaml` (default `data/`).

    Raises
    ------
    ConfigError
        When something is missing or not of its kind, or the units are no tree.
    """
    path = path or data_dir() / "governance.yaml"
    raw: Mapping[str, Any] = read_yaml(path)
    try:
        first, second, third = (int(days) for days in raw["timeliness_days"])
        return Settings(
            timeliness_days=(first, second, third),
            often_tickets=int(raw["often"]["tickets"]),
            often_days=int(raw["often"]["days"]),
            watch=Watching(**raw["watch"]),
            ranking_least=int(raw["ranking"]["least"]),
            mediation_lines=tuple(raw["mediation_lines"]),
            late_contact_hours=float(raw["late_contact_hours"]),
            measure_weeks=int(raw["measure_weeks"]),
            shown_ids=int(raw["shown_ids"]),
            quoted=int(raw["quoted"]),
            topic_least=int(raw["topics"]["least"]),
            topic_causes=tuple(raw["topics"]["causes"]),
            targets=tuple(_target(each) for each in raw["targets"]),
            units=units_of(raw.get("units")),
            staff_surveys=surveys_of(raw.get("staff_surveys")),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise ConfigError(f"{path.name}: {exc!r}", cure="compare it with the shipped one") from exc


def _target(raw: Mapping[str, Any]) -> Target:
    ends = {name: float(raw[name]) for name in ("least", "most") if name in raw}
    if len(ends) != 1:
        raise ValueError("a target is either least or most")
    return Target(str(raw["figure"]), ends.get("least"), ends.get("most"))
