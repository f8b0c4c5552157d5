"""`keys.json`, where keys were kept before there was a database: taken over once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import orjson

from service.store import keys as table
from service.store.database import Database, Session
from service.store.records_service import KeyRecord, Role
from triage.errors import ConfigError

FILE = "keys.json"
_FORMAT = 1


def adopt_keys(database: Database, home: Path) -> int:
    """Take the keys of `keys.json` into the database and put the file aside; give how many.

    Raises
    ------
    ConfigError
        When the file cannot be read.
    """
    path = home / FILE
    if not path.exists():
        return 0
    found = _read(path)

    def work(session: Session) -> int:
        return sum(table.add(session, key) for key in found)

    added = database.change(work)
    # Another process may have been faster: then there is nothing to put aside any more.
    path.with_suffix(".json.imported").unlink(missing_ok=True)
    if path.exists():
        path.rename(path.with_suffix(".json.imported"))
    return added


def _read(path: Path) -> list[KeyRecord]:
    try:
        raw = orjson.loads(path.read_bytes())
        if raw["format"] == _FORMAT:
            return [_key(row) for row in raw["keys"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise _unreadable(path) from exc
    raise _unreadable(path)


def _key(row: dict[str, str | None]) -> KeyRecord:
    revoked = row.get("revoked_at")
    return KeyRecord(
        ident=str(row["ident"]),
        role=Role(str(row["role"])),
        sha256=str(row["sha256"]),
        created_at=datetime.fromisoformat(str(row["created_at"])),
        label=str(row.get("label") or ""),
        revoked_at=datetime.fromisoformat(revoked) if revoked else None,
    )


def _unreadable(path: Path) -> ConfigError:
    return ConfigError(
        f"{path.name} cannot be read",
        cure="restore the file, or remove it and make keys with `jiesu keys create`",
    )
