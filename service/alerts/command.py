"""`jiesu alerts`: surges, major and typical tickets of a period as the draft of a risk alert."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from service.arguments import day
from triage.errors import InvalidInput

if TYPE_CHECKING:
    from service.alerts.finding import Findings
    from triage.surge.tickets import SurgeTicket


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
    from service.alerts.finding import find, period_of

    if args.out and args.out.suffix.lower() not in (*FORMATS, ".json"):
        known = ", ".join((*FORMATS, ".json"))
        raise InvalidInput(f"{args.out.name}: cannot write it", cure=f"use {known}")
    tickets = _tickets(args)
    if not tickets:
        raise InvalidInput("there are no tickets", cure="score a file, or fill the ledger")
    newest = max(ticket.received for ticket in tickets)
    period = period_of(args.since, args.until, newest)
    found = find(tickets, *period, bonded=args.input is None)
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


def _tickets(args: argparse.Namespace) -> list[SurgeTicket]:
    from service.alerts.rows import tickets_of_file

    return _of_ledger(args.since, args.until) if args.input is None else tickets_of_file(args.input)


def _of_ledger(since: date | None, until: date | None) -> list[SurgeTicket]:
    from service.alerts.finding import of_ledger
    from service.settings import load_settings
    from service.store.opening import open_database

    database = open_database(load_settings())
    try:
        return of_ledger(database, since, until)
    finally:
        database.close()
