"""`jiesu promote | rollback`: which model serves, who said so and why."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from training.command_data import DONE, add_data_options, read_data, say
from triage.errors import JiesuError

if TYPE_CHECKING:
    from training.bank_data import BankData
    from training.comparison import Comparison
    from training.registry import Promotion


def add_parsers(subparsers: Any) -> None:
    """Add the sub-commands."""
    promote = subparsers.add_parser("promote", help="make a version the champion, if it may be")
    promote.add_argument("version", metavar="VERSION")
    add_data_options(promote, required=False)
    promote.add_argument(
        "--overrule",
        metavar="REASON",
        default="",
        help="promote against the gate, for this reason; is recorded",
    )
    _add_who_and_why(promote)
    promote.set_defaults(run=run_promote)
    rollback = subparsers.add_parser("rollback", help="go back to the champion before this one")
    _add_who_and_why(rollback)
    rollback.set_defaults(run=run_rollback)


def _add_who_and_why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--by", metavar="NAME", default="", help="who does so; is recorded (default: the user)"
    )
    parser.add_argument("--reason", metavar="REASON", default="", help="why; is recorded")


def run_promote(args: argparse.Namespace) -> int:
    """Pass a version through the gate."""
    from triage.taxonomy import load_taxonomy

    data = read_data(args, load_taxonomy())
    return promote(args.version, data, overrule=args.overrule, by=args.by, reason=args.reason)


def run_rollback(args: argparse.Namespace) -> int:
    """Go one champion back."""
    from training import registry

    done = registry.rollback(by=args.by, reason=args.reason)
    _tell(done)
    return DONE


def promote(
    version: str,
    data: BankData | None,
    *,
    overrule: str = "",
    by: str = "",
    reason: str = "",
) -> int:
    """Promote a version, and tell how it compares."""
    from training import registry

    cases = data.cases if data else None
    done = registry.promote(
        version, cases=cases, overrule=overrule, by=by, reason=reason, tell=_compared
    )
    if done.not_checked:
        print(f"not checked: {', '.join(done.not_checked)} (mark them in a file, hand in --data)")
    for objection in done.objections:
        print(f"overruled: {objection}")
    _tell(done)
    return DONE


def _compared(comparison: Comparison) -> None:
    from training.report_text import comparison_text
    from triage.taxonomy import load_taxonomy

    # Before the refusal on stderr, also where both go to one file.
    print(comparison_text(comparison, load_taxonomy()) + "\n", flush=True)


def _tell(done: Promotion) -> None:
    from training.labels.attach import calibration_lost

    print(f"champion {done.version} (was {done.previous or 'none'})")
    if lost := calibration_lost(done):
        print(lost)
    _tell_mlflow(done)


def _tell_mlflow(done: Promotion) -> None:
    """Move the alias and tag the versions; the history beside the models has all of it anyway."""
    from training import registry, tracking
    from training.history import ROLLBACK, tags_of, withdrawn_tags

    if not tracking.store_exists():
        return
    try:
        tracking.set_alias(tracking.CHAMPION, registry.folder_of(done.version), tags_of(done.entry))
        if done.entry["action"] == ROLLBACK:
            tracking.tag_version(done.entry["previous"], withdrawn_tags(done.entry))
    except JiesuError as exc:
        say(f"the alias {tracking.CHAMPION} of MLflow was not moved: {exc}")
