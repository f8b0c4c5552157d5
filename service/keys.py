"""Keys: printed once, kept as hashes in `JIESU_HOME/keys.json`."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import orjson

from service.errors import KeysUnreadable
from triage.errors import InvalidInput

_PREFIX = "jiesu"
_FORMAT = 1
_NOBODY = "0" * 64


class Role(StrEnum):
    """What a key may do."""

    INTAKE = "intake"
    REVIEWER = "reviewer"
    SCIENTIST = "scientist"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept; `sha256` is of the whole key, which holds 256 random bits."""

    ident: str
    role: Role
    sha256: str
    created_at: str
    label: str = ""
    revoked_at: str | None = None


class KeyStore:
    """The keys of one installation; a change on disk is seen by the next request.

    Parameters
    ----------
    path : Path
        `keys.json`; a missing file holds no keys.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, int, int] | None = None
        self._keys: dict[str, Key] = {}

    def create(self, role: Role, *, label: str = "") -> str:
        """Make a key and give it; only its hash is kept."""
        ident = secrets.token_hex(4)
        token = f"{_PREFIX}_{ident}_{secrets.token_urlsafe(32)}"
        with self._changing() as keys:
            keys[ident] = Key(ident, role, _digest(token), _now(), label)
        return token

    def revoke(self, ident: str) -> Key:
        """Make a key useless from now on.

        Raises
        ------
        InvalidInput
            When no key has this id.
        """
        with self._changing() as keys:
            if ident not in keys:
                raise InvalidInput(f"no key has the id {ident!r}", cure="see `jiesu keys list`")
            keys[ident] = replace(keys[ident], revoked_at=keys[ident].revoked_at or _now())
            return keys[ident]

    def all(self) -> list[Key]:
        """Give the keys, oldest first."""
        self._refresh()
        return sorted(self._keys.values(), key=lambda key: (key.created_at, key.ident))

    def find(self, token: str) -> Key | None:
        """Give the key that a caller shows, if it is known and not revoked."""
        self._refresh()
        parts = token.split("_", 2)
        key = self._keys.get(parts[1]) if len(parts) == 3 else None
        # Compared also when unknown, so that the time taken tells nothing.
        same = hmac.compare_digest(key.sha256 if key else _NOBODY, _digest(token))
        return key if key and same and key.revoked_at is None else None

    def _refresh(self) -> None:
        try:
            state = self.path.stat()
        except FileNotFoundError:
            self._stamp, self._keys = None, {}
            return
        except OSError as exc:
            raise _unreadable(self.path) from exc
        stamp = (state.st_ino, state.st_mtime_ns, state.st_size)
        if stamp != self._stamp:
            self._keys = _read(self.path)
            self._stamp = stamp

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Key]]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._refresh()
            keys = dict(self._keys)
            yield keys
            rows = [asdict(key) for key in keys.values()]
            body = orjson.dumps({"format": _FORMAT, "keys": rows}, option=orjson.OPT_INDENT_2)
            write_private(self.path, body)


def write_private(path: Path, content: bytes) -> None:
    """Replace a file at once, readable by its owner alone."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _read(path: Path) -> dict[str, Key]:
    try:
        raw = orjson.loads(path.read_bytes())
        if raw["format"] != _FORMAT:
            raise _unreadable(path)
        found = [Key(**{**row, "role": Role(row["role"])}) for row in raw["keys"]]
        if not all(isinstance(key.sha256, str) and key.sha256.isascii() for key in found):
            raise _unreadable(path)
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise _unreadable(path) from exc
    return {key.ident: key for key in found}


def _unreadable(path: Path) -> KeysUnreadable:
    return KeysUnreadable(
        f"{path.name} cannot be read",
        cure="restore the file, or remove it and make keys with `jiesu keys create`",
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
