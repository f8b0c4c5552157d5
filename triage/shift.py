"""Probabilities for a bank whose lines are mixed otherwise than in the training rows.

Where only the shares of the labels differ, not what people write under each (label shift),
a probability is right again once it is multiplied by how much more frequent its label is there.
The shares there are found without labels, by expectation-maximisation (Saerens, Latinne and
Decaestecker 2002). What a bank's file adds to a model is one weight a leaf, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from triage.artifact import read_manifest
from triage.calibration_files import digest_of, shift_path
from triage.errors import ArtifactRejected, InvalidInput
from triage.features import Floats
from triage.taxonomy import split_leaf

# In a model folder that was registered with its calibration.
CALIBRATION = "calibration.json"
_FORMAT = 1
_ROUNDS = 1_000
_STILL = 1e-6


@dataclass(frozen=True, slots=True)
class Shift:
    """What to multiply leaf probabilities by.

    Attributes
    ----------
    model_version : str
        The model whose probabilities they are.
    leaves : tuple of str
        In the order of the model.
    weights : array (n_leaves,)
        Above 0.
    cuts : mapping of line to float
        For prediction sets; see `triage.conformal`. Empty where none were fitted.
    coverage : float
        What the cuts promise.
    version : str
        Digest of the file it was read from; empty before it is one.
    """

    model_version: str
    leaves: tuple[str, ...]
    weights: Floats
    cuts: Mapping[str, float]
    coverage: float = 0.0
    version: str = ""

    @property
    def promise(self) -> float | None:
        """What prediction sets promise; None where none were fitted."""
        return self.coverage if self.cuts else None

    def apply(self, probabilities: Floats) -> Floats:
        """Correct leaf probabilities (n, n_leaves); each row sums to 1 again."""
        return reweighed(probabilities, self.weights)

    def to_dict(self) -> dict[str, Any]:
        """Turn it into JSON-able values."""
        return {
            "format": _FORMAT,
            "model_version": self.model_version,
            "weights": dict(zip(self.leaves, self.weights.tolist(), strict=True)),
            "coverage": self.coverage,
            "cuts": dict(self.cuts),
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], leaves: Sequence[str], version: str) -> Shift:
        """Build it from `to_dict`'s values, for a model with these leaves and this version.

        Raises
        ------
        ArtifactRejected
            When it is damaged, or was made for another model.
        """
        again = "run `jiesu calibrate` for this model"
        try:
            if raw["format"] != _FORMAT or raw["model_version"] != version:
                raise ArtifactRejected(
                    f"the calibration was made for {raw['model_version']}, not {version}",
                    cure=again,
                )
            weights = np.array([float(raw["weights"][leaf]) for leaf in leaves])
            lines = dict.fromkeys(split_leaf(leaf)[0] for leaf in leaves)
            cuts = {line: float(raw["cuts"][line]) for line in lines} if raw["cuts"] else {}
            coverage = float(raw["coverage"])
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise ArtifactRejected("the calibration is damaged", cure=again) from exc
        if not (np.isfinite(weights).all() and (weights > 0).all()):
            raise ArtifactRejected("a weight of the calibration is not above 0", cure=again)
        return cls(version, tuple(leaves), weights, cuts, coverage)


def shift_of(folder: Path, leaves: Sequence[str], version: str) -> Shift | None:
    """Read the calibration that a model of a folder answers with; see `calibration_at`.

    Raises
    ------
    ArtifactRejected
        See `Shift.from_dict`.
    """
    return load_shift(calibration_at(folder, version), leaves, version)


def calibration_at(folder: Path, version: str) -> Path:
    """Where the calibration of a model is looked for: what was registered with it comes first."""
    registered = folder / CALIBRATION
    return registered if registered.is_file() else shift_path(version)


def load_shift(path: Path, leaves: Sequence[str], version: str) -> Shift | None:
    """Read a calibration; None where there is none.

    Raises
    ------
    ArtifactRejected
        See `Shift.from_dict`.
    """
    try:
        content = path.read_bytes()
        raw = orjson.loads(content)
    except FileNotFoundError:
        return None
    except orjson.JSONDecodeError:
        raw = {}
    return replace(Shift.from_dict(raw, leaves, version), version=digest_of(content))


def calibration_version(folder: Path) -> str:
    """Give the version of the calibration of a model; empty without any. It is not read."""
    path = calibration_at(folder, str(read_manifest(folder)["version"]))
    try:
        return digest_of(path.read_bytes())
    except FileNotFoundError:
        return ""


def reweighed(probabilities: Floats, weights: Floats) -> Floats:
    """Multiply the columns of probabilities (n, k) by weights (k,); each row sums to 1 again."""
    scaled = probabilities * weights
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


def estimated_shares(probabilities: Floats, known: Floats, *, prior_rows: float = 0.0) -> Floats:
    """Estimate how frequent each label is among rows without labels.

    Parameters
    ----------
    probabilities : array (n, k)
        Calibrated where the shares are `known`.
    known : array (k,)
        Shares of the labels in the rows that the model was calibrated on; above 0, sum 1.
    prior_rows : float
        So many imagined rows with the known shares keep few rows from moving far.

    Returns
    -------
    array (k,)
        Shares that sum to 1.

    Raises
    ------
    InvalidInput
        Without rows.
    """
    if not len(probabilities):
        raise InvalidInput("no rows to estimate shares from", cure="hand in unlabelled tickets")
    shares = known
    for _ in range(_ROUNDS):
        expected = reweighed(probabilities, shares / known).sum(axis=0) + prior_rows * known
        found = expected / expected.sum()
        if np.abs(found - shares).max() < _STILL:
            return np.asarray(found)
        shares = found
    return np.asarray(shares)
