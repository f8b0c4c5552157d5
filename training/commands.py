"""`jiesu train | compare`, and the rest of a data scientist's; heavy imports wait for the call."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training import champion_command, evaluate_command
from training.command_data import (
    DONE,
    add_data_options,
    add_feedback_options,
    add_no_track,
    how_read,
    needed,
    read_data,
    say,
    tracked,
    write_json,
)

if TYPE_CHECKING:
    from training.cases import Case
    from training.corpus import LabelledRow


def add_parser(subparsers: Any) -> None:
    """Add the sub-commands of a data scientist."""
    _add_train(subparsers)
    evaluate_command.add_parser(subparsers)
    _add_compare(subparsers)
    champion_command.add_parsers(subparsers)


def _add_train(subparsers: Any) -> None:
    train = subparsers.add_parser("train", help="train a model, track it, report on it")
    add_data_options(train, required=False)
    train.add_argument("--recipe", help="a recipe of data/recipes.yaml (default: its default)")
    add_feedback_options(train)
    add_no_track(train)
    train.add_argument(
        "--promote", action="store_true", help="then pass it through the gate; a first model always"
    )
    train.add_argument("--scheduler", help="fit on a Dask cluster: tcp://HOST:PORT")
    train.set_defaults(run=run_train)


def _add_compare(subparsers: Any) -> None:
    compare = subparsers.add_parser("compare", help="two models on the same rows")
    compare.add_argument("first", metavar="A", help="version, folder, champion or models:/...")
    compare.add_argument("second", metavar="B", help="the same")
    add_data_options(compare, required=True)
    compare.add_argument("--json", type=Path, metavar="FILE", help="write everything")
    compare.set_defaults(run=run_compare)


def run_train(args: argparse.Namespace) -> int:
    """Train, judge, report, track, and promote if asked."""
    from training import registry, run
    from training.cluster import on_cluster
    from training.corpus import load_corpus
    from training.feedback import mix_in
    from training.report_text import judgement_text
    from training.train import load_recipe, train
    from triage.rules.naming import check_names
    from triage.taxonomy import load_taxonomy

    taxonomy, recipe = load_taxonomy(), load_recipe(args.recipe)
    # What would keep the model from serving is told before hours of fitting.
    check_names(taxonomy)
    data = read_data(args, taxonomy, for_training=True)
    rows: Sequence[LabelledRow] = (
        load_corpus(taxonomy, say=say) if data is None else run.with_natures(data.rows, taxonomy)
    )
    name = "data/corpus" if data is None else data.report.file
    judged: Sequence[LabelledRow | Case] = rows if data is None else data.cases
    given = None if data is None else how_read(args, data.report)
    feedback: dict[str, Any] = {}
    if args.feedback:
        mix = mix_in(args, taxonomy, rows, judged, name)
        rows, judged, name, feedback = mix.rows, mix.judged, mix.name, mix.params
    rows = run.without_rare_natures(rows, recipe)
    run.check_enough(rows, recipe)
    with on_cluster(args.scheduler):
        trained = train(rows, recipe, taxonomy, say=say)
    published = run.publish(
        trained,
        rows if data is None and not args.feedback else judged,
        taxonomy,
        data_name=f"{name}, grouped cross-validation",
        validation=None if data is None else data.report,
    )
    print(judgement_text(published.judgement, taxonomy))
    print(f"\nmodel   {trained.folder}\nreport  {published.report}")
    status = DONE
    if not args.no_track:
        status = tracked(
            lambda: run.track(
                trained, published, rows, recipe, name, given=given, feedback=feedback
            )
        )
    # Without a champion there is nothing to be worse than, and the service has nothing to serve.
    wanted = args.promote or registry.champion() is None
    return champion_command.promote(trained.version, None) if wanted else status


def run_compare(args: argparse.Namespace) -> int:
    """Compare two models on a labelled file."""
    from training.comparison import compare
    from training.registry import folder_of
    from training.report_text import comparison_text
    from triage.engine import Engine
    from triage.taxonomy import load_taxonomy

    taxonomy = load_taxonomy()
    first = Engine.load(folder_of(args.first), taxonomy)
    second = Engine.load(folder_of(args.second), taxonomy)
    comparison = compare(first, second, needed(read_data(args, taxonomy)).cases)
    print(comparison_text(comparison, taxonomy))
    if args.json:
        write_json(args.json, comparison.to_dict())
    return DONE
