"""The gate: may a challenger take the champion's place?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from training.comparison import Comparison
from training.figures import OPTIONAL, OPTIONAL_KIND
from triage.config import data_dir, read_yaml
from triage.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure, which way is better, and how much of it may be lost."""

    name: str
    better: str
    margin: float

    def loss(self, champion: float, challenger: float) -> float:
        """How much worse the challenger is; below zero when it is better."""
        return champion - challenger if self.better == "higher" else challenger - champion


class _Objection(NamedTuple):
    weight: float
    told: str


@dataclass(frozen=True, slots=True)
class Gate:
    """The agreed limits (`data/gate.yaml`).

    Attributes
    ----------
    least_rows : int
        Fewer shared rows are no evidence.
    line_level : float
        Level of the paired interval of each line's F1.
    figures, saved : tuples of Limit
        On shared rows; in metrics.json.
    """

    least_rows: int
    line_level: float
    figures: tuple[Limit, ...]
    saved: tuple[Limit, ...]


def load_gate(path: Path | None = None) -> Gate:
    """Read and check a gate file (default `data/gate.yaml`).

    Raises
    ------
    ConfigError
        On a missing or malformed field.
    """
    path = path or data_dir() / "gate.yaml"
    raw = read_yaml(path)
    try:
        return Gate(
            int(raw["least_rows"]),
            float(raw["line_level"]),
            tuple(_limit(item) for item in raw["figures"]),
            tuple(_limit(item) for item in raw["saved"]),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise ConfigError(f"{path.name}: missing or malformed field {exc}") from exc


def objections(
    comparison: Comparison,
    gate: Gate,
    *,
    champion: Mapping[str, Any] | None = None,
    challenger: Mapping[str, Any] | None = None,
) -> list[str]:
    """Say why the second model of a comparison may not replace the first.

    Parameters
    ----------
    comparison : Comparison
        Champion first.
    champion, challenger : mappings, optional
        Their metrics.json.

    Returns
    -------
    list of str
        With figures; empty when nothing speaks against it. Figures come before lines; of figures
        what cannot be compared first, then by how many times the margin is lost, of lines by the
        loss of F1. What cannot be compared speaks against it, but for figures that nobody marked:
        `not_checked` names those.
    """
    if comparison.rows < gate.least_rows:
        return [f"only {comparison.rows} rows in common, {gate.least_rows} are needed"]
    skipped = not_checked(comparison, gate)
    found: list[_Objection] = []
    for limit in gate.figures:
        if limit.name not in skipped:
            found += _on_rows(limit, comparison)
    if champion is not None and challenger is not None:
        for limit in gate.saved:
            found += _beyond(limit, _at(champion, limit.name), _at(challenger, limit.name), "")
    return [one.told for one in (*_worst_first(found), *_worst_first(_of_lines(comparison, gate)))]


def figures_of(
    comparison: Comparison,
    gate: Gate,
    *,
    champion: Mapping[str, Any] | None = None,
    challenger: Mapping[str, Any] | None = None,
) -> dict[str, dict[str, float]]:
    """Give what the gate looked at, by figure: both models, the interval of the change, the margin.

    Takes what `objections` takes. Figures that cannot be compared are left out, and the interval
    of saved ones: they have none.
    """
    found: dict[str, dict[str, float]] = {}
    for limit in gate.figures:
        if figure := comparison.figures.get(limit.name):
            found[limit.name] = {
                "champion": figure.first,
                "challenger": figure.second,
                "low": figure.change.low,
                "high": figure.change.high,
                "margin": limit.margin,
            }
    for limit in gate.saved:
        old, new = _at(champion or {}, limit.name), _at(challenger or {}, limit.name)
        if not (math.isnan(old) or math.isnan(new)):
            found[limit.name] = {"champion": old, "challenger": new, "margin": limit.margin}
    return found


def not_checked(comparison: Comparison, gate: Gate) -> tuple[str, ...]:
    """Name the gate's figures that these rows cannot have: nobody marked what they need."""
    return tuple(
        limit.name
        for limit in gate.figures
        if limit.name not in comparison.figures
        and (limit.name in OPTIONAL or limit.name.startswith(OPTIONAL_KIND))
    )


def _of_lines(comparison: Comparison, gate: Gate) -> list[_Objection]:
    return [
        _Objection(
            figure.first - figure.second,
            f"line {line}: F1 {figure.first:.3f} -> {figure.second:.3f}"
            f" ({gate.line_level:.0%} interval of the change"
            f" {figure.change.low:+.3f} to {figure.change.high:+.3f})",
        )
        for line, figure in comparison.lines.items()
        if figure.change.high < 0
    ]


def _worst_first(found: list[_Objection]) -> list[_Objection]:
    return sorted(found, key=lambda one: -one.weight)


def _on_rows(limit: Limit, comparison: Comparison) -> list[_Objection]:
    figure = comparison.figures.get(limit.name)
    if figure is None:
        return _beyond(limit, math.nan, math.nan, "")
    change = figure.change
    told = f" (95 % interval of the change {change.low:+.3f} to {change.high:+.3f})"
    return _beyond(limit, figure.first, figure.second, told)


def _beyond(limit: Limit, old: float, new: float, told: str) -> list[_Objection]:
    loss = limit.loss(old, new)
    if math.isnan(loss):
        told = f"{limit.name}: {_told(old)} -> {_told(new)} cannot be compared"
        return [_Objection(math.inf, told)]
    if loss <= limit.margin:
        return []
    times = loss / limit.margin if limit.margin else math.inf
    told = f"{limit.name}: {old:.3f} -> {new:.3f}, {limit.margin:g} may be lost{told}"
    return [_Objection(times, told)]


def _told(value: float) -> str:
    return "none" if math.isnan(value) else f"{value:.3f}"


def _at(metrics: Mapping[str, Any], path: str) -> float:
    """Give a saved figure; nan where there is none."""
    value: Any = metrics
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) else math.nan


def _limit(item: Mapping[str, Any]) -> Limit:
    if item["better"] not in {"higher", "lower"}:
        raise ValueError(f"better: {item['better']!r}, higher or lower is meant")
    return Limit(str(item["name"]), str(item["better"]), float(item["margin"]))
