"""What an OpenID Connect provider says of itself, and its keys: read once an hour, or when needed.

Nothing that a provider sends is logged or told: neither codes nor tokens nor claims.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.access.oidc_settings import is_here, safe_address
from triage.errors import JiesuError, NotAuthenticated

WHERE = "/.well-known/openid-configuration"
_KINDS = ("RSA", "EC")
_SECONDS = 10.0
_KEEP_S = 3600.0
# A key that is not known may be new; whoever sends tokens makes us look no oftener.
_LOOK_AGAIN_S = 10.0
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderDown(JiesuError):
    """The provider cannot be reached, or answers nothing that can be used."""

    code = "provider_down"
    status = 503


class SignInRefused(NotAuthenticated):
    """What came back from the provider does not belong to this sign-in, or cannot be trusted."""

    code = "sign_in_refused"


@dataclass(frozen=True, slots=True)
class Described:
    """A provider as it was at a moment (of the monotonic clock)."""

    told: Mapping[str, Any]
    keys: KeySet
    at: float


class Description:
    """What is known of the provider with a certain issuer."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._known: Described | None = None
        self._looking = asyncio.Lock()

    async def get(self, *, anew: bool = False) -> Described:
        """Give it, read again when it is old, or `anew` unless that was done a moment ago.

        Raises
        ------
        ProviderDown
        """
        keep_s = _LOOK_AGAIN_S if anew else _KEEP_S
        async with self._looking:
            known = self._known
            if known is None or time.monotonic() - known.at >= keep_s:
                async with self.client() as client:
                    known = self._known = await self._read(client)
            return known

    def client(self) -> httpx.AsyncClient:
        """Give what asks the provider."""
        # A proxy of the environment must not be asked for what runs on this machine.
        here = is_here(urlsplit(self._issuer).hostname or "")
        return httpx.AsyncClient(timeout=_SECONDS, trust_env=not here, verify=_trusted())

    async def _read(self, client: httpx.AsyncClient) -> Described:
        url = self._issuer.rstrip("/") + WHERE
        told = await ask(client, client.build_request("GET", url))
        named = [told.get(name) for name in _ADDRESSES]
        if told.get("issuer") != self._issuer or not all(map(_usable, named)):
            raise down("its description is another's, or misses an address")
        keys = await ask(client, client.build_request("GET", told["jwks_uri"]))
        try:
            usual = [one for one in keys["keys"] if _signs(one)]
            return Described(told, KeySet.import_key_set({"keys": usual}), time.monotonic())
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise down("its keys cannot be read") from None


async def ask(client: httpx.AsyncClient, request: httpx.Request) -> Mapping[str, Any]:
    """Give the object that a provider answers.

    Raises
    ------
    ProviderDown, SignInRefused
    """
    try:
        answer = await client.send(request)
    except httpx.HTTPError as exc:
        raise down(type(exc).__name__) from None
    if answer.is_client_error and request.method == "POST":
        raise refused(f"HTTP {answer.status_code}")
    try:
        told = answer.json() if answer.is_success else None
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise down(f"HTTP {answer.status_code}, and nothing that can be read")
    return told


def refused(why: str) -> SignInRefused:
    """Say that a sign-in is not believed."""
    return SignInRefused(f"signing in was refused: {why}", cure="sign in again from the desk")


def down(why: str) -> ProviderDown:
    """Say that the provider cannot be used."""
    return ProviderDown(
        f"the sign-in provider cannot be used: {why}", cure="try later, or use a password or a key"
    )


def _usable(url: object) -> bool:
    return isinstance(url, str) and safe_address(url)


def _signs(key: Mapping[str, Any]) -> bool:
    return key["kty"] in _KINDS and key.get("use") != "enc"


@cache
def _trusted() -> SSLContext:
    return httpx.create_ssl_context()
