"""What the simulated year showed, as tables of the report and of the model card.

All of it is of simulated outcomes, and has to be called so wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from triage.figure_names import SLICES, TOPS, YEAR_NAMES

Mode = Mapping[str, Any]
# An interval as {value, low, high}, a bare figure, or nothing.
Value = Mapping[str, float] | float | None

MODES = (("with_context", "有受理信息"), ("narrative_alone", "仅有诉求文本"))


@dataclass(frozen=True, slots=True)
class SliceRow:
    """Tickets that share a channel or a segment.

    `recalls` are of the riskiest 5, 10 and 20 % of a whole day, one tuple for each mode.
    """

    kind: str
    value: str
    tickets: int
    escalated: int
    recalls: tuple[tuple[Value, ...], ...]


def modes_of(metrics: Mapping[str, Any]) -> list[tuple[str, Mode]]:
    """Give the figures of the simulated year in the two modes, where a model has them."""
    year = metrics.get("simulated_year", {})
    return [(title, year[mode]) for mode, title in MODES if mode in year]


def figure_rows(modes: Sequence[Mode]) -> list[tuple[str, tuple[Value, ...]]]:
    """Give each figure in each mode, and last the best that any model could reach."""
    columns = [*modes, modes[0].get("best", {})] if modes else []
    rows = [(code, tuple(_figure(column, code) for column in columns)) for code in YEAR_NAMES]
    return [row for row in rows if any(value is not None for value in row[1])]


def slice_rows(modes: Sequence[Mode]) -> list[SliceRow]:
    """Give recall by channel and segment; none of a model whose slices were not told by day."""
    return list(_slices(modes)) if modes else []


def _slices(modes: Sequence[Mode]) -> Iterator[SliceRow]:
    for kind in SLICES:
        parts = [mode.get(f"by_{kind}", {}) for mode in modes]
        for value, first in parts[0].items():
            if "daily_recall" not in first:
                return
            recalls = tuple(
                tuple(_figure(part[value], f"recall_top_{top}") for top in TOPS) for part in parts
            )
            yield SliceRow(kind, value, first["tickets"], first["escalated"], recalls)


def _figure(figures: Mapping[str, Any], code: str) -> Value:
    top = code.removeprefix("recall_")
    found: Value = figures.get(code) if top == code else figures.get("daily_recall", {}).get(top)
    return found
