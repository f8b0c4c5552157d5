"""`jiesu alerts`: surges, major and typical tickets of a period as the draft of a risk alert."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.errors import InvalidInput

if TYPE_CHECKING:
    from triage.surge.draft import Draft
    from triage.surge.tickets import SurgeTicket

PERIOD_DAYS = 30


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `jiesu alerts`."""
    parser = subparsers.add_parser("alerts", help="surges and typical cases as a risk alert")
    parser.add_argument(
        "input", nargs="?", type=Path, help="output of `jiesu score`; default: the ledger"
    )
    parser.add_argument("--from", dest="since", type=_day, metavar="DAY", help="default: 30 days")
    parser.add_argument(
        "--to", dest="until", type=_day, metavar="DAY", help="default: the newest ticket's day"
    )
    parser.add_argument("--out", type=Path, help=".md, .html, .docx or .json; default: Markdown")
    parser.set_defaults(run=run)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise argparse.ArgumentTypeError("a day as 2026-03-31 is meant") from exc


def run(args: argparse.Namespace) -> int:
    """Find the alerts of the period and write the draft."""
    from service.alert_files import FORMATS, markdown

    if args.out and args.out.suffix.lower() not in (*FORMATS, ".json"):
        known = ", ".join((*FORMATS, ".json"))
        raise InvalidInput(f"{args.out.name}: cannot write it", cure=f"use {known}")
    tickets = _tickets(args.input, args.until)
    if not tickets:
        raise InvalidInput("there are no tickets", cure="score a file, or fill the ledger")
    until = args.until or max(ticket.received for ticket in tickets)
    since = args.since or until - timedelta(days=PERIOD_DAYS - 1)
    if since > until:
        raise InvalidInput("--from is after --to", cure="name an earlier day")
    found, draft, body = _find(tickets, since, until)
    if args.out is None:
        print(markdown(draft), end="")
    else:
        _write(args.out, draft, body)
    print(found, file=sys.stderr)
    return 0


def _find(
    tickets: Sequence[SurgeTicket], since: date, until: date
) -> tuple[str, Draft, dict[str, Any]]:
    from triage.repeats.settings import load_settings as load_repeats
    from triage.rules.rulebook import Rulebook
    from triage.surge.alerts import find_alerts
    from triage.surge.draft import write_draft
    from triage.surge.prepare import prepare
    from triage.surge.settings import load_settings
    from triage.surge.wire import alerts_json
    from triage.taxonomy import load_taxonomy

    settings, repeats, taxonomy = load_settings(), load_repeats(), load_taxonomy()
    alerts = find_alerts(
        prepare(tickets, settings, repeats),
        settings,
        taxonomy,
        since=since,
        until=until,
        repeat_days=repeats.windows.same_matter_days,
    )
    said = f"{len(alerts.stories)} surges, {len(alerts.majors)} major tickets of {alerts.tickets}"
    draft = write_draft(alerts, taxonomy, Rulebook.load(taxonomy=taxonomy))
    return said, draft, alerts_json(alerts, taxonomy)


def _write(path: Path, draft: Draft, body: dict[str, Any]) -> None:
    import orjson

    from service.alert_files import write_file

    if path.suffix.lower() == ".json":
        path.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
    else:
        write_file(draft, path)


def _tickets(path: Path | None, until: date | None) -> list[SurgeTicket]:
    from service.alert_rows import tickets_of_file

    return _of_ledger(until) if path is None else tickets_of_file(path)


def _of_ledger(until: date | None) -> list[SurgeTicket]:
    from service.alert_rows import tickets_of_ledger
    from service.settings import load_settings
    from service.store import complaints
    from service.store.opening import open_database
    from service.store.records import Filters
    from triage.rules.calendar import end_after_days

    database = open_database(load_settings())
    try:
        end = end_after_days(until, 0) + timedelta(seconds=1) if until else None
        return list(tickets_of_ledger(complaints.every(database, Filters(received_to=end))))
    finally:
        database.close()
