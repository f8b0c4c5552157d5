"""Accounts that sign in to the desk by password.

An account acts as a key of its own that nobody holds: its role, its name in the audit log and
whether it may come in are those of that key.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from service.access.keys import KeyStore, Role
from service.access.passwords import check_password, hash_password
from service.store import identities, keys, users
from service.store.database import Database, Session
from service.store.records_review import IdentityRecord, UserRecord
from service.store.records_service import KeyRecord
from triage.errors import InvalidInput

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


def add(database: Database, name: str, role: Role, password: str) -> UserRecord:
    """Make an account.

    Raises
    ------
    InvalidInput
        When the name cannot be, or is taken, or the password is easily guessed.
    """
    name = known_name(name)
    check_password(password, name)
    if database.ask(lambda session: users.find(session, name)) is not None:
        raise InvalidInput(f"there is an account {name!r}", cure="take another name")
    token = KeyStore(database).create(role, label=name)  # shown to nobody
    user = UserRecord(name, token.split("_")[1], hash_password(password), datetime.now(UTC))
    database.change(lambda session: users.add(session, user))
    return user


def set_password(database: Database, name: str, password: str) -> None:
    """Give an account another password; its sessions end.

    Raises
    ------
    InvalidInput
    """
    name = known_name(name)
    check_password(password, name)
    kept = hash_password(password)
    if not database.change(lambda s: users.set_password(s, name, kept, datetime.now(UTC))):
        raise unknown(name)


def disable(database: Database, name: str) -> None:
    """Let an account in no more; its sessions end, what it did stays told under its name.

    Raises
    ------
    InvalidInput
    """
    user = database.ask(lambda session: users.find(session, known_name(name)))
    if user is None:
        raise unknown(name)
    KeyStore(database).revoke(user.ident)


def every(database: Database) -> list[tuple[UserRecord, KeyRecord]]:
    """Give the accounts, with the keys that they act as."""

    def work(session: Session) -> list[tuple[UserRecord, KeyRecord | None]]:
        return [(user, keys.find(session, user.ident)) for user in users.every(session)]

    return [(user, key) for user, key in database.ask(work) if key is not None]


def provided(database: Database) -> list[tuple[IdentityRecord, KeyRecord]]:
    """Give who came in with a provider, with the keys that they act as."""

    def work(session: Session) -> list[tuple[IdentityRecord, KeyRecord | None]]:
        return [(one, keys.find(session, one.ident)) for one in identities.every(session)]

    return [(one, key) for one, key in database.ask(work) if key is not None]


def known_name(name: str) -> str:
    """Give a name as it is kept: small letters.

    Raises
    ------
    InvalidInput
    """
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "an account's name has 2 to 40 letters a to z, digits, dots, hyphens",
            cure="take the number of the employee, for example",
        )
    return name


def unknown(name: str) -> InvalidInput:
    """Say that there is no such account."""
    return InvalidInput(f"no account is called {name!r}", cure="see `jiesu users list`")
