"""接诉: the command line. A sub-command is imported when it is called."""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from triage.errors import ConfigError, JiesuError

# name -> module whose add_parser(subparsers) adds it with set_defaults(run=function of the
# parsed arguments that gives the exit status), and what `jiesu --help` says of it.
COMMANDS: dict[str, tuple[str, str]] = {
    "score": ("service.scoring.command", "tag a file, or a folder of files"),
    "cluster": ("service.scoring.cluster", "start a Dask cluster on this machine, for `score`"),
    "serve": ("service.commands", "serve over HTTP"),
    "demo": ("service.demo_year", "load a simulated year into the ledger"),
    "keys": ("service.commands", "make, list, rotate and revoke keys"),
    "users": ("service.access.users_command", "accounts that sign in to the desk by password"),
    "db": ("service.store.command", "bring the tables up to date, or say where they stand"),
    "alerts": ("service.alerts.command", "surges and typical cases of a period as a risk alert"),
    "report": ("service.governance.report_command", "the governance report of a period"),
    "rules": ("service.rules_command", "check the rules, explain what they say of a ticket"),
    "train": ("training.commands", "train a model from data/ or from a labelled file"),
    "evaluate": ("training.commands", "judge a model on a labelled file"),
    "compare": ("training.commands", "two models on the same rows"),
    "promote": ("training.commands", "pass a model through the gate and make it champion"),
    "rollback": ("training.commands", "go back to the champion before"),
    "shadow": ("service.shadow.command", "a challenger behind the champion, and how they compare"),
    "feedback": ("service.feedback.command", "what reviewers said, as a labelled file"),
    "drift": ("training.drift_command", "what changed since a model was trained; new phrases"),
    "label": ("training.labels.commands", "which rows to label next"),
    "labels": ("training.labels.commands", "which labels to doubt"),
    "calibrate": ("training.labels.commands", "correct a model for a bank's mix of lines"),
}
_COLLECTIONS = 50_000, 20, 20
# joblib counts the cores by this variable.
_WORKER_ENDED = (
    "memory ran out, or a worker process was ended from outside (as a rule for want of memory)",
    "free memory or use fewer workers: LOKY_MAX_CPU_COUNT=1 in the environment of the command",
)
FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run `jiesu` with arguments (those of the process when left out); give the exit status."""
    given = list(sys.argv[1:] if argv is None else argv)
    # What is imported and loaded stays: collections would find nothing.
    gc.set_threshold(*_COLLECTIONS)
    try:
        return _run(given)
    except JiesuError as exc:
        return _complain(exc.message, exc.cure)
    except ModuleNotFoundError as exc:
        if (exc.name or "").split(".")[0] in {"service", "training", "triage"}:
            raise
        return _complain(f"this needs {exc.name}, which is not installed", "run `make setup`")
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone; writing to a closed pipe at exit would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as exc:
        return _complain(f"{exc.filename or 'a file'}: {exc.strerror or exc}", "look at the path")


def _run(given: list[str]) -> int:
    args = _parse(given)
    try:
        return int(args.run(args) or 0)
    except (MemoryError, RuntimeError) as exc:
        if not _out_of_means(exc):
            raise
        return _complain(*_WORKER_ENDED, status=FAILED)


def _out_of_means(exc: Exception) -> bool:
    """Whether memory was wanting here, or a worker process was ended, by the system or by hand."""
    from concurrent.futures import BrokenExecutor

    return isinstance(exc, MemoryError | BrokenExecutor)


def _parse(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="jiesu",
        description="Reads Chinese bank complaints: business line, signals, escalation risk, why.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_overview(),
    )
    parser.add_argument("--version", action="version", version=f"jiesu {_version()}")
    parser.set_defaults(simulated=simulated)
    subparsers = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", help="one of those below"
    )
    # Only the module of the command asked for is imported; options stand before it, if any.
    name = next((word for word in given if not word.startswith("-")), "")
    if name in COMMANDS and _exists(name):
        importlib.import_module(COMMANDS[name][0]).add_parser(subparsers)
    elif name:
        known = ", ".join(command for command in COMMANDS if _exists(command))
        parser.error(f"there is no command {name!r}; there are {known}")
    return parser.parse_args(given)


def simulated(until: datetime, count: int) -> Iterator[dict[str, Any]]:
    """Give the tickets of a simulated year: `training` makes them, `service` keeps them.

    Neither knows the other; here, above both, they meet.
    """
    if importlib.util.find_spec("training") is None:
        raise ConfigError(
            "the simulated year is made by the training set, which is not installed",
            cure="run `jiesu demo` from a checkout, after `make setup`",
        )
    from training.simulated_tickets import tickets_until

    return tickets_until(until, count)


def _overview() -> str:
    rows = [f"  {name:<10}{said}" for name, (_, said) in COMMANDS.items() if _exists(name)]
    return "\n".join(["commands (each has --help):", *rows])


def _exists(name: str) -> bool:
    return importlib.util.find_spec(COMMANDS[name][0]) is not None


def _complain(message: str, cure: str, *, status: int = BAD_INPUT) -> int:
    print(f"jiesu: {message}", file=sys.stderr)
    if cure:
        print(f"       {cure}", file=sys.stderr)
    return status


def _version() -> str:
    try:
        return version("jiesu")
    except PackageNotFoundError:
        return "0"


if __name__ == "__main__":
    sys.exit(main())
