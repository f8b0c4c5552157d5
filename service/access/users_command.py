"""`jiesu users`: accounts that sign in to the desk by password, and who came with a provider."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from triage.errors import InvalidInput

if TYPE_CHECKING:
    from service.store.database import Database

ROLES = ("reviewer", "scientist", "admin")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `users` to the command line."""
    users = subparsers.add_parser("users", help="accounts that sign in by password")
    acts = users.add_subparsers(dest="act", required=True, metavar="add|password|disable|list")
    add = acts.add_parser("add", help="make an account")
    add.add_argument("name", metavar="NAME", help="2 to 40 letters a-z, digits, dots, hyphens")
    add.add_argument("--role", required=True, choices=ROLES)
    add.set_defaults(run=run_add)
    password = acts.add_parser("password", help="give an account another password")
    password.add_argument("name", metavar="NAME")
    password.set_defaults(run=run_password)
    for act in (add, password):
        act.add_argument(
            "--generate", action="store_true", help="print a new password instead of asking"
        )
    disable = acts.add_parser("disable", help="let an account in no more")
    disable.add_argument("name", metavar="NAME")
    disable.set_defaults(run=run_disable)
    acts.add_parser("list", help="list the accounts").set_defaults(run=run_list)


def run_add(args: argparse.Namespace) -> int:
    """Make an account."""
    from service.access import accounts
    from service.access.keys import Role

    with _opened() as database:
        password = _password(generate=args.generate)
        user = accounts.add(database, args.name, Role(args.role), password)
    print(f"{user.name} ({args.role}) can sign in; in the audit log it is {user.ident}")
    return 0


def run_password(args: argparse.Namespace) -> int:
    """Give an account another password."""
    from service.access import accounts

    with _opened() as database:
        accounts.set_password(database, args.name, _password(generate=args.generate))
    print(f"{args.name} has another password; its sessions have ended")
    return 0


def run_disable(args: argparse.Namespace) -> int:
    """Let an account in no more."""
    from service.access import accounts

    with _opened() as database:
        accounts.disable(database, args.name)
    print(f"{args.name} is disabled; its sessions have ended")
    return 0


def run_list(_args: argparse.Namespace) -> int:
    """List the accounts."""
    from service.access import accounts

    with _opened() as database:
        for user, key in accounts.every(database):
            state = "disabled" if key.revoked_at else "active"
            changed = user.changed_at.isoformat(timespec="seconds")
            print(f"{user.name}  {key.role}  {state}  {user.ident}  password of {changed}")
        for one, key in accounts.provided(database):
            state = "disabled" if key.revoked_at else "active"
            seen = one.seen_at.isoformat(timespec="seconds")
            print(f"{key.label}  {key.role}  {state}  {one.ident}  by the provider, last {seen}")
    return 0


def _password(*, generate: bool) -> str:
    if generate:
        made = secrets.token_urlsafe(15)
        print(made)
        print("Keep it now: it is not shown again.", file=sys.stderr)
        return made
    if not sys.stdin.isatty():  # from a pipe: the first line
        return sys.stdin.readline().rstrip("\r\n")
    from getpass import getpass

    first = getpass("Password: ")
    if getpass("Again: ") != first:
        raise InvalidInput("the two are not the same", cure="type it again")
    return first


@contextmanager
def _opened() -> Iterator[Database]:
    from service.settings import load_settings
    from service.store.opening import open_database

    database = open_database(load_settings())
    try:
        yield database
    finally:
        database.close()
