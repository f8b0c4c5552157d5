"""`jiesu evaluate`: a model on a labelled file, beside the champion; heavy imports wait."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.command_data import (
    DONE,
    add_data_options,
    add_no_track,
    how_read,
    needed,
    read_data,
    say,
    tracked,
    write_json,
)
from triage.errors import ArtifactRejected, InvalidInput

if TYPE_CHECKING:
    from training.bank_data import BankData
    from training.judgement import Judgement
    from training.report import Extras
    from triage.taxonomy import Taxonomy

NOBODY = "none"


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    evaluate = subparsers.add_parser("evaluate", help="judge a model on a labelled file")
    add_data_options(evaluate, required=True)
    evaluate.add_argument("--model", help="version, folder or models:/... (default: champion)")
    evaluate.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    evaluate.add_argument("--html", type=Path, metavar="FILE", help="write the report")
    evaluate.add_argument(
        "--against",
        metavar="MODEL",
        help=f"compare with this model (default: the champion, if another is judged; {NOBODY})",
    )
    add_no_track(evaluate)
    evaluate.set_defaults(run=run_evaluate)


def run_evaluate(args: argparse.Namespace) -> int:
    """Judge a model on a labelled file."""
    from training.comparison import compare
    from training.judge import judge
    from training.model_files import metrics
    from training.registry import folder_of
    from training.report import Extras
    from training.report_evidence import mistakes_told
    from triage.engine import Engine
    from triage.taxonomy import load_taxonomy

    taxonomy = load_taxonomy()
    folder = folder_of(args.model)
    engine = Engine.load(folder, taxonomy)
    beside = _beside(args.against, engine.version)
    other = _opened(beside, taxonomy, needed_at_all=bool(args.against)) if beside else None
    data = needed(read_data(args, taxonomy))
    _warn(folder, data, "the model")
    if beside and other:
        _warn(beside, data, f"{other.version}, which it is compared with,")
    judgement = judge(engine, data.cases)
    extras = Extras(
        data_name=data.report.file,
        champion=judge(other, data.cases) if other else None,
        comparison=compare(other, engine, data.cases) if other else None,
        validation=data.report,
        card=(folder / "card.md").read_text(encoding="utf-8"),
        metrics=metrics(folder),
        evidence=mistakes_told(engine, data.cases, judgement.mistakes),
    )
    _tell(args, judgement, extras, taxonomy)
    return DONE if args.no_track else _tracked(args, data, judgement, extras, taxonomy)


def _beside(named: str | None, judged: str) -> Path | None:
    """Give the model to compare with: the one named, else the champion where it is another."""
    from training.registry import champion, folder_of

    if named == NOBODY or (named is None and champion() in {None, judged}):
        return None
    return folder_of(named)


def _opened(folder: Path, taxonomy: Taxonomy, *, needed_at_all: bool) -> Any:
    from triage.engine import Engine

    try:
        return Engine.load(folder, taxonomy)
    except (ArtifactRejected, InvalidInput) as exc:
        if needed_at_all:
            raise
        # After a change of the taxonomy the champion cannot be compared.
        say(f"not compared with the champion: {exc.message}")
        return None


def _warn(folder: Path, data: BankData, who: str) -> None:
    from training.model_files import is_among, trained_on

    seen = trained_on(folder)
    known = sum(is_among(case, seen) for case in data.cases)
    if known:
        say(f"warning: {who} was trained on {known} of the {len(data.cases)} rows")


def _tell(
    args: argparse.Namespace, judgement: Judgement, extras: Extras, taxonomy: Taxonomy
) -> None:
    from training.evaluation_run import figures_body
    from training.report import render
    from training.report_text import comparison_text, judgement_text

    print(judgement_text(judgement, taxonomy))
    if extras.comparison:
        print("\n" + comparison_text(extras.comparison, taxonomy))
    if args.json:
        write_json(args.json, figures_body(judgement, extras))
    if args.html:
        args.html.write_text(render(judgement, taxonomy, extras), encoding="utf-8")
        print(f"\nreport  {args.html}")


def _tracked(
    args: argparse.Namespace,
    data: BankData,
    judgement: Judgement,
    extras: Extras,
    taxonomy: Taxonomy,
) -> int:
    from training.evaluation_run import track_evaluation

    given = how_read(args, data.report)
    return tracked(lambda: track_evaluation(judgement, extras, data.rows, taxonomy, given))
