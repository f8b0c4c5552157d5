"""Bands of escalation: a dated policy turned into thresholds by a model's evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.config import data_dir, read_yaml
from triage.errors import ArtifactRejected, ConfigError, InvalidInput
from triage.features import Floats

Bools = NDArray[np.bool_]

_REST = "rest"
_NEEDS = {"capacity": "per_day", "recall": "at_least", _REST: ""}


@dataclass(frozen=True, slots=True)
class BandRule:
    """How one band is cut: `amount` is tickets a day or a share of the escalations."""

    name: str
    rule: str
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of `data/policy.yaml`; bands from the highest to the rest."""

    version: str
    effective: str
    tickets_per_day: float
    bands: tuple[BandRule, ...]


@dataclass(frozen=True, slots=True)
class Bands:
    """Thresholds of one model under one policy.

    Attributes
    ----------
    policy_version : str
    names : tuple of str
        From the highest band; the last takes the rest.
    thresholds : tuple of float
        Smallest probability of each band but the last, not rising.
    shares, recalls : tuples of float
        What the evaluation showed for each band: share of tickets, share of escalations.
    """

    policy_version: str
    names: tuple[str, ...]
    thresholds: tuple[float, ...]
    shares: tuple[float, ...]
    recalls: tuple[float, ...]

    def band(self, probability: float) -> str:
        """Name the band of a calibrated probability."""
        for name, threshold in zip(self.names, self.thresholds, strict=False):
            if probability >= threshold:
                return name
        return self.names[-1]

    def to_dict(self) -> dict[str, Any]:
        """Turn the bands into JSON-able values."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Bands:
        """Build bands from `to_dict`'s values.

        Raises
        ------
        ArtifactRejected
            When a value is missing.
        """
        try:
            return cls(
                str(raw["policy_version"]),
                tuple(raw["names"]),
                tuple(map(float, raw["thresholds"])),
                tuple(map(float, raw["shares"])),
                tuple(map(float, raw["recalls"])),
            )
        except KeyError as exc:
            raise ArtifactRejected(f"bands without {exc}", cure="export the model again") from exc


def load_policy(path: Path | None = None) -> Policy:
    """Read and check a policy file (default `data/policy.yaml`).

    Raises
    ------
    ConfigError
        On a missing field, an unknown rule, or a last band that is not the rest.
    """
    path = path or data_dir() / "policy.yaml"
    raw = read_yaml(path)
    try:
        policy = Policy(
            version=str(raw["version"]),
            effective=str(raw["effective"]),
            tickets_per_day=float(raw["tickets_per_day"]),
            bands=tuple(_rule(item) for item in raw["bands"]),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise ConfigError(f"{path.name}: missing or malformed field {exc}") from exc
    rest = [number for number, band in enumerate(policy.bands) if band.rule == _REST]
    if rest != [len(policy.bands) - 1]:
        raise ConfigError(f"{path.name}: the last band, and no other, takes the rest")
    if policy.tickets_per_day <= 0:
        raise ConfigError(f"{path.name}: tickets_per_day must be above 0")
    return policy


def bands_from(scores: Floats, outcomes: Bools, policy: Policy) -> Bands:
    """Turn a policy into thresholds with the scores of a held-out evaluation.

    Parameters
    ----------
    scores : array of float, length n
        Calibrated probabilities of rows that were not trained on.
    outcomes : array of bool, length n
        Whether each escalated.
    policy : Policy

    Raises
    ------
    InvalidInput
        Without rows, or with a recall floor and no escalation to measure it on.
    """
    if not len(scores):
        raise InvalidInput("no evaluated rows to cut bands from", cure="hand in held-out scores")
    thresholds: list[float] = []
    for rule in policy.bands[:-1]:
        cut = _threshold(scores, outcomes, rule, policy.tickets_per_day)
        # A band can only add to the ones above it.
        thresholds.append(min([cut, *thresholds[-1:]]))
    names = tuple(rule.name for rule in policy.bands)
    place = np.searchsorted(-np.array(thresholds), -scores, side="left")
    return Bands(
        policy.version,
        names,
        tuple(thresholds),
        _portions(place, len(names)),
        _portions(place[outcomes], len(names)),
    )


def _threshold(scores: Floats, outcomes: Bools, rule: BandRule, tickets_per_day: float) -> float:
    if rule.rule == "capacity":
        share = min(1.0, rule.amount / tickets_per_day)
        return float(np.quantile(scores, 1.0 - share, method="higher"))
    hits = np.sort(scores[outcomes])[::-1]
    if not len(hits):
        raise InvalidInput(
            f"band {rule.name!r} has a recall floor, but no row escalated",
            cure="evaluate on a longer period or use a capacity",
        )
    return float(hits[max(1, int(np.ceil(rule.amount * len(hits)))) - 1])


def _portions(place: Sequence[int] | Any, count: int) -> tuple[float, ...]:
    counts = np.bincount(place, minlength=count)
    return tuple((counts / max(1, counts.sum())).tolist())


def _rule(item: Mapping[str, Any]) -> BandRule:
    kind = str(item["rule"])
    if kind not in _NEEDS:
        raise ValueError(f"rule {kind!r}, one of {sorted(_NEEDS)} is meant")
    amount = float(item[_NEEDS[kind]]) if _NEEDS[kind] else 0.0
    return BandRule(str(item["name"]), kind, amount)
