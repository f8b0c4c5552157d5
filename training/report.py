"""The report of a judgement: one HTML file that opens anywhere, offline, without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from training.bank_report import ValidationReport
from training.comparison import Comparison
from training.judgement import Judgement
from training.outcomes import UNKNOWN, Outcomes
from training.report_evidence import Piece
from training.report_svg import (
    capacity_chart,
    lift_chart,
    reliability_chart,
    risk_coverage_chart,
)
from training.report_text import name_of, share
from training.report_year import figure_rows, modes_of, slice_rows
from triage.evaluation import captured
from triage.figure_names import FIGURE_NAMES, SLICES, TOPS, YEAR_NAMES
from triage.taxonomy import Taxonomy

_TEMPLATES = Path(__file__).parent / "templates"
_DISAGREEMENTS = 40
_CURVE_POINTS = 200

_LEADING = (
    "accuracy",
    "macro_f1",
    "coverage_95",
    "ece",
    "signals_f1",
    "nature_accuracy",
    "risk_roc_auc",
)
SLICE_NAMES = {
    "register": "文体",
    "channel": "渠道",
    "length": "字数",
    "rule": "边界规则",
}


@dataclass(frozen=True)
class Extras:
    """What a report may show besides the judgement.

    Attributes
    ----------
    data_name : str
        What was judged on, in words.
    champion : Judgement or None
        Of the model that serves, on the same rows; drawn beside.
    comparison : Comparison or None
        Champion first.
    validation : ValidationReport or None
    card : str
        The model card, in Markdown.
    metrics : mapping
        Of the model's own training, such as the simulated year.
    evidence : mapping of id to pieces
        Of the mistakes; see `training.report_evidence.mistakes_told`.
    """

    data_name: str = ""
    champion: Judgement | None = None
    comparison: Comparison | None = None
    validation: ValidationReport | None = None
    card: str = ""
    metrics: Mapping[str, Any] | None = None
    evidence: Mapping[str, Sequence[Piece]] = field(default_factory=dict)


def render(
    judgement: Judgement,
    taxonomy: Taxonomy,
    extras: Extras | None = None,
    *,
    now: datetime | None = None,
    texts: bool = True,
) -> str:
    """Write the report.

    Parameters
    ----------
    judgement : Judgement
        Its mistakes are masked; nothing else in it is text of a customer.
    now : datetime, optional
        Written under the title.
    texts : bool
        Show rows by their masked narratives: mistakes and disagreements.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    pages = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    pages.filters |= {"share": share, "percent": _percent, "signed": _signed}
    more = extras or Extras()
    apart = more.comparison.disagreements if texts and more.comparison else ()
    year = modes_of(more.metrics or {})
    return pages.get_template("report.html.j2").render(
        judged=judgement,
        more=more,
        made_at=f"{now or datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        leading=[name for name in _LEADING if name in judgement.figures],
        figure_names=FIGURE_NAMES,
        slice_names=SLICE_NAMES,
        slices=_by_kind(judgement),
        plots=plots(judgement, champion=more.champion),
        year_plots=year_plots(more.metrics or {}),
        card=card_html(more.card),
        name=lambda code: name_of(code, taxonomy),
        disagreements=apart[:_DISAGREEMENTS],
        mistakes=judgement.mistakes if texts else (),
        year=year,
        year_names={**YEAR_NAMES, **SLICES},
        year_tops=TOPS,
        year_figures=figure_rows([mode for _, mode in year]),
        year_slices=slice_rows([mode for _, mode in year]),
    )


def plots(judgement: Judgement, *, champion: Judgement | None = None) -> dict[str, str]:
    """Draw the curves of a judgement, file name -> SVG."""
    curves = [(f"模型 {judgement.model_version}", judgement.curve)]
    if champion is not None:
        curves.append((f"现任 {champion.model_version}", champion.curve))
    found = {
        "risk_coverage.svg": risk_coverage_chart(curves, title="风险—覆盖率 risk-coverage"),
        "reliability.svg": reliability_chart(judgement.reliability, title="校准 reliability"),
    }
    if judgement.risk_reliability:
        found["risk_reliability.svg"] = reliability_chart(
            judgement.risk_reliability, title="升级风险校准 risk reliability"
        )
    if points := _captured(judgement.outcomes):
        found_first = [("模型 model", points)]
        found["capacity.svg"] = capacity_chart(found_first, title="工作量与召回 capacity")
        found["lift.svg"] = lift_chart(found_first, title="提升 lift")
    return found


def year_plots(metrics: Mapping[str, Any]) -> dict[str, str]:
    """Draw what is found first on the simulated year, file name -> SVG; none without one."""
    curves = [
        (title, [*((one["share"], one["value"]) for one in mode["workload"]), (1.0, 1.0)])
        for title, mode in modes_of(metrics)
        if mode.get("workload")
    ]
    if not curves:
        return {}
    return {
        "year_capacity.svg": capacity_chart(curves, title="工作量与召回（模拟年） capacity"),
        "year_lift.svg": lift_chart(curves, title="提升（模拟年） lift"),
    }


def card_html(card: str) -> str:
    """Turn a model card into HTML; tags in it are shown, and nothing in it is fetched."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    return str(reader.disable(["image", "link", "autolink"]).render(card))


def _captured(held: Outcomes) -> list[tuple[float, float]]:
    """Thin the curve of escalations found; empty where nobody told of any."""
    known = held.escalated != UNKNOWN
    truth = held.escalated[known] == 1
    if not truth.any():
        return []
    looked, found = captured(truth, held.risk[known])
    places = np.unique(np.linspace(0, len(looked) - 1, _CURVE_POINTS).astype(int))
    return list(zip(looked[places].tolist(), found[places].tolist(), strict=True))


def _by_kind(judgement: Judgement) -> dict[str, list[Any]]:
    kinds: dict[str, list[Any]] = {}
    for part in judgement.slices:
        kinds.setdefault(part.kind, []).append(part)
    return kinds


def _percent(value: float) -> str:
    return f"{value:.1%}"


def _signed(value: float) -> str:
    return f"{value:+.3f}"
