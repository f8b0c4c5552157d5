"""The Chinese phrases by which the features of a registry are told, from a data file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from triage.config import data_dir, read_yaml
from triage.errors import ConfigError
from triage.risk.features import Registry
from triage.taxonomy import Taxonomy


def load_phrases(registry: Registry, path: Path | None = None) -> dict[str, Any]:
    """Read `data/risk_reasons.yaml` for a registry.

    Returns
    -------
    dict
        `phrases`, one for each feature ("" is not told), `absent` and `least`, with the
        registry's `settings` that they belong to, as `RiskModel` takes them.

    Raises
    ------
    ConfigError
        When a field is missing or a phrase belongs to no feature.
    """
    raw = read_yaml(path or data_dir() / "risk_reasons.yaml")
    names = registry.names
    try:
        unknown = set(raw["columns"]) - set(names)
        if unknown:
            raise ConfigError(f"risk_reasons.yaml: no features {sorted(unknown)}")
        return {
            "phrases": tuple(_phrase(name, raw, registry.taxonomy) for name in names),
            "absent": dict(raw["absent"]),
            "least": float(raw["least"]),
            "settings": registry.settings,
        }
    except KeyError as exc:
        raise ConfigError(f"risk_reasons.yaml: missing {exc}") from exc


def _phrase(name: str, raw: dict[str, Any], taxonomy: Taxonomy) -> str:
    kind, _, code = name.partition(":")
    if kind in {"signal", "leaf", "nature"}:
        return str(raw[kind]).replace("{name}", taxonomy.name(code))
    if kind == "channel":
        return str(raw["channel"].get(code, ""))
    if kind == "customer_segment":
        return str(raw["segment"]).replace("{name}", raw["segments"].get(code, code))
    return str(raw["columns"].get(name, ""))
