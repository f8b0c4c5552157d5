"""`jiesu feedback`: what reviewers said, as a labelled file for `jiesu train`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from service.arguments import day
from triage.errors import InvalidInput
from triage.rules.calendar import midnight


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `jiesu feedback`."""
    parser = subparsers.add_parser("feedback", help="verdicts as a labelled file")
    acts = parser.add_subparsers(dest="act", required=True, metavar="export")
    export = acts.add_parser("export", help="write what reviewers said, each text once")
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help=".jsonl")
    export.add_argument(
        "--since", type=day, metavar="DAY", help="only tickets that came in from this day on"
    )
    export.set_defaults(run=run_export)


def run_export(args: argparse.Namespace) -> int:
    """Write the file, and tell what is not in it."""
    import orjson

    from service.feedback.rows import exported
    from service.feedback.settings import load_feedback
    from service.settings import load_settings
    from service.store.opening import open_database

    if args.out.suffix.lower() != ".jsonl":
        raise InvalidInput(f"{args.out.name}: cannot write it", cure="name a .jsonl file")
    settings = load_settings()
    feedback = load_feedback(settings.data)
    database = open_database(settings)
    try:
        found = exported(database, feedback, since=midnight(args.since) if args.since else None)
    finally:
        database.close()
    args.out.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in found.rows))
    drawn = sum(row["audit_share"] is not None for row in found.rows)
    print(f"{len(found.rows)} rows, {drawn} of them drawn at random, written to {args.out}")
    for why, count in sorted(found.left_out.items()):
        if count:
            print(f"left out: {count} {why}", file=sys.stderr)
    return 0
