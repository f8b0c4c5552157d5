"""`jiesu train | evaluate | compare | promote | rollback`; heavy imports wait for the call."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from training.command_data import (
    add_data_options,
    add_feedback_options,
    needed,
    read_data,
    say,
)
from triage.errors import JiesuError

if TYPE_CHECKING:
    from training.bank_data import BankData
    from training.cases import Case
    from training.corpus import LabelledRow
    from training.judgement import Judgement
    from training.report import Extras
    from triage.taxonomy import Taxonomy

DONE, SET_ASIDE = 0, 3


def add_parser(subparsers: Any) -> None:
    """Add the sub-commands of a data scientist."""
    _add_train(subparsers)
    _add_evaluate(subparsers)
    _add_compare(subparsers)
    _add_promote(subparsers)


def _add_train(subparsers: Any) -> None:
    train = subparsers.add_parser("train", help="train a model, track it, report on it")
    add_data_options(train, required=False)
    train.add_argument("--recipe", help="a recipe of data/recipes.yaml (default: its default)")
    add_feedback_options(train)
    train.add_argument("--no-track", action="store_true", help="leave MLflow alone")
    train.add_argument(
        "--promote", action="store_true", help="then pass it through the gate; a first model always"
    )
    train.add_argument("--scheduler", help="fit on a Dask cluster: tcp://HOST:PORT")
    train.set_defaults(run=run_train)


def _add_evaluate(subparsers: Any) -> None:
    evaluate = subparsers.add_parser("evaluate", help="judge a model on a labelled file")
    add_data_options(evaluate, required=True)
    evaluate.add_argument("--model", help="version, folder or models:/... (default: champion)")
    evaluate.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    evaluate.add_argument("--html", type=Path, metavar="FILE", help="write the report")
    evaluate.add_argument("--against", metavar="MODEL", help="compare with this model as well")
    evaluate.set_defaults(run=run_evaluate)


def _add_compare(subparsers: Any) -> None:
    compare = subparsers.add_parser("compare", help="two models on the same rows")
    compare.add_argument("first", metavar="A", help="version, folder, champion or models:/...")
    compare.add_argument("second", metavar="B", help="the same")
    add_data_options(compare, required=True)
    compare.add_argument("--json", type=Path, metavar="FILE", help="write everything")
    compare.set_defaults(run=run_compare)


def _add_promote(subparsers: Any) -> None:
    promote = subparsers.add_parser("promote", help="make a version the champion, if it may be")
    promote.add_argument("version", metavar="VERSION")
    add_data_options(promote, required=False)
    promote.add_argument(
        "--overrule", metavar="REASON", default="", help="promote against the gate; is recorded"
    )
    promote.set_defaults(run=run_promote)
    rollback = subparsers.add_parser("rollback", help="go back to the champion before this one")
    rollback.set_defaults(run=run_rollback)


def run_train(args: argparse.Namespace) -> int:
    """Train, judge, report, track, and promote if asked."""
    from training import registry, run
    from training.cluster import on_cluster
    from training.corpus import load_corpus
    from training.feedback import mix_in
    from training.report_text import judgement_text
    from training.train import load_recipe, train
    from triage.taxonomy import load_taxonomy

    taxonomy, recipe = load_taxonomy(), load_recipe(args.recipe)
    data = read_data(args, taxonomy, for_training=True)
    rows: Sequence[LabelledRow] = (
        load_corpus(taxonomy) if data is None else run.with_natures(data.rows, taxonomy)
    )
    name = "data/corpus" if data is None else data.report.file
    judged: Sequence[LabelledRow | Case] = rows if data is None else data.cases
    if args.feedback:
        rows, judged, name = mix_in(args, taxonomy, rows, judged, name)
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
        status = _tracked(lambda: run.track(trained, published, rows, recipe, name))
    # Without a champion there is nothing to be worse than, and the service has nothing to serve.
    wanted = args.promote or registry.champion() is None
    return _promote(trained.version, None) if wanted else status


def _tracked(track: Callable[[], str]) -> int:
    try:
        print("mlflow  " + track())
    except JiesuError as exc:
        # The model is there and good; only its run is not recorded.
        say(f"not tracked: {exc}")
        return SET_ASIDE
    return DONE


def run_evaluate(args: argparse.Namespace) -> int:
    """Judge a model on a labelled file."""
    from training.comparison import compare
    from training.judge import judge
    from training.registry import folder_of, is_among, metrics, trained_on
    from training.report import Extras
    from triage.engine import Engine
    from triage.taxonomy import load_taxonomy

    taxonomy = load_taxonomy()
    folder = folder_of(args.model)
    engine = Engine.load(folder, taxonomy)
    other = Engine.load(folder_of(args.against), taxonomy) if args.against else None
    data = needed(read_data(args, taxonomy))
    seen = trained_on(folder)
    known = sum(is_among(case, seen) for case in data.cases)
    if known:
        say(f"warning: the model was trained on {known} of the {len(data.cases)} rows")
    extras = Extras(
        data_name=data.report.file,
        champion=judge(other, data.cases) if other else None,
        comparison=compare(other, engine, data.cases) if other else None,
        validation=data.report,
        card=(folder / "card.md").read_text(encoding="utf-8"),
        metrics=metrics(folder),
    )
    _tell(args, judge(engine, data.cases), extras, taxonomy)
    return DONE


def _tell(
    args: argparse.Namespace, judgement: Judgement, extras: Extras, taxonomy: Taxonomy
) -> None:
    from training.report import render
    from training.report_text import comparison_text, judgement_text

    print(judgement_text(judgement, taxonomy))
    if extras.comparison:
        print("\n" + comparison_text(extras.comparison, taxonomy))
    if args.json:
        body = {"judgement": judgement.to_dict()}
        body |= {"file": extras.validation.to_dict()} if extras.validation else {}
        body |= {"comparison": extras.comparison.to_dict()} if extras.comparison else {}
        _write_json(args.json, body)
    if args.html:
        args.html.write_text(render(judgement, taxonomy, extras), encoding="utf-8")
        print(f"\nreport  {args.html}")


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
        _write_json(args.json, comparison.to_dict())
    return DONE


def run_promote(args: argparse.Namespace) -> int:
    """Pass a version through the gate."""
    from triage.taxonomy import load_taxonomy

    data = read_data(args, load_taxonomy())
    return _promote(args.version, data, overrule=args.overrule)


def run_rollback(args: argparse.Namespace) -> int:  # noqa: ARG001 - as every handler
    """Go one champion back."""
    from training import registry

    done = registry.rollback()
    print(f"champion {done.version} (was {done.previous})")
    _alias(done.version)
    return DONE


def _promote(version: str, data: BankData | None, *, overrule: str = "") -> int:
    from training import registry
    from training.report_text import comparison_text
    from triage.taxonomy import load_taxonomy

    done = registry.promote(version, cases=data.cases if data else None, overrule=overrule)
    if done.comparison:
        print(comparison_text(done.comparison, load_taxonomy()) + "\n")
    if done.not_checked:
        print(f"not checked: {', '.join(done.not_checked)} (mark them in a file, hand in --data)")
    for objection in done.objections:
        print(f"overruled: {objection}")
    print(f"champion {done.version} (was {done.previous or 'none'})")
    _alias(version)
    return DONE


def _alias(version: str) -> None:
    from training import registry, tracking

    if tracking.store_exists():
        try:
            tracking.set_alias(tracking.CHAMPION, registry.folder_of(version))
        except JiesuError as exc:
            say(f"the alias {tracking.CHAMPION} of MLflow was not moved: {exc}")


def _write_json(path: Path, body: dict[str, Any]) -> None:
    path.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
