"""The model card: what the model is, how it was judged, what may not be claimed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from training.corpus import LabelledRow
from training.lines import Recipe

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

**Escalation, on the simulated year only** (over the {over}; test months,
customers and templates not met before):

| figure | with context | narrative alone |
|---|---|---|
{risk}

**Limits.** Simplified and traditional Chinese; other languages abstain. Rare lines, dialects and
new products are read worse. Signals are features, not outcomes.
"""

_RISK = ("roc_auc", "roc_auc_share", "pr_auc", "ece", "brier")


def card(version: str, rows: Sequence[LabelledRow], recipe: Recipe, metrics: dict[str, Any]) -> str:
    """Write the card of a model in Markdown."""
    year = metrics["simulated_year"]
    known, alone = year["with_context"], year["narrative_alone"]
    return _TEMPLATE.format(
        version=version,
        over=year["simulated_over"],
        rows=len(rows),
        recipe=recipe.name,
        lines="\n".join(f"| {k} | {_show(v)} |" for k, v in metrics["corpus"].items()),
        risk="\n".join(
            f"| {k} | {_show(known[k])} | {_show(alone[k])} |" for k in _RISK if k in known
        ),
    )


def _show(value: Any) -> str:
    if isinstance(value, dict) and "value" in value:
        return f"{value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f})"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
