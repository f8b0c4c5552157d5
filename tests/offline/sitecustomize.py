"""Python without a network: with this folder on PYTHONPATH only this machine is reached.

The notebooks are run so: what would ask a server elsewhere, of its own accord, fails instead.
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

_HERE = frozenset({None, "", "localhost"})


def refuse(event: str, given: tuple[Any, ...]) -> None:
    """Refuse to look up or to reach what is not this machine; files and sockets in files pass."""
    if event == "socket.getaddrinfo":
        host = given[0]
    elif event in {"socket.connect", "socket.sendto"} and isinstance(given[1], tuple):
        host = given[1][0]
    else:
        return
    if not _is_here(host):
        raise OSError(f"no network here: {host}")


def _is_here(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in _HERE:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


sys.addaudithook(refuse)
