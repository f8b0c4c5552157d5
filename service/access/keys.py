"""Keys: printed once, kept as hashes in the database.

A key holds 256 random bits, so nobody can guess it, and nobody can find it from its sha256 by
trying: the slow hashes that passwords need (argon2) would only make every call slow.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.store import keys as table
from service.store.database import Database, Session
from service.store.errors import StoreBusy
from service.store.records_service import KeyRecord as Key
from service.store.records_service import Role
from service.store.writer import Writer
from triage.errors import InvalidInput

__all__ = ["Key", "KeyStore", "Role", "unheld", "write_private"]

_PREFIX = "jiesu"
_NOBODY = "0" * 64
_TOUCH_EVERY = timedelta(minutes=1)
# A key that is not known may have just been made; whoever tries keys makes us look no oftener.
_LOOK_AGAIN_S = 0.1


class KeyStore:
    """The keys of one installation.

    Parameters
    ----------
    database : Database
    follow_s : float
        Seconds after which what another process changed counts here.
    writer : Writer, optional
        Notes when a key was last used; without one nothing is noted.
    """

    def __init__(
        self, database: Database, *, follow_s: float = 0.0, writer: Writer | None = None
    ) -> None:
        self._database = database
        self._follow_s = follow_s
        self._writer = writer
        self._keys: dict[str, Key] = {}
        self._read_at = float("-inf")
        self._reading = threading.Lock()
        self._touched: dict[str, datetime] = {}

    def create(self, role: Role, *, label: str = "") -> str:
        """Make a key and give it; only its hash is kept."""
        ident = secrets.token_hex(4)
        token = _token(ident)
        key = Key(ident, role, _digest(token), _now(), label)
        if not self._database.change(lambda session: table.add(session, key)):
            return self.create(role, label=label)
        self._forget()
        return token

    def rotate(self, ident: str, *, grace: timedelta) -> str:
        """Give a key another secret, and the whole new key; the old one is good for `grace`.

        Raises
        ------
        InvalidInput
            When no key has this id, or it is revoked.
        """
        token, until = _token(ident), _now() + grace
        if not self._database.change(lambda s: table.rotate(s, ident, _digest(token), until)):
            raise _unknown(ident)
        self._forget()
        return token

    def revoke(self, ident: str) -> Key:
        """Make a key useless from now on.

        Raises
        ------
        InvalidInput
            When no key has this id.
        """

        def work(session: Session) -> Key | None:
            table.revoke(session, ident, _now())
            return table.find(session, ident)

        key = self._database.change(work)
        if key is None:
            raise _unknown(ident)
        self._forget()
        return key

    def all(self) -> list[Key]:
        """Give the keys, oldest first."""
        return self._database.ask(table.every)

    def must_read(self, token: str) -> bool:
        """Say whether `find` reads the database; in a loop, `refresh` in a thread before it."""
        known = _ident(token) in self._keys
        return self._age() >= (self._follow_s if known else min(self._follow_s, _LOOK_AGAIN_S))

    def refresh(self) -> None:
        """Read the keys, unless somebody else just did."""
        with self._reading:
            if self._age() >= min(self._follow_s, _LOOK_AGAIN_S):
                began = time.monotonic()
                self._keys = {key.ident: key for key in self.all()}
                self._read_at = began

    def find(self, token: str) -> Key | None:
        """Give the key that a caller shows, if it is known and not revoked."""
        if self.must_read(token):
            self.refresh()
        key = self._keys.get(_ident(token))
        shown, now = _digest(token), _now()
        # Compared also when unknown, so that the time taken tells nothing.
        same = hmac.compare_digest(key.sha256 if key else _NOBODY, shown)
        old = hmac.compare_digest(key.old_sha256 or _NOBODY if key else _NOBODY, shown)
        if key is None or key.revoked_at is not None:
            return None
        if not same and not (old and key.old_until is not None and now < key.old_until):
            return None
        self._touch(key, now)
        return key

    def _touch(self, key: Key, now: datetime) -> None:
        before = self._touched.get(key.ident, key.last_used_at)
        if self._writer is None or (before is not None and now - before < _TOUCH_EVERY):
            return
        self._touched[key.ident] = now
        try:
            self._writer.submit(lambda session: table.touch(session, key.ident, now))
        except StoreBusy:
            return  # what callers send matters more

    def _age(self) -> float:
        return time.monotonic() - self._read_at

    def _forget(self) -> None:
        self._read_at = float("-inf")


def unheld(role: Role, label: str, now: datetime) -> Key:
    """Give a key that nobody holds: somebody who signs in otherwise acts as it."""
    ident = secrets.token_hex(4)
    return Key(ident, role, _digest(_token(ident)), now, label)


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


def _unknown(ident: str) -> InvalidInput:
    return InvalidInput(f"no key that is in use has the id {ident!r}", cure="see `jiesu keys list`")


def _token(ident: str) -> str:
    return f"{_PREFIX}_{ident}_{secrets.token_urlsafe(32)}"


def _ident(token: str) -> str:
    parts = token.split("_", 2)
    return parts[1] if len(parts) == 3 else ""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)
