"""The options by which a command is handed a labelled file, and how it is read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from triage.errors import InvalidInput, JiesuError

if TYPE_CHECKING:
    from training.bank_data import BankData
    from training.bank_report import ValidationReport
    from triage.taxonomy import Taxonomy

DONE, SET_ASIDE = 0, 3

_SHARE = 0.5
_MOST_WEIGHT = 100.0


def add_data_options(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Add --data, --map, --where and --bad-rows."""
    parser.add_argument(
        "--data", type=Path, required=required, metavar="FILE", help=".csv, .jsonl or .parquet"
    )
    parser.add_argument(
        "--map", metavar="MAP", help="text=内容,line=业务线 ... or a YAML with columns and labels"
    )
    parser.add_argument(
        "--where", metavar="COLUMN=VALUE", action="append", default=[], help="only these rows"
    )
    parser.add_argument(
        "--bad-rows", type=Path, metavar="FILE", help="write unusable rows (.json or .csv)"
    )


def add_feedback_options(parser: argparse.ArgumentParser) -> None:
    """Add --feedback, --feedback-share and --feedback-weight."""
    parser.add_argument(
        "--feedback", type=Path, metavar="FILE", help="also what `jiesu feedback export` wrote"
    )
    parser.add_argument(
        "--feedback-share",
        type=_share,
        default=_SHARE,
        metavar="S",
        help=f"its largest share of the rows, between 0 and 1 ({_SHARE:g})",
    )
    parser.add_argument(
        "--feedback-weight",
        type=_weight,
        default=1.0,
        metavar="W",
        help="how many other rows one of its rows counts for, in the mean (1)",
    )


def add_no_track(parser: argparse.ArgumentParser) -> None:
    """Add --no-track."""
    parser.add_argument("--no-track", action="store_true", help="leave MLflow alone")


def _share(text: str) -> float:
    value = float(text)
    if not 0.0 < value < 1.0:
        raise argparse.ArgumentTypeError("a share between 0 and 1 is meant")
    return value


def _weight(text: str) -> float:
    value = float(text)
    if not 0.0 < value <= _MOST_WEIGHT:
        raise argparse.ArgumentTypeError(f"a number above 0, up to {_MOST_WEIGHT:g}, is meant")
    return value


def read_data(
    args: argparse.Namespace, taxonomy: Taxonomy, *, for_training: bool = False
) -> BankData | None:
    """Read the file of the options, or nothing; tell on stderr what was in it.

    Raises
    ------
    InvalidInput
        When it has no usable row.
    """
    from training.bank_columns import parse_mapping
    from training.bank_data import read_labelled
    from training.bank_report import write_bad_rows

    if args.data is None:
        return None
    pairs = [condition.partition("=") for condition in args.where]
    data = read_labelled(
        args.data,
        taxonomy,
        columns=parse_mapping(args.map),
        for_training=for_training,
        where={column: value for column, _, value in pairs},
    )
    say(data.report.text())
    if args.bad_rows:
        write_bad_rows(data.report, args.bad_rows)
    if not data.cases:
        raise InvalidInput(f"{args.data.name} has no usable row", cure="see the reasons above")
    return data


def how_read(args: argparse.Namespace, report: ValidationReport) -> dict[str, Any]:
    """Give what tracking is told of a file: its name, how it was read, how much was unusable."""
    from training.bank_columns import parse_mapping

    columns = parse_mapping(args.map)
    return {
        "file": report.file,
        "encoding": report.encoding,
        "map": _pairs(columns.columns),
        "labels": _pairs(columns.labels),
        "where": " ".join(args.where),
        "records": report.records,
        "duplicates": report.duplicates,
        "bad": len(report.bad),
    }


def _pairs(names: Mapping[str, str]) -> str:
    return ",".join(f"{name}={other}" for name, other in names.items())


def needed(data: BankData | None) -> BankData:
    """Refuse to go on without rows."""
    if data is None:
        raise InvalidInput("no labelled file", cure="name one with --data")
    return data


def say(text: str) -> None:
    """Tell what is going on; results go to stdout, this does not."""
    print(text, file=sys.stderr, flush=True)


def tracked(track: Callable[[], str]) -> int:
    """Keep a run, print where, and give the exit status: what it tells of is there without it."""
    try:
        print("mlflow  " + track())
    except JiesuError as exc:
        say(f"not tracked: {exc}")
        return SET_ASIDE
    return DONE


def write_json(path: Path, body: Mapping[str, Any]) -> None:
    """Write figures for programs."""
    path.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
