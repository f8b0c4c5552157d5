"""What reviewing the riskiest so many tickets a day catches, by the model's own evaluation.

The evaluation says which share of the escalations the riskiest so many per cent of a day held, from
each per cent on; of models judged before that was measured, at 5, 10 and 20 per cent. Between those
points, and between them and nothing and all, the line is drawn straight; the curve of a model that
ranks bends above it, so what is told there is on the careful side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_TOP = "top_"
_NOTHING, _ALL = (0.0, 0.0, 0.0, 0.0), (1.0, 1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Caught:
    """Share of the day that is reviewed, share of the escalations in it, and its interval."""

    share: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """Points of a picture: a line, and the outline of its interval."""

    line: str
    interval: str


@dataclass(frozen=True, slots=True)
class Workload:
    """What each workload catches where so many tickets come in a day.

    Attributes
    ----------
    points : tuple of Caught
        By share, from nothing to all.
    per_day : float
        Tickets that come in a day.
    """

    points: tuple[Caught, ...]
    per_day: float

    @property
    def most(self) -> int:
        """All that comes in on a day."""
        return max(1, math.ceil(self.per_day))

    def at(self, top: int) -> Caught:
        """Give what the riskiest `top` a day catch."""
        share = min(1.0, top / self.per_day)
        for before, after in pairwise(self.points):
            if share <= after.share:
                part = (share - before.share) / (after.share - before.share)
                return Caught(share, *(_between(before, after, n, part) for n in _MEASURED))
        return self.points[-1]

    def drawn(self, width: int, height: int) -> Drawn:
        """Give the curve and its interval as points of a picture of a size."""

        def at(point: Caught, value: float) -> str:
            return f"{point.share * width:.1f},{(1 - value) * height:.1f}"

        line = " ".join(at(one, one.value) for one in self.points)
        above = [at(one, one.high) for one in self.points]
        below = [at(one, one.low) for one in reversed(self.points)]
        return Drawn(line, " ".join([*above, *below]))

    def curve(self) -> list[list[float]]:
        """Give the points as numbers, for scripts."""
        return [
            [round(value, 4) for value in (p.share, p.value, p.low, p.high)] for p in self.points
        ]


_MEASURED = ("value", "low", "high")


def workload_of(metrics: Mapping[str, Any] | None, *, per_day: float) -> Workload | None:
    """Read the evaluation of a model; None when it was not judged so."""
    year = (metrics or {}).get("simulated_year") or {}
    known = year.get("with_context") or {}
    told = [(float(one["share"]), one) for one in known.get("workload") or ()]
    if not told:
        tops = (known.get("daily_recall") or {}).items()
        told = [(int(n.removeprefix(_TOP)) / 100, one) for n, one in tops if n.startswith(_TOP)]
    measured = [Caught(share, *(float(one[n]) for n in _MEASURED)) for share, one in told]
    if not measured or per_day <= 0:
        return None
    inside = sorted(measured, key=lambda one: one.share)
    return Workload((Caught(*_NOTHING), *inside, Caught(*_ALL)), per_day)


def _between(before: Caught, after: Caught, name: str, part: float) -> float:
    low, high = getattr(before, name), getattr(after, name)
    return float(low + part * (high - low))
