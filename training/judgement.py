"""The record of how a model did on labelled rows; `training.judge` makes it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.outcomes import Outcomes
from triage.evaluation import Interval

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class LineFigures:
    """One line: its rows and its scores with their intervals."""

    line: str
    rows: int
    precision: Interval
    recall: Interval
    f1: Interval


@dataclass(frozen=True, slots=True)
class Confused:
    """Rows of one line that were taken for another, of all rows of that line."""

    truth: str
    said: str
    rows: int
    of: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """What happens when lines below a confidence are handed to a person."""

    confidence: float
    coverage: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of like confidence: what the model promised and what came true."""

    rows: int
    promised: float
    true: float


@dataclass(frozen=True, slots=True)
class SignalFigures:
    """One signal over the rows on which it was marked."""

    code: str
    rows: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Slice:
    """Line accuracy on rows that share something."""

    kind: str
    value: str
    rows: int
    accuracy: Interval
    given: float


@dataclass(frozen=True, slots=True)
class Mistake:
    """A confident mistake, its narrative masked."""

    id: str
    truth: str
    said: str
    confidence: float
    text: str


@dataclass(frozen=True)
class Judgement:
    """How one model did on some rows.

    Attributes
    ----------
    model_version, taxonomy_version : str
    rows, groups : int
    figures : mapping of name to Interval
        `accuracy` counts the best line also where the model abstains; `given` is the share of
        rows on which it does not. `macro_f1` is over lines with 5 rows or more. `coverage_95`
        is the share that can be classified at 95 % accuracy. `leaf_accuracy`,
        `nature_accuracy`, `signals_f1` and `risk_...` are there when they were marked.
    lines : tuple of LineFigures
        Most frequent first.
    labels, confusion
        Lines in taxonomy order; rows by true line and best line.
    hard_pairs : tuple of Confused
    curve : tuple of Threshold
        The risk-coverage curve, thinned.
    thresholds : tuple of Threshold
        The same at round confidences.
    reliability, risk_reliability : tuples of Bin
    signals : tuple of SignalFigures
    slices : tuple of Slice
    mistakes : tuple of Mistake
        Most confident first.
    outcomes : Outcomes
        Row by row, for paired comparisons.
    """

    model_version: str
    taxonomy_version: str
    rows: int
    groups: int
    figures: Mapping[str, Interval]
    lines: tuple[LineFigures, ...]
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    hard_pairs: tuple[Confused, ...]
    curve: tuple[Threshold, ...]
    thresholds: tuple[Threshold, ...]
    reliability: tuple[Bin, ...]
    risk_reliability: tuple[Bin, ...]
    signals: tuple[SignalFigures, ...]
    slices: tuple[Slice, ...]
    mistakes: tuple[Mistake, ...]
    outcomes: Outcomes

    def metrics(self, prefix: str = "") -> dict[str, float]:
        """Give the figures as flat numbers, those that are not a number left out."""
        return {
            f"{prefix}{name}": figure.value
            for name, figure in self.figures.items()
            if not math.isnan(figure.value)
        }

    def to_dict(self) -> dict[str, Any]:
        """Turn everything but the rows into JSON-able values; not-a-number becomes null."""
        held = {name: getattr(self, name) for name in self.__dataclass_fields__}
        del held["outcomes"]
        body: dict[str, Any] = _plain({name: _opened(value) for name, value in held.items()})
        return body


def _opened(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _opened(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_opened(item) for item in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, _DIGITS)
    return value
