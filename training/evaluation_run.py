"""What tracking keeps of an evaluation: its figures and its report, without a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from training.corpus import LabelledRow
from training.judgement import Judgement
from training.registering import REPORT, VERSION_TAG
from training.report import Extras, plots, render, year_plots
from training.tracked_data import dataset_of, numbers
from triage.taxonomy import Taxonomy

FIGURES = "figures.json"


def figures_body(judgement: Judgement, extras: Extras) -> dict[str, Any]:
    """Give everything as JSON-able values, mistakes and disagreements with masked texts."""
    body: dict[str, Any] = {"judgement": judgement.to_dict()}
    body |= {"file": extras.validation.to_dict()} if extras.validation else {}
    return body | ({"comparison": extras.comparison.to_dict()} if extras.comparison else {})


def track_evaluation(
    judgement: Judgement,
    extras: Extras,
    rows: Sequence[LabelledRow],
    taxonomy: Taxonomy,
    given: Mapping[str, Any],
) -> str:
    """Record an evaluation in MLflow; tell where.

    Parameters
    ----------
    judgement : Judgement
    extras : Extras
        As the report shows them.
    rows : sequence of LabelledRow
        Those that were judged on; the store is told of labels, lengths and a digest.
    given : mapping
        Which file, and how it was read.

    Raises
    ------
    NotTracked
        When the store cannot be reached or written.
    """
    from training import tracking

    comparison = extras.comparison
    params = {"model": judgement.model_version, "rows": judgement.rows, "data": given}
    metrics = judgement.metrics("evaluation.")
    if comparison:
        params |= {"against": comparison.first}
        changes = {name: found.change.value for name, found in comparison.figures.items()}
        metrics |= numbers({"change": changes})
    done = tracking.track_run(
        f"evaluate {judgement.model_version}",
        params=params,
        metrics=metrics,
        dataset=dataset_of(rows, name=extras.data_name),
        artifacts={
            REPORT: render(judgement, taxonomy, extras, texts=False),
            FIGURES: _textless(figures_body(judgement, extras)),
            **plots(judgement, champion=extras.champion),
            **year_plots(extras.metrics or {}),
        },
        model_folder=None,
        context=tracking.EVALUATION,
        tags={VERSION_TAG: judgement.model_version},
    )
    return f"run {done.run_id} in {done.store}"


def _textless(body: dict[str, Any]) -> str:
    body["judgement"].pop("mistakes")
    body.get("comparison", {}).pop("disagreements", None)
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
