"""Boundary rules: how a model does on rows that were written to sit between two lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from training.cases import Case
from training.figures import intervals
from training.judgement import Confused
from training.outcomes import Outcomes
from triage.config import data_dir, read_yaml
from triage.errors import ConfigError, InvalidInput
from triage.evaluation import Interval

FILE = "boundary_rules.yaml"
_REPEATS = 400


@dataclass(frozen=True, slots=True)
class Boundary:
    """One rule and the rows that sit on it.

    Attributes
    ----------
    rule : int
    name : str
    accuracy : Interval
        Of the line, over whole groups.
    pairs, parted : int
        Groups that tell nearly the same and ask for different lines; those of them of which every
        row was right.
    confused : tuple of Confused
        Lines that were taken for others, the most frequent first; `of` counts the rule's rows of
        the true line.
    """

    rule: int
    name: str
    rows: int
    accuracy: Interval
    pairs: int
    parted: int
    confused: tuple[Confused, ...]


def load_boundaries(path: Path | None = None) -> dict[int, str]:
    """Read the names of the rules (default `data/boundary_rules.yaml`).

    Raises
    ------
    ConfigError
        When a rule is no number from 1, or its name no text.
    """
    path = path or data_dir() / FILE
    raw = read_yaml(path)
    for rule, name in raw.items():
        if not isinstance(rule, int) or rule < 1 or not isinstance(name, str) or not name.strip():
            raise ConfigError(f"{path.name}: {rule!r}: {name!r} is no number with a name")
    return {int(rule): name for rule, name in raw.items()}


def boundary_name(rule: int) -> str:
    """Give the number of a rule with its name, in an order that sorts."""
    return f"{rule:02d} {_shipped().get(rule, '')}".rstrip()


def boundaries(cases: Sequence[Case], outcomes: Outcomes) -> list[Boundary]:
    """Judge each rule by the rows that carry its number.

    Parameters
    ----------
    cases : sequence of Case, length n
    outcomes : Outcomes
        What a model answered to the same rows, in the same order.

    Returns
    -------
    list of Boundary
        In order of the rules; those without rows are left out.
    """
    if len(cases) != len(outcomes):
        raise InvalidInput(f"{len(cases)} rows, but answers to {len(outcomes)}")
    places: dict[int, list[int]] = {}
    for place, case in enumerate(cases):
        if case.rule is not None:
            places.setdefault(case.rule, []).append(place)
    return [_boundary(rule, outcomes.take(places[rule])) for rule in sorted(places)]


def _boundary(rule: int, held: Outcomes) -> Boundary:
    right = held.right
    (accuracy,) = intervals(
        lambda rows: np.array([right[rows].mean()]), held.groups, repeats=_REPEATS
    )
    lines: dict[str, set[str]] = {}
    wrong: set[str] = set()
    for group, truth, ok in zip(held.groups, held.truth, right.tolist(), strict=True):
        lines.setdefault(group, set()).add(truth)
        if not ok:
            wrong.add(group)
    pairs = {group for group, own in lines.items() if len(own) > 1}
    return Boundary(
        rule,
        boundary_name(rule),
        len(held),
        accuracy,
        len(pairs),
        len(pairs - wrong),
        _confused(held),
    )


def _confused(held: Outcomes) -> tuple[Confused, ...]:
    of = Counter(held.truth)
    taken = Counter((t, s) for t, s in zip(held.truth, held.said, strict=True) if t != s)
    order = sorted(taken, key=lambda pair: (-taken[pair], pair))
    return tuple(Confused(t, s, taken[t, s], of[t]) for t, s in order)


@cache
def _shipped() -> Mapping[int, str]:
    return load_boundaries()
