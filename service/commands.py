"""`jiesu serve` and `jiesu keys`."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from triage.errors import ConfigError, InvalidInput

if TYPE_CHECKING:
    from service.access.keys import KeyStore
    from service.settings import Settings

ROLES = ("intake", "reviewer", "scientist", "admin")
_GRACE_S = 10
_GRACE_HOURS_MAX = 24 * 365


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `serve` and `keys` to the command line."""
    serve = subparsers.add_parser("serve", help="serve over HTTP")
    serve.add_argument("--host", help="address to listen on (JIESU_HOST, 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port (JIESU_PORT, 8000)")
    serve.add_argument("--workers", type=int, help="processes (JIESU_WORKERS, 1)")
    serve.add_argument(
        "--demo-keys",
        action="store_true",
        help="make one key a role in JIESU_HOME, and print what to try first",
    )
    serve.set_defaults(run=run_serve)
    keys = subparsers.add_parser("keys", help="make, list and revoke keys")
    acts = keys.add_subparsers(dest="act", required=True, metavar="create|list|rotate|revoke")
    create = acts.add_parser("create", help="print a new key, once; only its hash is kept")
    create.add_argument("--role", required=True, choices=ROLES)
    create.add_argument("--label", default="", help="a note for `jiesu keys list`")
    create.set_defaults(run=run_create)
    acts.add_parser("list", help="list the keys").set_defaults(run=run_list)
    rotate = acts.add_parser("rotate", help="print another secret for a key")
    rotate.add_argument("ident", metavar="ID", help="see `jiesu keys list`")
    rotate.add_argument(
        "--grace-hours", type=float, default=24.0, help="how long the old one is good (24)"
    )
    rotate.set_defaults(run=run_rotate)
    revoke = acts.add_parser("revoke", help="make a key useless from now on")
    revoke.add_argument("ident", metavar="ID", help="see `jiesu keys list`")
    revoke.set_defaults(run=run_revoke)


def run_serve(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from service.collector import hold

    hold()
    import uvicorn

    from service.logs import log_config
    from service.models import in_registry, locate

    settings = _settings(args)
    if not in_registry(settings.model):
        locate(settings.model, settings.models)
    _check_policy(settings)
    _check_address(settings)
    with _opened(settings) as store:  # a database that cannot be used is told here, and once
        if args.demo_keys:
            from service.demo import demo_keys, print_when_ready

            print_when_ready(settings, demo_keys(store, settings.home))
    with ExitStack() as stack:
        if settings.workers > 1:
            from service.metrics import MULTIPROCESS

            folder = stack.enter_context(tempfile.TemporaryDirectory())
            os.environ.setdefault(MULTIPROCESS, folder)
        uvicorn.run(
            "service.app:create_app",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            log_config=log_config(settings.log_level),
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=_GRACE_S,
        )
    return 0


def _settings(args: argparse.Namespace) -> Settings:
    from service.settings import load_settings

    # The server processes read their settings from the environment, as everything else does.
    given: Mapping[str, object] = {
        "JIESU_HOST": args.host,
        "JIESU_PORT": args.port,
        "JIESU_WORKERS": args.workers,
    }
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    return load_settings()


def _check_policy(settings: Settings) -> None:
    from triage.modes import FILE, load_modes
    from triage.rules.naming import check_names
    from triage.taxonomy import load_taxonomy

    # What no ticket may be answered by is told before any comes in.
    taxonomy = load_taxonomy(settings.data / "taxonomy.yaml")
    check_names(taxonomy, settings.data)
    load_modes(taxonomy, settings.data / FILE)


def _check_address(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as exc:
            raise ConfigError(
                f"cannot listen on {settings.host} port {settings.port} ({exc.strerror or exc})",
                cure="choose another port: `--port N`, or JIESU_PORT=N before `make run`",
            ) from exc


def run_create(args: argparse.Namespace) -> int:
    """Print a new key."""
    from service.access.keys import Role

    with _opened() as store:
        _print_key(store.create(Role(args.role), label=args.label))
    return 0


def run_rotate(args: argparse.Namespace) -> int:
    """Print another secret for a key."""
    if not 0 <= args.grace_hours <= _GRACE_HOURS_MAX:
        raise InvalidInput(
            f"--grace-hours {args.grace_hours:g} cannot be used",
            cure=f"it takes hours from 0 to {_GRACE_HOURS_MAX}",
        )
    with _opened() as store:
        _print_key(store.rotate(args.ident, grace=timedelta(hours=args.grace_hours)))
    print(f"The old one is good for {args.grace_hours:g} hours.", file=sys.stderr)
    return 0


def _print_key(token: str) -> None:
    print(token)
    print("Keep it now: it is not shown again, only its hash is kept.", file=sys.stderr)


def run_list(_args: argparse.Namespace) -> int:
    """List the keys, without what would let anybody in."""
    rows = [("id", "role", "created", "last used", "revoked", "label")]
    with _opened() as store:
        for key in store.all():
            created, used = _moment(key.created_at), _moment(key.last_used_at)
            revoked = _moment(key.revoked_at)
            rows.append((key.ident, key.role.value, created, used, revoked, key.label or "-"))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip())
    return 0


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else "-"


def run_revoke(args: argparse.Namespace) -> int:
    """Revoke a key."""
    with _opened() as store:
        key = store.revoke(args.ident)
    print(f"{key.ident} ({key.role}) is revoked since {_moment(key.revoked_at)}")
    return 0


@contextmanager
def _opened(settings: Settings | None = None) -> Iterator[KeyStore]:
    from service.access.keys import KeyStore
    from service.access.keys_file import adopt_keys
    from service.settings import load_settings
    from service.store.opening import open_database

    known = settings or load_settings()
    database = open_database(known)
    try:
        adopt_keys(database, known.home)
        yield KeyStore(database)
    finally:
        database.close()
