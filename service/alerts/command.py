"""`jiesu alerts`: surges, major and typical tickets of a period as the draft of a risk alert."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from service.arguments import day
from triage.errors import InvalidInput

if TYPE_CHECKING:
    from service.alerts.finding import Findings


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `jiesu alerts`."""
    parser = subparsers.add_parser("alerts", help="surges and typical cases as a risk alert")
    parser.add_argument(
        "input", nargs="?", type=Path, help="output of `jiesu score`; default: the ledger"
    )
    parser.add_argument("--from", dest="since", type=day, metavar="DAY", help="default: 30 days")
    parser.add_argument(
        "--to", dest="until", type=day, metavar="DAY", help="default: the newest ticket's day"
    )
    parser.add_argument("--out", type=Path, help=".md, .html, .docx or .json; default: Markdown")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Find the alerts of the period and write the draft."""
    from service.alerts.files import FORMATS, markdown

    if args.out and args.out.suffix.lower() not in (*FORMATS, ".json"):
        known = ", ".join((*FORMATS, ".json"))
        raise InvalidInput(f"{args.out.name}: cannot write it", cure=f"use {known}")
    found = _of_ledger(args) if args.input is None else _of_file(args)
    if args.out is None:
        print(markdown(found.draft), end="")
    else:
        _write(args.out, found)
    told = found.body
    surges, majors = len(told["surges"]), len(told["major"])
    print(f"{surges} surges, {majors} major tickets of {told['tickets']}", file=sys.stderr)
    return 0


def _write(path: Path, found: Findings) -> None:
    import orjson

    from service.alerts.files import write_file

    if path.suffix.lower() == ".json":
        path.write_bytes(orjson.dumps(found.body, option=orjson.OPT_INDENT_2))
    else:
        write_file(found.draft, path)


def _of_file(args: argparse.Namespace) -> Findings:
    from service.alerts.finding import find, period_of
    from service.alerts.rows import tickets_of_file

    tickets = tickets_of_file(args.input)
    if not tickets:
        raise InvalidInput("there are no tickets", cure="score a file, or fill the ledger")
    newest = max(ticket.received for ticket in tickets)
    return find(tickets, *period_of(args.since, args.until, newest))


def _of_ledger(args: argparse.Namespace) -> Findings:
    from service.alerts.finding import Finder
    from service.alerts.reading import newest_of
    from service.settings import load_settings
    from service.store.opening import open_database

    settings = load_settings()
    with closing(open_database(settings)) as database:
        if newest_of(database) is None:
            raise InvalidInput("there are no tickets", cure="score a file, or fill the ledger")
        return Finder(database, settings.data).find(args.since, args.until)
