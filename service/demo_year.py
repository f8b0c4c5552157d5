"""`jiesu demo`: a simulated year in the ledger, so that there is something to look at.

Who makes the tickets the service does not know: `jiesu.py` hands over a function that does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from triage.errors import InvalidInput

if TYPE_CHECKING:
    from service.ledger.bulk import Loader
    from service.settings import Settings
    from service.store.database import Database

TICKETS = 2_000
_MOST = 200_000
_BATCH = 256
Simulated = Callable[[datetime, int], Iterator[dict[str, Any]]]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `demo` to the command line."""
    parser = subparsers.add_parser("demo", help="load a simulated year into the ledger")
    parser.add_argument(
        "--tickets", type=int, default=TICKETS, help=f"about how many the year holds ({TICKETS:,})"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="remove the year that is there and load it anew"
    )
    parser.add_argument(
        "--if-empty",
        action="store_true",
        help="do nothing when the ledger holds a ticket, or JIESU_DEMO is false",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Load the year; `args.simulated` makes its tickets."""
    from service.settings import load_settings
    from service.store import demo
    from service.store.opening import open_database

    if not 1 <= args.tickets <= _MOST:
        raise InvalidInput(f"--tickets {args.tickets}", cure=f"it takes 1 to {_MOST:,}")
    settings = load_settings()
    if args.if_empty and not settings.demo:
        return 0
    with closing(open_database(settings)) as database:
        if args.if_empty and not database.ask(demo.empty):
            return 0
        _refuse_webhooks(database)
        if args.fresh:
            print(f"{_remove(database):,} tickets of the demonstration are removed.")
        if database.ask(demo.loaded):
            print("The simulated year is there; `jiesu demo --fresh` loads it anew.")
        else:
            print(f"{_load(settings, database, args):,} tickets of a simulated year are loaded.")
    return 0


def _remove(database: Database) -> int:
    from service.store import demo

    removed = database.change(demo.remove)
    _note(database, demo.REMOVED, removed)
    return removed


def _note(database: Database, what: str, tickets: int) -> None:
    from service.ledger.bulk import ACTOR
    from service.store import audit

    at, told = datetime.now(UTC), {"tickets": tickets}
    database.change(lambda session: audit.note(session, ACTOR, what, at=at, data=told))


def _refuse_webhooks(database: Database) -> None:
    from service.store.webhooks import hooks

    if database.ask(hooks):
        raise InvalidInput(
            "there are webhooks, which would be told of thousands of tickets that nobody sent",
            cure="load the demonstration into a database of its own (JIESU_HOME)",
        )


def _load(settings: Settings, database: Database, args: argparse.Namespace) -> int:
    from tqdm import tqdm

    from service.store import demo
    from triage.rules.calendar import local

    # What a load that was cut off has left behind is not loaded again.
    known = database.ask(demo.known)
    made = args.simulated(local(datetime.now(UTC)), args.tickets)
    new = [ticket for ticket in made if ticket["ticket_id"] not in known]
    loader = _loader(settings, database)
    added = 0
    with tqdm(total=len(new), unit="ticket", file=sys.stderr, desc="demo") as bar:
        for batch in _batches(new):
            added += loader.load(batch)
            bar.update(len(batch))
    _note(database, demo.LOADED, added)
    return added


def _batches(tickets: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rest = iter(tickets)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _loader(settings: Settings, database: Database) -> Loader:
    from service.ledger.bulk import Loader
    from service.serving import load_model
    from service.store.privacy import privacy_of, vault_of

    return Loader(
        database,
        load_model(settings).engine,
        privacy_of(settings),
        vault_of(settings),
        raw_days=settings.raw_days if settings.keep_raw else 0,
    )
