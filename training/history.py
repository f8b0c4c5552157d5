"""The history of the champions: every promotion and rollback, one JSON line each."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

HISTORY = "HISTORY.jsonl"
PROMOTE, ROLLBACK = "promote", "rollback"


def entries(root: Path) -> list[dict[str, Any]]:
    """Give every entry, oldest first."""
    path = root / HISTORY
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.is_file() else []


def append(root: Path, entry: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Write an entry with its moment; give it as written."""
    kept = {"at": now.isoformat(timespec="seconds"), **entry}
    with (root / HISTORY).open("ab") as file:
        file.write(orjson.dumps(kept) + b"\n")
    return kept


def succession(root: Path) -> list[str]:
    """Champions that promotions put on one another and no rollback took away."""
    line: list[str] = []
    for entry in entries(root):
        if entry["action"] == ROLLBACK:
            line.pop()
        else:
            line.append(entry["version"])
    return line


def user() -> str:
    """Name of the user of the operating system; `unknown` where it has none, as in containers."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return "unknown"


def tags_of(entry: Mapping[str, Any]) -> dict[str, str]:
    """Tell an entry as tags of the version that became champion, what is empty left out.

    A promotion and a rollback have names of their own, so that neither hides the other.
    """
    told = {k: v for k, v in entry.items() if k not in {"action", "version"} and v}
    return {
        f"jiesu.{entry['action']}.{name}": value if isinstance(value, str) else _json(value)
        for name, value in told.items()
    }


def withdrawn_tags(entry: Mapping[str, Any]) -> dict[str, str]:
    """Tell a rollback as tags of the version that was champion before it."""
    told = {"at": entry["at"], "by": entry["by"], "champion": entry["version"]}
    told |= {"reason": entry["reason"]} if entry.get("reason") else {}
    return {f"jiesu.withdrawn.{name}": value for name, value in told.items()}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
