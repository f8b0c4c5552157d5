"""Where webhooks may lead: out of the house, and not into what only this machine can reach."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from triage.errors import InvalidInput

if TYPE_CHECKING:
    import httpx

Address = IPv4Address | IPv6Address
_LONGEST = 2_000
_LAST_PORT = 65_535
# Where clouds hand secrets to whoever asks, beside the link-local 169.254.169.254.
_METADATA = {ipaddress.ip_address(a) for a in ("100.100.100.200", "fd00:ec2::254", "192.0.0.192")}
_FUTURE = ipaddress.ip_network("240.0.0.0/4")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class TargetRefused(Exception):
    """A host leads where nothing may be sent, or nowhere."""


def read_url(url: str, *, private: bool) -> httpx.URL:
    """Read the address of a webhook.

    Parameters
    ----------
    url : str
    private : bool
        Whether it may lie in a private network.

    Raises
    ------
    InvalidInput
        When nothing may be sent there. Names are looked up when something is sent, each time.
    """
    import httpx

    try:
        found = httpx.URL(url)
        port = found.port is None or 0 < found.port <= _LAST_PORT
        usable = found.scheme in ("http", "https") and found.host and port and len(url) <= _LONGEST
    except (httpx.InvalidURL, ValueError):
        usable = False
    if not usable:
        raise InvalidInput("url is no address of a web server", cure="use https://host/path")
    if found.userinfo or found.fragment:
        raise InvalidInput(
            "url holds a name, a password or a fragment", cure="use https://host/path alone"
        )
    literal = _literal(found.host)
    if found.host == "localhost" or found.host.endswith(".localhost"):
        literal = ipaddress.ip_address("127.0.0.1")
    if literal is not None and not allowed(literal, private=private):
        raise InvalidInput(
            "url leads to an address that webhooks may not use",
            cure="use one outside, or set JIESU_WEBHOOK_PRIVATE=true for those of your own network",
        )
    return found


def allowed(address: Address, *, private: bool) -> bool:
    """Say whether something may be sent to an address.

    Never to link-local ones, those of many, none, or metadata services of clouds; to private
    networks and this machine only with `private`.
    """
    inner = _inner(address)
    if inner is not None:
        return allowed(inner, private=private)
    if address in _METADATA or address.is_link_local:
        return False
    if address.is_multicast or address.is_unspecified or address in _FUTURE:
        return False
    return address.is_global or private


async def addresses_of(host: str, port: int, *, private: bool) -> list[str]:
    """Look up a host; what is sent goes to one of these addresses, whatever it leads to later.

    Raises
    ------
    TargetRefused
        When it leads to none, or one of them may not be used.
    """
    literal = _literal(host)
    if literal is not None:
        found = [literal]
    else:
        loop = asyncio.get_running_loop()
        try:
            rows = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise TargetRefused("the host is not known") from None
        found = [ipaddress.ip_address(row[4][0]) for row in rows]
    if not found or not all(allowed(address, private=private) for address in found):
        raise TargetRefused("the host leads to an address that webhooks may not use")
    return list(dict.fromkeys(str(address) for address in found))


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _inner(address: Address) -> Address | None:
    """Give the IPv4 address that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
