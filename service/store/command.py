"""`jiesu db`: the tables of the database, from the command line."""

from __future__ import annotations

import argparse


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `db` to the command line."""
    parser = subparsers.add_parser("db", help="the tables of the database")
    acts = parser.add_subparsers(dest="act", required=True, metavar="upgrade|status|new-key")
    acts.add_parser("upgrade", help="bring the tables up to date").set_defaults(run=run_upgrade)
    acts.add_parser("status", help="say where the tables stand").set_defaults(run=run_status)
    acts.add_parser("new-key", help="print a key for JIESU_RAW_KEYS").set_defaults(run=run_new_key)


def run_upgrade(_args: argparse.Namespace) -> int:
    """Bring the tables up to date; `jiesu serve` does the same at its start."""
    from service.settings import load_settings
    from service.store.migrate import migrate
    from service.store.migrations import HEAD
    from service.store.opening import database_of

    done = migrate(database_of(load_settings()))
    print(f"{'brought to' if done else 'already at'} {HEAD}")
    return 0


def run_status(_args: argparse.Namespace) -> int:
    """Say where the tables stand; status 1 when they are not up to date."""
    from service.settings import load_settings
    from service.store.migrate import current
    from service.store.migrations import HEAD
    from service.store.opening import database_of

    database = database_of(load_settings())
    state = current(database)
    print(f"database  {database.file or database.url.render_as_string(hide_password=True)}")
    print(f"tables    {state or 'none'}")
    print(f"wanted    {HEAD}")
    return 0 if state == HEAD else 1


def run_new_key(_args: argparse.Namespace) -> int:
    """Print a key that encrypts narratives."""
    from cryptography.fernet import Fernet

    print(Fernet.generate_key().decode())
    return 0
