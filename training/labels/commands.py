"""`jiesu calibrate | label | labels`: what labels and unlabelled tickets are good for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from training.command_data import say
from triage.errors import InvalidInput

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
    from triage.engine import Engine
    from triage.shift import shift_path
    from triage.taxonomy import load_taxonomy

    if not 0.0 < args.coverage < 1.0:
        raise InvalidInput("--coverage", cure="a share between 0 and 1 is meant")
    taxonomy = load_taxonomy()
    engine = Engine.load(folder_of(args.model), taxonomy)
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
    out = args.out or shift_path(engine.version)
    out.parent.mkdir(parents=True, exist_ok=True)
    body = done.to_dict() | {"file": args.data.name, "tickets": len(tickets)}
    out.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
    print(calibration_text(done))
    print(f"written {out}")
    return DONE


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
