"""P(escalated within 30 days): a logistic model of plain arrays, with its reasons.

It answers in two modes, each calibrated on its own: a narrative alone, and a narrative with
intake context.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from triage.errors import ArtifactRejected, InvalidInput
from triage.features import Floats, Ints
from triage.kernels.families import rank_families
from triage.records import Mention, Reason
from triage.risk.blocks import ALONE
from triage.risk.features import Registry, default_registry, risk_matrix
from triage.risk.telling import GUESSED, directed, ordered, pointed, shown, stands_out

__all__ = ["RiskModel", "risk_matrix", "sigmoid"]

_DIGITS = 9
_ARRAYS = ("weights", "reference", "slope", "shift")


@dataclass(frozen=True, slots=True)
class _Family:
    """Features told as one reason: those with a phrase, the flags of missing, what else is said."""

    told: list[int]
    missing: list[int]
    absent: str


@dataclass(frozen=True)
class RiskModel:
    """The served escalation model over F features.

    Parameters
    ----------
    feature_names, families, kinds, phrases, mentions, shows : tuples of str, length F
        The columns of the matrix; see `triage.risk.batch.Column`. A reason is a family; its
        phrase is that of its largest feature, with {value} for the number; "" is not told.
    absent : mapping of family to phrase
        Told when all features of the family that have a phrase are zero.
    weights : array (F,)
        Natural-log odds for each unit of a feature.
    bias : float
    reference : array (2, F)
        Mean features of training rows with context, and of narratives alone: what reasons are
        measured against.
    slope, shift : arrays (2,)
        Calibration of the log odds in the two modes.
    least : float
        Smallest weight that is told as a reason.
    settings : str
        Digest of data/risk_features.yaml as trained with; see `Registry`.
    """

    feature_names: tuple[str, ...]
    families: tuple[str, ...]
    kinds: tuple[str, ...]
    phrases: tuple[str, ...]
    mentions: tuple[str, ...]
    shows: tuple[str, ...]
    absent: Mapping[str, str]
    weights: Floats
    bias: float
    reference: Floats
    slope: Floats
    shift: Floats
    least: float
    settings: str

    def predict(self, matrix: Floats) -> Floats:
        """Give calibrated probabilities in (0, 1).

        Parameters
        ----------
        matrix : array (n, F)
            From `risk_matrix`.

        Returns
        -------
        array of float, length n

        Raises
        ------
        InvalidInput
            When the matrix has another width.
        """
        mode = self._modes(matrix)
        return sigmoid(self.slope[mode] * self.score(matrix) + self.shift[mode])

    def score(self, matrix: Floats) -> Floats:
        """Give log odds before calibration, length n."""
        # Unlike `@`, einsum adds each row in one order whatever the batch: no neighbour matters.
        return np.asarray(np.einsum("ij,j->i", matrix, self.weights) + self.bias)

    def reasons_of(
        self, matrix: Floats, mentions: Sequence[Sequence[Mention]], *, top: int = 5
    ) -> list[tuple[Reason, ...]]:
        """Tell what moved each probability: the strongest reasons, strongest first.

        Where a probability is above that of the mean of its mode those that raise it stand
        before those that lower it.

        Parameters
        ----------
        matrix : array (n, F)
        mentions : sequence of length n
            They give text reasons their offsets.
        top : int
            At most so many reasons for each row.

        Returns
        -------
        list of tuples of Reason, length n
            `text` is a Chinese phrase, `label` the same with its direction, `weight` the push in
            natural-log odds against the mean of the mode (above zero it raises the risk),
            `start` and `end` offsets into the *normalised* text where there are any. A line or
            a nature is told only where it stands out; see `triage.risk.telling`.
        """
        families, columns, starts = self._families
        modes = self._modes(matrix)
        room = len(matrix) * len(families)
        places, sums = np.empty(room, dtype=np.int64), np.empty(room)
        bounds = np.zeros(len(matrix) + 1, dtype=np.int64)
        rank_families(
            matrix,
            modes,
            (self.weights, self.reference, self.slope),
            (columns, starts),
            self.least,
            _DIGITS,
            (bounds, places, sums),
        )
        edges = bounds.tolist()
        ranked = list(zip(places[: edges[-1]].tolist(), sums[: edges[-1]].tolist(), strict=True))
        above = self.score(matrix) > self.score(self.reference)[modes]
        rows = zip(pairwise(edges), matrix.tolist(), modes.tolist(), mentions, strict=True)
        found = (
            [self._reason(families[at], push, row, mode, said) for at, push in ranked[low:high]]
            for (low, high), row, mode, said in rows
        )
        told = ([one for one in reasons if one is not None][:top] for reasons in found)
        return [ordered(*row) for row in zip(told, above.tolist(), strict=True)]

    def untold(self, family: str) -> RiskModel:
        """Give the same model, which tells no reason of one family."""
        told = zip(self.families, self.phrases, strict=True)
        return replace(self, phrases=tuple("" if of == family else said for of, said in told))

    @cached_property
    def _alone(self) -> int:
        return self.feature_names.index(ALONE)

    @cached_property
    def _families(self) -> tuple[list[_Family], Ints, Ints]:
        """Families in order, the features family by family, and the bounds of the families."""
        families: list[_Family] = []
        columns: list[int] = []
        starts: list[int] = []
        for name in dict.fromkeys(self.families):
            own = [i for i, family in enumerate(self.families) if family == name]
            missing = [i for i in own if self.feature_names[i].endswith("_missing")]
            told = [i for i in own if self.phrases[i]]
            families.append(_Family(told, missing, self.absent.get(name, "")))
            starts.append(len(columns))
            columns += own
        return families, np.array(columns), np.array([*starts, len(columns)])

    def _modes(self, matrix: Floats) -> Any:
        """Give 1 for a narrative alone, 0 for one with context."""
        if matrix.ndim != 2 or matrix.shape[1] != len(self.feature_names):
            raise InvalidInput(
                f"the risk model reads {len(self.feature_names)} features, not {matrix.shape}",
                cure="retrain after a change of the taxonomy or of data/risk_features.yaml",
            )
        return (matrix[:, self._alone] > 0).astype(np.int64)

    def _reason(
        self,
        family: _Family,
        weight: float,
        row: list[float],
        mode: int,
        mentions: Sequence[Mention],
    ) -> Reason | None:
        column = max(family.told, key=row.__getitem__, default=-1)
        if column < 0 or row[column] <= 0:
            unknown = any(row[i] for i in family.missing)
            if unknown or not family.absent:
                return None
            return Reason(
                family.absent, weight, None, None, "history", directed(family.absent, weight)
            )
        if self.families[column] in GUESSED:
            away = row[column] - self.reference[mode, column]
            if not stands_out(weight, away, self.weights[column]):
                return None
        phrase = self.phrases[column]
        if self.shows[column]:
            phrase = phrase.replace("{value}", shown(row[column], self.shows[column]))
        span = pointed(mentions, self.mentions[column])
        start, end = (span.start, span.end) if span else (None, None)
        return Reason(phrase, weight, start, end, self.kinds[column], directed(phrase, weight))

    def to_dict(self) -> dict[str, Any]:
        """Turn the model into JSON-able values."""
        out: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        for name, value in out.items():
            if isinstance(value, np.ndarray):
                out[name] = value.tolist()
            elif isinstance(value, tuple):
                out[name] = list(value)
        return out | {"absent": dict(self.absent)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any], *, registry: Registry | None = None) -> RiskModel:
        """Build a model from `to_dict`'s values.

        Raises
        ------
        ArtifactRejected
            When a value is missing, or features or settings are not those of the registry.
        """
        try:
            values = {field.name: raw[field.name] for field in fields(cls)}
        except KeyError as exc:
            raise ArtifactRejected(f"risk model without {exc}", cure="export it again") from exc
        features = registry or default_registry()
        features.check_model(values["feature_names"], values["settings"])
        arrays = {name: np.array(values[name], dtype=np.float64) for name in _ARRAYS}
        tuples = {name: tuple(v) for name, v in values.items() if isinstance(v, list)}
        return cls(**(values | tuples | arrays))


def sigmoid(score: Floats) -> Floats:
    """Turn log odds into probabilities without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * score)), dtype=np.float64)
