"""`jiesu report`: the governance report of a period."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from service.arguments import day
from triage.errors import InvalidInput


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `jiesu report`."""
    parser = subparsers.add_parser("report", help="the governance report of a period")
    parser.add_argument("--from", dest="since", type=day, metavar="DAY", required=True)
    parser.add_argument("--to", dest="until", type=day, metavar="DAY", required=True)
    parser.add_argument("--out", type=Path, required=True, help=".html, .docx or .json")
    parser.add_argument(
        "--province", type=_number, metavar="N", help="mediations of the whole province"
    )
    parser.add_argument(
        "--accountable", metavar="NAME", help="what one accountable person is to look at alone"
    )
    parser.set_defaults(run=run)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError("a number above 0 is meant")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Count the period and write the report, with the list of tickets beside it."""
    from service.governance.cases import Period
    from service.governance.files import FORMATS, write_file
    from service.governance.report import make_report
    from service.settings import load_settings
    from service.store.opening import open_database

    if args.since > args.until:
        raise InvalidInput("--from is after --to", cure="name an earlier day")
    if args.out.suffix.lower() not in FORMATS:
        raise InvalidInput(f"{args.out.name}: cannot write it", cure=f"use {', '.join(FORMATS)}")
    settings = load_settings()
    period = Period(args.since, args.until, datetime.now(UTC))
    with closing(open_database(settings)) as database:
        report = make_report(
            database,
            period,
            data=settings.data,
            province=args.province,
            accountable=args.accountable,
        )
    listed = write_file(report, args.out)
    tickets = report.figures["volume.all"].shown
    print(f"{tickets} tickets, {len(report.figures)} figures; {listed.name}", file=sys.stderr)
    return 0
