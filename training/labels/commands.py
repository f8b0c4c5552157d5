"""`jiesu calibrate | label | labels`: what labels and unlabelled tickets are good for."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from training.command_data import add_data_options, say
from triage.errors import InvalidInput, JiesuError

if TYPE_CHECKING:
    from training.corpus import LabelledRow
    from training.lines import Recipe
    from triage.engine import Engine
    from triage.taxonomy import Taxonomy

DONE = 0
_COVERAGE = 0.9


def add_parser(subparsers: Any) -> None:
    """Add the sub-commands."""
    _add_calibrate(subparsers)
    _add_label(subparsers)
    _add_labels(subparsers)


def _add_calibrate(subparsers: Any) -> None:
    calibrate = subparsers.add_parser(
        "calibrate", help="correct a model for the mix of lines among unlabelled tickets"
    )
    _add_texts(calibrate, "unlabelled tickets: .csv, .jsonl or .parquet")
    calibrate.add_argument("--model", help="version, folder or models:/... (default: champion)")
    calibrate.add_argument(
        "--labelled", type=Path, metavar="FILE", help="what it was trained on (default: data/)"
    )
    calibrate.add_argument(
        "--coverage",
        type=float,
        default=_COVERAGE,
        metavar="SHARE",
        help=f"what prediction sets promise ({_COVERAGE:g})",
    )
    calibrate.add_argument("--out", type=Path, metavar="FILE", help="default: where it is served")
    calibrate.set_defaults(run=run_calibrate)


def _add_label(subparsers: Any) -> None:
    label = subparsers.add_parser("label", help="which rows to label next")
    acts = label.add_subparsers(dest="act", required=True, metavar="next")
    chosen = acts.add_parser("next", help="choose the rows whose labels teach a model most")
    _add_texts(chosen, "rows, labelled or not; those with a line are passed over")
    chosen.add_argument("--budget", type=int, required=True, metavar="N", help="so many rows")
    chosen.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help=".csv (for Excel) or .jsonl"
    )
    chosen.add_argument("--model", help="version, folder or models:/... (default: champion)")
    chosen.set_defaults(run=run_next)


def _add_labels(subparsers: Any) -> None:
    labels = subparsers.add_parser("labels", help="which labels to doubt")
    acts = labels.add_subparsers(dest="act", required=True, metavar="audit")
    audit = acts.add_parser("audit", help="wrong labels, copies that differ, rows like no other")
    add_data_options(audit, required=True)
    audit.add_argument("--recipe", help="a recipe of data/recipes.yaml (default: its default)")
    audit.add_argument("--out", type=Path, required=True, metavar="FILE", help=".jsonl")
    audit.set_defaults(run=run_audit)


def _add_texts(parser: argparse.ArgumentParser, meant: str) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help=meant)
    parser.add_argument("--map", metavar="MAP", help="text=内容,id=工单号 ... or a YAML")


def run_calibrate(args: argparse.Namespace) -> int:
    """Write what corrects a model for one bank."""
    from training.bank_columns import parse_mapping
    from training.labels.calibrate import Known, calibrate, calibration_text
    from training.labels.scoring import leaf_scores, recipe_of
    from training.labels.texts import read_narratives
    from training.labels.unseen import opinions
    from training.registry import folder_of
    from triage.calibration_files import digest_of, shift_path
    from triage.engine import Engine
    from triage.replacing import replace_file
    from triage.taxonomy import load_taxonomy

    if not 0.0 < args.coverage < 1.0:
        raise InvalidInput("--coverage", cure="a share between 0 and 1 is meant")
    taxonomy, folder = load_taxonomy(), folder_of(args.model)
    engine = Engine.load(folder, taxonomy)
    tickets = read_narratives(args.data, parse_mapping(args.map))
    recipe = recipe_of(engine.manifest)
    rows = _trained_on(args.labelled, engine, taxonomy, recipe)
    say(f"cross-validating {len(rows)} labelled rows")
    known = Known.of(opinions(rows, recipe, engine.read), engine.decider)
    say(f"scoring {len(tickets)} tickets")
    done = calibrate(
        known,
        leaf_scores(engine, [ticket.text for ticket in tickets]),
        engine.decider,
        version=engine.version,
        coverage=args.coverage,
    )
    body = done.to_dict() | {"file": args.data.name, "tickets": len(tickets)}
    content = orjson.dumps(body, option=orjson.OPT_INDENT_2)
    print(calibration_text(done))
    if args.out is None:
        # First: a service that takes up the file may look into the registry.
        _register(folder, engine.version, content)
    out = args.out or shift_path(engine.version)
    replace_file(out, content)
    print(f"calibration {digest_of(content)} written to {out}")
    return DONE


def _register(folder: Path, version: str, content: bytes) -> None:
    from training.labels.attach import attach

    try:
        number = attach(folder, version, content)
    except JiesuError as exc:
        say(f"MLflow was not told of the calibration: {exc}")
        return
    if number is not None:
        print(f"registered with {version} as number {number}; its aliases point there now")


def run_next(args: argparse.Namespace) -> int:
    """Write the rows to label next, those worth most in front."""
    from training.bank_columns import parse_mapping
    from training.labels.next_rows import next_rows, open_pipeline
    from training.labels.sheet import check_writable, write_rows
    from training.labels.texts import read_narratives
    from training.registry import folder_of

    if args.budget < 1:
        raise InvalidInput(f"--budget {args.budget}", cure="a whole number from 1 is meant")
    check_writable(args.out)
    columns = parse_mapping(args.map)
    every = read_narratives(args.data, columns)
    unlabelled = [row for row in every if columns.pick(row.values, "line") is None]
    if not unlabelled:
        raise InvalidInput(f"every row of {args.data.name} has a line", cure="add new rows")
    say(f"choosing from {len(unlabelled)} rows; {len(every) - len(unlabelled)} have a line")
    model = open_pipeline(folder_of(args.model))
    rows = list(next_rows(unlabelled, model, args.budget))
    write_rows(args.out, rows)
    print(f"{len(rows)} rows to label, written to {args.out}")
    print(f"fill in line and subline (codes or names), then: jiesu train --feedback {args.out}")
    return DONE


def run_audit(args: argparse.Namespace) -> int:
    """Write the rows that somebody should look at again, the worst in front."""
    from training.command_data import needed, read_data
    from training.labels.audit import audit, finding_body
    from training.labels.unseen import opinions
    from training.train import load_recipe
    from triage.reading import TextReader
    from triage.taxonomy import load_taxonomy

    rows = needed(read_data(args, load_taxonomy(), for_training=True)).rows
    recipe, read = load_recipe(args.recipe), TextReader()
    documents = [read(row.text) for row in rows]
    say(f"cross-validating {len(rows)} rows")
    said = opinions(rows, recipe, read, documents)
    found = audit(rows, said, documents, recipe, read)
    _write_lines(args.out, [finding_body(one, rows, said) for one in found])
    counts = Counter(one.kind for one in found)
    for kind, what in (("label", "labels to doubt"), ("copy", "copies that differ")):
        print(f"{counts[kind]:>6} {what}")
    print(f"{counts['outlier']:>6} rows like no other\nwritten {args.out}")
    return DONE


def _write_lines(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))


def _trained_on(
    path: Path | None, engine: Engine, taxonomy: Taxonomy, recipe: Recipe
) -> Sequence[LabelledRow]:
    """Give the labelled rows; those of another model would correct the wrong thing."""
    from training.bank_data import read_labelled
    from training.corpus import corpus_digest, load_corpus
    from training.run import with_natures, without_rare_natures

    if path is None:
        rows = load_corpus(taxonomy)
    else:
        data = read_labelled(path, taxonomy, for_training=True)
        rows = with_natures(data.rows, taxonomy)
    kept = without_rare_natures(rows, recipe)
    if path is None and corpus_digest(kept) != engine.manifest["corpus_digest"]:
        raise InvalidInput(
            f"model {engine.version} was not trained on data/ as it is",
            cure="hand in what it was trained on with --labelled",
        )
    return kept
