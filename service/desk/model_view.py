"""The serving model, judged by what reviewers said of its last assessments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson

from service.desk.shares import Share
from service.store.judged import Reviewed

LAST = 1_000
_BINS = 10
_JUDGING = ("confirm", "correct")  # the others say nothing of the line
_HISTORY, _HISTORY_BYTES = "HISTORY.jsonl", 1 << 20


@dataclass(frozen=True, slots=True)
class Bin:
    """Lines whose probability was alike: how sure the model was, and how often it was right."""

    low: float
    high: float
    sure: float
    right: Share


@dataclass(frozen=True, slots=True)
class Judged:
    """How assessments stand beside verdicts; `lines` is None of no verdict."""

    reviewed: int
    line: Share
    abstained: int
    changes: dict[str, Share]
    bins: list[Bin]
    newest: Share
    older: Share
    since: datetime | None
    until: datetime | None

    @property
    def gap(self) -> float | None:
        """The mean distance between how sure the model was and how often it was right."""
        total = sum(one.right.total for one in self.bins)
        if not total:
            return None
        apart = (abs(one.sure - (one.right.value or 0.0)) * one.right.total for one in self.bins)
        return sum(apart) / total


@dataclass(frozen=True, slots=True)
class Promoted:
    """A version that was put to serve, when, and why against objections if so."""

    version: str
    at: str
    action: str
    previous: str | None


def judge(reviewed: Sequence[Reviewed]) -> Judged:
    """Judge assessments, newest first."""
    told = [one for one in reviewed if one.kind in _JUDGING]
    named = [one for one in told if one.line is not None]
    quarter = len(named) // 4
    return Judged(
        reviewed=len(reviewed),
        line=_right(named),
        abstained=len(told) - len(named),
        changes=_changes(reviewed),
        bins=_bins(named),
        newest=_right(named[:quarter]),
        older=_right(named[quarter:]),
        since=min((one.at for one in reviewed), default=None),
        until=max((one.at for one in reviewed), default=None),
    )


def by_version(reviewed: Sequence[Reviewed]) -> dict[str, Judged]:
    """Judge each version alone, that of the newest verdict in front."""
    versions = dict.fromkeys(one.model_version for one in reviewed)
    return {v: judge([one for one in reviewed if one.model_version == v]) for v in versions}


def promoted(models: Path) -> list[Promoted]:
    """Read which versions were put to serve, newest first; what cannot be read is left out."""
    try:
        with (models / _HISTORY).open("rb") as file:
            lines = file.read(_HISTORY_BYTES).splitlines()
    except OSError:
        return []
    found = [one for line in lines if (one := _promoted(line)) is not None]
    return found[::-1]


def _promoted(line: bytes) -> Promoted | None:
    try:
        told = orjson.loads(line)
        previous = told.get("previous")
        return Promoted(
            version=str(told["version"]),
            at=datetime.fromisoformat(str(told["at"])).isoformat(),
            action=str(told["action"]),
            previous=None if previous is None else str(previous),
        )
    except (ValueError, KeyError, AttributeError, TypeError):
        return None


def _right(named: Sequence[Reviewed]) -> Share:
    return Share(sum(_is_right(one) for one in named), len(named))


def _is_right(one: Reviewed) -> bool:
    return "line" not in one.corrections and "subline" not in one.corrections


def _changes(reviewed: Sequence[Reviewed]) -> dict[str, Share]:
    """Say how often each thing was corrected, of all verdicts."""
    found: Counter[str] = Counter()
    for one in reviewed:
        found.update(_changed(one.kind, one.corrections))
    names = ("line", "too_high", "too_low", "signals", "secondary", "not_complaint", "unsure")
    return {name: Share(found[name], len(reviewed)) for name in names}


def _changed(kind: str, corrections: Mapping[str, Any]) -> set[str]:
    names = {str(corrections[k]) if k == "risk" else k for k in corrections}
    if kind in ("not_complaint", "unsure"):
        names.add(kind)
    return {"line" if name == "subline" else name for name in names}


def _bins(named: Sequence[Reviewed]) -> list[Bin]:
    sure = sorted((one for one in named if one.probability is not None), key=_probability)
    found = []
    for number, some in groupby(
        sure, key=lambda one: min(int(_probability(one) * _BINS), _BINS - 1)
    ):
        kept = list(some)
        mean = sum(map(_probability, kept)) / len(kept)
        found.append(Bin(number / _BINS, (number + 1) / _BINS, mean, _right(kept)))
    return found


def _probability(one: Reviewed) -> float:
    return one.probability or 0.0
