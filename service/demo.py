"""Demonstration keys, and what to try first."""

from __future__ import annotations

import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import orjson

from service.access.keys import KeyStore, Role, write_private
from service.errors import ModelLoading
from service.schemas import EXAMPLE_TEXT
from service.settings import Settings

FILE = "demo-keys.txt"
LOADING = "it is being loaded"
_ASK_EVERY_S = 0.2
_GIVE_UP_S = 180.0


def demo_keys(store: KeyStore, home: Path) -> dict[Role, str]:
    """Give one key a role, made once and kept in `JIESU_HOME/demo-keys.txt` (owner alone)."""
    home.mkdir(parents=True, exist_ok=True)
    kept = _kept(home / FILE)
    good = {role: token for role, token in kept.items() if _still(store, role, token)}
    missing = [role for role in Role if role not in good]
    for role in missing:
        good[role] = store.create(role, label="demonstration")
    if missing:
        lines = "".join(f"{role} {good[role]}\n" for role in Role)
        write_private(home / FILE, lines.encode())
    return good


def _kept(path: Path) -> dict[Role, str]:
    try:
        rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    except (FileNotFoundError, UnicodeDecodeError):
        return {}
    roles = {role.value: role for role in Role}
    return {roles[row[0]]: row[1] for row in rows if len(row) == 2 and row[0] in roles}


def _still(store: KeyStore, role: Role, token: str) -> bool:
    key = store.find(token)
    return key is not None and key.role is role


def first_steps(settings: Settings, keys: dict[Role, str]) -> str:
    """Say where the service is, where the keys are, and what to try."""
    address = address_of(settings)
    rows = "\n".join(f"    {role:<10}{token}" for role, token in keys.items())
    return f"""
接诉 serves at {address}   (description: {address}/docs)

Demonstration keys, also in {settings.home / FILE}:
{rows}

Try this first:

curl -s {address}/v1/tag -H 'Authorization: Bearer {keys[Role.INTAKE]}' \\
  -H 'Content-Type: application/json' -d '{{"text": "{EXAMPLE_TEXT}"}}' \\
  | python3 -m json.tool --no-ensure-ascii

The review desk is at {address}/desk: sign in with the reviewer's key.

The ledger, the riskiest open tickets, and one of them with its duties and what happened to it:

curl -s '{address}/v1/complaints?state=open&band=high' \\
  -H 'Authorization: Bearer {keys[Role.REVIEWER]}'
curl -s {address}/v1/complaints/DEMO-000001 \\
  -H 'Authorization: Bearer {keys[Role.REVIEWER]}'

It holds a simulated year, if `jiesu demo` was run; `make run` does so once.

Ctrl-C ends it.
"""


def address_of(settings: Settings) -> str:
    """Give the address at which this machine reaches the service."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{settings.port}"


def print_when_ready(settings: Settings, keys: dict[Role, str]) -> threading.Thread:
    """Print the first steps as soon as `/health/ready` says yes, from a thread of its own."""
    thread = threading.Thread(target=_wait_and_print, args=(settings, keys), daemon=True)
    thread.start()
    return thread


def _wait_and_print(settings: Settings, keys: dict[Role, str]) -> None:
    until = time.monotonic() + _GIVE_UP_S
    told = LOADING
    while time.monotonic() < until:
        hindrance = what_hinders(address_of(settings))
        if not hindrance:
            print(first_steps(settings, keys), flush=True)
            return
        if hindrance != told:
            told = hindrance
            print(f"Not ready: {told}", file=sys.stderr, flush=True)
        time.sleep(_ASK_EVERY_S)


def what_hinders(address: str) -> str:
    """Ask `/health/ready`; give nothing when it says yes, else why not."""
    # Our own address, made above; a proxy of the environment must not be asked for it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/health/ready", timeout=5):
            return ""
    except urllib.error.HTTPError as exc:
        try:
            facts = orjson.loads(exc.read())["error"]
            loading = facts["code"] == ModelLoading.code
            return LOADING if loading else f"{facts['message']}; {facts['cure']}"
        except (ValueError, KeyError, TypeError):
            return f"another service answers at {address}"
    except OSError:
        return LOADING
