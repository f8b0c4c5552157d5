"""Two models on the same rows: differences with paired intervals, and where they disagree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.cases import Case
from training.figures import LEAST_ROWS, Figures, intervals
from training.judge_rows import answer
from training.outcomes import Outcomes, paired
from triage.engine import Engine
from triage.errors import InvalidInput
from triage.evaluation import Interval

_EXCERPT = 120


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of two models; `change` is the second less the first, with its interval."""

    first: float
    second: float
    change: Interval


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A row on which two models name different lines; its narrative masked."""

    id: str
    truth: str
    first: str
    second: str
    text: str


@dataclass(frozen=True)
class Comparison:
    """Two models on n rows.

    Attributes
    ----------
    first, second : str
        Versions.
    rows : int
    figures : mapping of name to Difference
        As in `Judgement.figures`.
    lines : mapping of line to Difference
        F1 of the lines with 5 rows or more.
    apart : int
        Rows on which they name different lines.
    disagreements : tuple of Disagreement
        These rows, where their texts are at hand; those that the first got right and the second
        did not come first.
    """

    first: str
    second: str
    rows: int
    figures: Mapping[str, Difference]
    lines: Mapping[str, Difference]
    apart: int = 0
    disagreements: tuple[Disagreement, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Turn the comparison into JSON-able values."""
        return asdict(self)


def compare(
    first: Engine, second: Engine, cases: Sequence[Case], *, line_level: float = 0.95
) -> Comparison:
    """Compare two models on labelled rows.

    Raises
    ------
    InvalidInput
        When there are no rows.
    """
    one, two = answer(first, cases), answer(second, cases)
    lines = first.taxonomy.line_codes
    figures, by_line = differences(one.outcomes, two.outcomes, lines, line_level=line_level)
    rows = tuple(_disagreements(one.outcomes, two.outcomes, one.masked))
    names = first.version, second.version
    return Comparison(*names, len(cases), figures, by_line, len(rows), rows)


def compare_saved(
    names: tuple[str, str], first: Outcomes, second: Outcomes, *, line_level: float = 0.95
) -> Comparison:
    """Compare two models on the rows that both were judged on, without their texts.

    Raises
    ------
    InvalidInput
        When they share no row.
    """
    figures, by_line = differences(first, second, (), line_level=line_level)
    one, two = paired(first, second)
    apart = sum(a != b for a, b in zip(one.said, two.said, strict=True))
    return Comparison(*names, len(one), figures, by_line, apart)


def differences(
    first: Outcomes, second: Outcomes, lines: Sequence[str], *, line_level: float = 0.95
) -> tuple[dict[str, Difference], dict[str, Difference]]:
    """Compare outcomes on the rows they share.

    Parameters
    ----------
    line_level : float
        Level of the intervals of single lines.

    Returns
    -------
    figures, lines : dicts of Difference
        Every figure both have; the F1 of each line with 5 shared rows or more.

    Raises
    ------
    InvalidInput
        When they share no row.
    """
    one, two = paired(first, second)
    if not len(one):
        raise InvalidInput(
            "the two models were judged on no common row", cure="hand in a file with --data"
        )
    every = tuple(dict.fromkeys([*lines, *one.truth, *one.said, *two.said]))
    left, right = Figures(one, every), Figures(two, every)
    # One of them may have been judged on more: natures, signals, escalation.
    names = [name for name in left.names if name in right.names]
    columns = [left.names.index(n) for n in names], [right.names.index(n) for n in names]

    def changes(level: float) -> dict[str, Difference]:
        rows = np.arange(len(one))
        moved = intervals(
            lambda rows: right(rows)[columns[1]] - left(rows)[columns[0]], one.groups, level=level
        )
        values = zip(left(rows)[columns[0]], right(rows)[columns[1]], moved, strict=True)
        found = [Difference(float(old), float(new), change) for old, new, change in values]
        return dict(zip(names, found, strict=True))

    known = [line for line in every if one.truth.count(line) >= LEAST_ROWS]
    by_line = changes(line_level)
    return (
        {name: found for name, found in changes(0.95).items() if ":" not in name},
        {line: by_line[f"f1:{line}"] for line in known},
    )


def _disagreements(
    first: Outcomes, second: Outcomes, masked: Sequence[str]
) -> Iterator[Disagreement]:
    apart = [i for i in range(len(first)) if first.said[i] != second.said[i]]
    right_one, right_two = first.right, second.right

    def loss(i: int) -> tuple[int, float]:
        return int(right_two[i]) - int(right_one[i]), -float(second.confidence[i])

    for i in sorted(apart, key=loss):
        yield Disagreement(
            first.ids[i], first.truth[i], first.said[i], second.said[i], masked[i][:_EXCERPT]
        )
