"""The model card: what the model is, how it was judged, what may not be claimed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.corpus import LabelledRow
from training.lines import Recipe
from training.report_year import SliceRow, figure_rows, modes_of, slice_rows

_TEMPLATE = """# jiesu {version}

**What it does.** Reads a Chinese bank complaint and gives business line, nature, signals and a
calibrated probability of escalation within 30 days, with reasons. People decide; it ranks and
explains. It never closes, refuses or puts a ticket lower.

**Made from.** {rows} narratives, recipe `{recipe}`. The shipped corpus is authored; escalation is
fitted on a simulated year of a fictional branch. A bank should retrain on its own labels and
outcomes.

**Judged** by grouped cross-validation over its own training rows. On an authored corpus these
are *not* real-world accuracy. `calibration_error` and `abstained` use a temperature and a threshold
that the other half of the groups chose; the served ones are chosen on all of them:

| figure | value |
|---|---|
{lines}

**Escalation, on the simulated year only** (over the {over}; {tickets} tickets of test
months, customers and templates not met before, {escalated} of them escalated). None of it is of
real outcomes. *Best* is what any model could reach that knew the whole context and the process
behind the simulated outcomes; recall is of the riskiest so many per cent of a day; in brackets
95 % intervals:

| figure, simulated year | with context | narrative alone | best |
|---|---|---|---|
{risk}
{slices}

**Limits.** Simplified and traditional Chinese; other languages abstain. Rare lines, dialects and
new products are read worse. Signals are features, not outcomes.
"""

_SLICES = """
Recall by channel and customer segment, simulated year, with context: the share of a slice's
escalations among the riskiest 5, 10 and 20 % of a whole day, for which all tickets compete, with
95 % intervals over days (Wilson's where all are found or none). Few escalations make wide ones, and
what segments differ in was invented with the year:

| slice, simulated year | tickets | escalated | top 5 % | top 10 % | top 20 % |
|---|---|---|---|---|---|
{rows}
"""


def card(version: str, rows: Sequence[LabelledRow], recipe: Recipe, metrics: dict[str, Any]) -> str:
    """Write the card of a model in Markdown."""
    year = metrics["simulated_year"]
    modes = [mode for _, mode in modes_of(metrics)]
    return _TEMPLATE.format(
        version=version,
        over=year["simulated_over"],
        tickets=modes[0]["tickets"],
        escalated=modes[0]["escalated"],
        rows=len(rows),
        recipe=recipe.name,
        lines="\n".join(_row(k, v) for k, v in metrics["corpus"].items()),
        risk="\n".join(_row(code, *values) for code, values in figure_rows(modes)),
        slices=_slices(slice_rows(modes)),
    )


def _slices(rows: Sequence[SliceRow]) -> str:
    told = [
        _row(f"{row.kind} {row.value}", row.tickets, row.escalated, *row.recalls[0]) for row in rows
    ]
    return _SLICES.format(rows="\n".join(told)) if told else ""


def _row(*cells: Any) -> str:
    return f"| {' | '.join(map(_show, cells))} |"


def _show(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict) and "value" in value:
        return f"{value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f})"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
