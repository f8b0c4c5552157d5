"""`jiesu rules`: a rules file checked, and the rules that fire for a ticket explained."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from service.scoring.parts import RawRow, cut, read_part
from service.settings import load_settings
from triage.config import data_dir
from triage.errors import InvalidInput
from triage.rules.calendar import ZONE, default_calendar
from triage.rules.explain import explain, rules_table
from triage.rules.naming import notes
from triage.rules.rulefile import read_rules
from triage.taxonomy import load_taxonomy


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `rules` to the command line."""
    rules = subparsers.add_parser("rules", help="check the rules, explain what they say")
    acts = rules.add_subparsers(dest="act", required=True, metavar="check|explain")
    check = acts.add_parser("check", help="validate a rules file and list its rules")
    check.add_argument("file", nargs="?", type=Path, help="default: data/rules.yaml")
    check.set_defaults(run=run_check)
    told = acts.add_parser("explain", help="which rules fire, on what facts, on what basis")
    told.add_argument("file", nargs="?", type=Path, help="a file of narratives")
    told.add_argument("row", nargs="?", type=int, default=1, help="its row, from 1 (default: 1)")
    told.add_argument("--text", help="a narrative instead of a file")
    told.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="a context field, as channel=phone; may be repeated",
    )
    told.add_argument("--ticket", help="a ticket of the ledger: its latest decision, as recorded")
    told.add_argument("--model", help="folder, version or models:/ address; default: the champion")
    told.set_defaults(run=run_explain)


def run_check(args: argparse.Namespace) -> int:
    """Validate a rules file; what is wrong with it is told with its line."""
    path, taxonomy = args.file or data_dir() / "rules.yaml", load_taxonomy()
    print(rules_table(read_rules(path, taxonomy)))
    for note in notes(path, taxonomy):
        print(f"jiesu: {note}", file=sys.stderr)
    if notice := default_calendar().notice(datetime.now(ZONE).date()):
        print(f"jiesu: {notice}", file=sys.stderr)
    return 0


def run_explain(args: argparse.Namespace) -> int:
    """Assess one narrative and explain the rules that fire, or tell those of a stored ticket."""
    if args.ticket is not None:
        return _explain_ticket(args)
    values = _values(args)
    from service.models import find_model
    from service.scoring.rows import Rejected, understand
    from triage.engine import Engine

    most = load_settings().narrative_chars_max
    row = understand(RawRow(args.row, values), most_characters=most)
    if isinstance(row, Rejected):
        raise InvalidInput(f"row {row.line}: {row.reason}", cure="mend the row")
    engine = Engine.load(find_model(args.model))
    (assessment,) = engine.assess([row.text], [row.context])
    print(explain(engine.rulebook.judge(assessment, row.context), engine.taxonomy))
    return 0


def _explain_ticket(args: argparse.Namespace) -> int:
    if args.text is not None or args.file is not None or args.set or args.model:
        raise InvalidInput("--ticket stands alone", cure="leave out the narrative and its facts")
    from service.ledger.ruled import explained
    from service.store.opening import open_database
    from triage.rules.rulebook import Rulebook

    with closing(open_database(load_settings())) as database:
        work = partial(explained, ticket_id=args.ticket, rulebook=Rulebook.load())
        print(database.ask(work))
    return 0


def _values(args: argparse.Namespace) -> dict[str, Any]:
    if (args.text is None) == (args.file is None):
        raise InvalidInput("one of --text and a file is needed", cure="see --help")
    given = {"text": args.text} if args.file is None else _row(args.file, args.row)
    for part in args.set:
        field, sign, value = part.partition("=")
        if not sign:
            raise InvalidInput("--set takes FIELD=VALUE", cure="as --set channel=phone")
        given[field.strip()] = value.strip()
    return given


def _row(path: Path, number: int) -> dict[str, Any]:
    if number < 1:
        raise InvalidInput(f"row {number}", cure="rows are counted from 1")
    rows = (row for part in cut(path) for row in read_part(path, part))
    found = next(islice(rows, number - 1, None), None)
    if found is None:
        raise InvalidInput(f"{path.name} has no row {number}", cure="rows are counted from 1")
    if found.values is None:
        raise InvalidInput(f"{path.name}, line {found.line}: {found.problem}", cure="mend the row")
    return dict(found.values)
