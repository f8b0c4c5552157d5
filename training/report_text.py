"""Tables for the terminal, in which a Chinese character is two columns wide."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from training.comparison import Comparison, Difference
from training.judgement import Judgement
from triage.errors import ConfigError
from triage.evaluation import Interval
from triage.figure_names import FIGURE_NAMES
from triage.taxonomy import Taxonomy

_NARROW = 12


def name_of(code: str, taxonomy: Taxonomy) -> str:
    """Give a label's Chinese name, or its code where the taxonomy has none."""
    try:
        return taxonomy.name(code)
    except ConfigError:
        return code


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table; the first two columns are aligned left, the others right."""
    widths = [max(map(_width, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["─" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            _pad(cell, width, left=place < 2)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def judgement_text(judgement: Judgement, taxonomy: Taxonomy) -> str:
    """Tell a judgement: figures, then lines."""
    figures = [
        [FIGURE_NAMES.get(name, name), name, *_cells(figure)]
        for name, figure in judgement.figures.items()
    ]
    lines = [
        [
            name_of(found.line, taxonomy),
            found.line,
            str(found.rows),
            share(found.precision.value),
            share(found.recall.value),
            *_cells(found.f1),
        ]
        for found in judgement.lines
    ]
    return "\n\n".join(
        [
            f"model {judgement.model_version}, {judgement.rows} rows, {judgement.groups} groups",
            table(["指标", "figure", "value", "95 % interval"], figures),
            table(["业务线", "line", "rows", "precision", "recall", "F1", "95 % interval"], lines),
        ]
    )


def comparison_text(comparison: Comparison, taxonomy: Taxonomy, *, most: int = _NARROW) -> str:
    """Tell a comparison: figures, lines, and some rows on which the models disagree."""
    figures = [
        [FIGURE_NAMES.get(name, name), name, *_change(found)]
        for name, found in comparison.figures.items()
    ]
    lines = [
        [name_of(line, taxonomy), line, *_change(found)] for line, found in comparison.lines.items()
    ]
    head = ["A", "B", "B - A", "95 % interval"]
    parts = [
        f"A {comparison.first}, B {comparison.second}, {comparison.rows} rows,"
        f" {comparison.apart} disagreements",
        table(["指标", "figure", *head], figures),
        table(["业务线 F1", "line", *head], lines) if lines else "",
        "\n".join(
            f"{row.id}: {row.truth}; A {row.first}, B {row.second}: {row.text}"
            for row in comparison.disagreements[:most]
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def share(value: float) -> str:
    """Write a share with three digits; a dash where there is none."""
    return "–" if math.isnan(value) else f"{value:.3f}"


def _cells(figure: Interval) -> list[str]:
    return [share(figure.value), f"{share(figure.low)} … {share(figure.high)}"]


def _change(found: Difference) -> list[str]:
    change = found.change
    return [
        share(found.first),
        share(found.second),
        f"{change.value:+.3f}",
        f"{change.low:+.3f} … {change.high:+.3f}",
    ]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - _width(text))
    return text + space if left else space + text
