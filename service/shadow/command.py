"""`jiesu shadow`: a challenger that answers behind the champion, and how the two compare."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.settings import Settings
    from service.store.database import Database


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `jiesu shadow`."""
    parser = subparsers.add_parser("shadow", help="a challenger behind the champion")
    acts = parser.add_subparsers(dest="act", required=True, metavar="start|stop|report")
    start = acts.add_parser("start", help="let a version answer what comes in, unseen")
    start.add_argument("version", metavar="VERSION", help="a version, a folder or models:/...")
    start.set_defaults(run=run_start)
    acts.add_parser("stop", help="let it answer no more").set_defaults(run=run_stop)
    report = acts.add_parser("report", help="champion and challenger on the same tickets")
    report.add_argument("--json", type=Path, metavar="FILE", help="write everything")
    report.set_defaults(run=run_report)


def run_start(args: argparse.Namespace) -> int:
    """Verify a challenger and start it."""
    from service.shadow import acts

    with _opened() as (database, settings):
        version, model = acts.usable(args.version, settings)
        now = datetime.now(UTC)
        work = partial(acts.start, version=version, model=model, actor=acts.OPERATOR, at=now)
        database.change(work)
    print(
        f"{version} answers behind {acts.champion_version(settings) or 'no champion'} from now on"
    )
    print("what it says is shown by `jiesu shadow report`; a running service needs no restart")
    return 0


def run_stop(_args: argparse.Namespace) -> int:
    """Stop the challenger."""
    from service.shadow import acts

    with _opened() as (database, _):
        now = datetime.now(UTC)
        stopped = database.change(partial(acts.stop, actor=acts.OPERATOR, at=now))
    print(f"{stopped.version} has stopped; what it said is kept")
    return 0


def run_report(args: argparse.Namespace) -> int:
    """Compare the two, and keep the comparison for who asks over HTTP."""
    import orjson

    from service.feedback.settings import load_feedback
    from service.shadow import acts
    from service.shadow.report import report
    from service.shadow.text import report_text
    from service.store import shadows

    with _opened() as (database, settings):
        shadow = database.ask(acts.known)
        body = report(database, load_feedback(settings.data), shadow.id)
        database.change(partial(shadows.reported, ident=shadow.id, report=body))
    print(report_text(body))
    if args.json:
        args.json.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
    return 0


@contextmanager
def _opened() -> Iterator[tuple[Database, Settings]]:
    from service.settings import load_settings
    from service.shadow import acts
    from service.store.opening import open_database

    settings = load_settings()
    database = open_database(settings)
    try:
        # A champion is nobody's challenger, whether a service ran when it became one or not.
        database.change(partial(acts.end_champion, settings=settings, at=datetime.now(UTC)))
        yield database, settings
    finally:
        database.close()
