"""What follows a fit: the judgement on rows not seen, the report, the MLflow run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from training import registry
from training.bank_report import ValidationReport
from training.cases import Case, as_cases
from training.comparison import Comparison, differences
from training.corpus import LabelledRow
from training.judge import judge
from training.judgement import Judgement
from training.lines import UNMARKED, Recipe
from training.model_files import unseen
from training.natures import NatureReader
from training.outcomes import paired
from training.registering import MODEL, REPORT
from training.report import Extras, plots, render, year_plots
from training.report_evidence import mistakes_told
from training.tracked_data import dataset_of, numbers
from training.train import Trained
from triage.artifact import read_manifest, seal
from triage.batches import BATCH
from triage.classifier import LineScores
from triage.drift.reference import Reference, seen_tickets
from triage.drift.settings import load_drift
from triage.engine import Engine, Pass
from triage.errors import ArtifactRejected, InvalidInput
from triage.taxonomy import Taxonomy

# Where MLflow's pages look for the commit of a run.
_COMMIT_TAG = "mlflow.source.git.commit"

_CURES = {
    "label": "label more, or map these labels to others (columns and labels in a --map YAML)",
    "nature": "mark more natures, or hand in no column `nature`: then the champion reads them",
}


@dataclass(frozen=True)
class Published:
    """What a run leaves behind, besides its model folder.

    Attributes
    ----------
    report : Path
        Beside the model, with its masked mistakes.
    textless : str
        The report without them, for tracking.
    """

    judgement: Judgement
    comparison: Comparison | None
    report: Path
    textless: str


def check_enough(rows: Sequence[LabelledRow], recipe: Recipe) -> None:
    """Refuse rows that cannot be cut into the recipe's folds, by leaf or by nature.

    Raises
    ------
    InvalidInput
        Naming the labels with too few groups.
    """
    natures = [row.nature or UNMARKED for row in rows]
    for what, labels in (("label", [row.leaf for row in rows]), ("nature", natures)):
        counts = _groups_of(labels, rows)
        short = sorted(label for label, count in counts.items() if count < recipe.folds)
        if short or len(counts) < 2:
            named = ", ".join(f"{label} {counts[label]}" for label in short) or f"one {what} only"
            raise InvalidInput(
                f"too few groups of rows for {recipe.folds} folds: {named}", cure=_CURES[what]
            )


def without_rare_natures(rows: Sequence[LabelledRow], recipe: Recipe) -> list[LabelledRow]:
    """Train rows whose nature has too few groups for the folds as if nobody had marked it."""
    counts = _groups_of([row.nature or UNMARKED for row in rows], rows)
    return [
        row if counts[row.nature or UNMARKED] >= recipe.folds else replace(row, nature=None)
        for row in rows
    ]


def _groups_of(labels: Sequence[str], rows: Sequence[LabelledRow]) -> Counter[str]:
    pairs = {(label, row.group) for label, row in zip(labels, rows, strict=True)}
    return Counter(label for label, _ in pairs)


def with_natures(rows: Sequence[LabelledRow], taxonomy: Taxonomy) -> list[LabelledRow]:
    """Let the champion read the nature of rows on which nobody marked one.

    Banks label lines, seldom natures. What is filled in is trained on, never judged on.

    Raises
    ------
    InvalidInput
        When a nature is missing and there is no champion to read it.
    """
    unmarked = [i for i, row in enumerate(rows) if row.nature is None]
    if not unmarked:
        return list(rows)
    try:
        reader = NatureReader(registry.folder_of(), taxonomy)
    except (InvalidInput, ArtifactRejected) as exc:
        raise InvalidInput(
            f"{len(unmarked)} rows have no nature, and there is no champion to read it",
            cure="add a column `nature`, or train on data/ and promote that model first",
        ) from exc
    filled = list(rows)
    for i, nature in zip(unmarked, reader.natures([rows[i].text for i in unmarked]), strict=True):
        filled[i] = replace(rows[i], nature=nature)
    return filled


def publish(
    trained: Trained,
    rows: Sequence[LabelledRow | Case],
    taxonomy: Taxonomy,
    *,
    data_name: str,
    validation: ValidationReport | None = None,
) -> Published:
    """Judge a new model on its own rows as models that had not seen them did, and report.

    At the end the manifest names every file of the model.

    Parameters
    ----------
    trained : Trained
    rows : sequence of LabelledRow or Case
        Those it was trained on, in the same order.
    data_name : str
        What they are, in words.
    """
    engine = Engine.load(trained.folder, taxonomy)
    cases = as_cases(rows)
    seen = _unseen_pass(engine, cases, trained)
    judgement = judge(engine, cases, seen=seen)
    _keep_reference(engine, cases, seen, trained.folder)
    comparison = _against_champion(trained, judgement, taxonomy)
    card = (trained.folder / "card.md").read_text(encoding="utf-8")
    extras = Extras(
        data_name=data_name,
        comparison=comparison,
        validation=validation,
        card=card,
        metrics=trained.metrics,
        evidence=mistakes_told(engine, cases, judgement.mistakes),
    )
    report = trained.folder / REPORT
    report.write_text(render(judgement, taxonomy, extras), encoding="utf-8")
    seal(trained.folder)
    textless = render(judgement, taxonomy, extras, texts=False)
    return Published(judgement, comparison, report, textless)


def track(
    trained: Trained,
    published: Published,
    rows: Sequence[LabelledRow],
    recipe: Recipe,
    name: str,
    *,
    given: Mapping[str, Any] | None = None,
    feedback: Mapping[str, Any] | None = None,
) -> str:
    """Record a run in MLflow with its model as challenger; tell where.

    Parameters
    ----------
    rows : sequence of LabelledRow
        All that it was trained on, feedback among them.
    name : str
        What they are, in words.
    given : mapping, optional
        How a bank's file was read: see `training.command_data.how_read`.
    feedback : mapping, optional
        Where it came from and how much of it: see `training.feedback.Mix`.
    """
    from training import tracking

    metrics = published.judgement.metrics("unseen.") | numbers(trained.metrics)
    drawn = plots(published.judgement) | year_plots(trained.metrics)
    facts = read_manifest(trained.folder)
    params = {"recipe": asdict(recipe), "rows": len(rows)}
    params |= {"taxonomy_version": facts["taxonomy_version"]}
    params |= {"data": given or {}, "feedback": feedback or {}}
    done = tracking.track_run(
        trained.version,
        params=params,
        metrics=metrics,
        dataset=dataset_of(rows, name=name),
        artifacts={REPORT: published.textless, **drawn},
        model_folder=trained.folder,
        tags={_COMMIT_TAG: facts["git_commit"]} if facts.get("git_commit") else None,
    )
    return (
        f"run {done.run_id} in {done.store}, registered as {MODEL} version"
        f" {done.model_version} ({tracking.CHALLENGER})"
    )


def _unseen_pass(engine: Engine, cases: Sequence[Case], trained: Trained) -> Pass:
    parts = [
        engine.look([case.text for case in cases[start : start + BATCH]])
        for start in range(0, len(cases), BATCH)
    ]
    unseen = trained.unseen
    if len(unseen.leaves) != len(cases):
        raise InvalidInput(f"{len(cases)} rows, but predictions for {len(unseen.leaves)}")
    return Pass(
        [document for part in parts for document in part.documents],
        LineScores(unseen.leaves, unseen.natures, unseen.margins),
        [found for part in parts for found in part.mentions],
    )


def _keep_reference(engine: Engine, cases: Sequence[Case], seen: Pass, folder: Path) -> None:
    tickets = seen_tickets(
        engine,
        seen,
        ids=[case.id for case in cases],
        contexts=[case.context for case in cases],
        groups=[case.group for case in cases],
    )
    Reference.of(tickets, most=load_drift().reference_most).save(folder)


def _against_champion(
    trained: Trained, judgement: Judgement, taxonomy: Taxonomy
) -> Comparison | None:
    models = trained.folder.parent
    old = registry.champion(models)
    if old is None or old == trained.version:
        return None
    try:
        before = unseen(models / old)
        figures, lines = differences(before, judgement.outcomes, taxonomy.line_codes)
    except (InvalidInput, ArtifactRejected):
        # Judged on other rows, or gone: there is nothing to compare with.
        return None
    rows = len(paired(before, judgement.outcomes)[0])
    return Comparison(old, trained.version, rows, figures, lines)
