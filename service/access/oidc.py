"""Signing in with an OpenID Connect provider: where people are sent, and what comes back.

Requests and checks of the protocol are Authlib's; the code flow with PKCE, state and nonce.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from service.access.oidc_claims import Person, groups_of, person_of
from service.access.oidc_description import Described, Description, ask, refused
from service.access.oidc_settings import OidcSettings, read_roles, safe_address

# By the provider's key pair alone: a secret that two share proves nothing of who signed.
ALGORITHMS = tuple(kind + size for kind in ("RS", "PS", "ES") for size in ("256", "384", "512"))
_LEEWAY_S = 60
_FORM = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Asking:
    """What one sign-in is known by: nobody but the browser and this service knows all of it."""

    state: str
    nonce: str
    verifier: str
    redirect: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider sent the browser back with; who it is, if it says so (RFC 9207)."""

    code: str
    issuer: str | None


class Provider:
    """The provider of the settings.

    Parameters
    ----------
    settings : OidcSettings
        With an issuer.
    """

    def __init__(self, settings: OidcSettings) -> None:
        self._settings = settings
        self._roles = read_roles(settings.oidc_roles)
        self._description = Description(settings.oidc_issuer)

    @property
    def name(self) -> str:
        """What the button calls it."""
        return self._settings.oidc_name or "SSO"

    @property
    def redirect(self) -> str:
        """Where people come back to, if that is set."""
        return self._settings.oidc_redirect_url

    async def address(self, asking: Asking) -> str:
        """Give where to send somebody who signs in.

        Raises
        ------
        ProviderDown
        """
        known = await self._description.get()
        return str(
            prepare_grant_uri(
                known.told["authorization_endpoint"],
                client_id=self._settings.oidc_client_id,
                response_type="code",
                redirect_uri=asking.redirect,
                scope=self._settings.oidc_scopes,
                state=asking.state,
                nonce=asking.nonce,
                code_challenge=create_s256_code_challenge(asking.verifier),
                code_challenge_method="S256",
            )
        )

    async def person(self, answer: Answer, asking: Asking, now: datetime) -> Person:
        """Change a code for a token, check it, and say who it is of.

        Raises
        ------
        ProviderDown, SignInRefused
        """
        settings, known = self._settings, await self._description.get()
        promised = known.told.get("authorization_response_iss_parameter_supported") is True
        if answer.issuer != settings.oidc_issuer and (promised or answer.issuer is not None):
            raise refused("the answer is another provider's")
        async with self._description.client() as client:
            tokens = await self._change(client, known, answer.code, asking)
            claims = await self._checked(tokens, asking.nonce, now)
            if groups_of(claims, settings.oidc_roles_claim) is None:
                more = await self._more(client, known, claims, tokens.get("access_token"))
                claims = {**more, **claims}
        return person_of(
            claims,
            name_claim=settings.oidc_name_claim,
            roles_claim=settings.oidc_roles_claim,
            roles=self._roles,
        )

    async def _change(
        self, client: httpx.AsyncClient, known: Described, code: str, asking: Asking
    ) -> Mapping[str, Any]:
        secret = self._settings.oidc_client_secret.get_secret_value()
        told = known.told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        how = "client_secret_basic" if "client_secret_basic" in told else "client_secret_post"
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=asking.redirect,
            code=code,
            code_verifier=asking.verifier,
        )
        auth = ClientAuth(self._settings.oidc_client_id, secret, how if secret else "none")
        url, headers, body = auth.prepare("POST", known.told["token_endpoint"], dict(_FORM), body)
        return await ask(client, client.build_request("POST", url, headers=headers, content=body))

    async def _checked(
        self, tokens: Mapping[str, Any], nonce: str, now: datetime
    ) -> Mapping[str, Any]:
        try:
            return self._check(await self._description.get(), tokens, nonce, now)
        except (BadSignatureError, InvalidKeyIdError):
            pass  # the provider may have other keys by now
        except (JoseError, ValueError, TypeError) as exc:
            raise refused(type(exc).__name__) from None
        try:
            return self._check(await self._description.get(anew=True), tokens, nonce, now)
        except (JoseError, ValueError, TypeError) as exc:
            raise refused(type(exc).__name__) from None

    def _check(
        self, known: Described, tokens: Mapping[str, Any], nonce: str, now: datetime
    ) -> Mapping[str, Any]:
        raw = tokens.get("id_token")
        if not isinstance(raw, str):
            raise TypeError("there is no id_token")
        told = known.told.get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(
            algorithms=[one for one in ALGORITHMS if one in told], strict_check_header=False
        )
        token = jwt.decode(raw, known.keys, registry=registry)
        settings = self._settings
        must = {
            "iss": {"essential": True, "value": settings.oidc_issuer},
            "aud": {"essential": True, "value": settings.oidc_client_id},
            "sub": {"essential": True, "allow_blank": False},
        }
        params = {
            "nonce": nonce,
            "client_id": settings.oidc_client_id,
            "access_token": tokens.get("access_token"),
        }
        claims = CodeIDToken(token.claims, token.header, must, params)
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_S)
        if not isinstance(claims["sub"], str):
            raise TypeError("sub is no text")
        return dict(claims)

    async def _more(
        self, client: httpx.AsyncClient, known: Described, claims: Mapping[str, Any], access: object
    ) -> Mapping[str, Any]:
        """Ask for what the token leaves out: some providers tell groups only here."""
        url = known.told.get("userinfo_endpoint")
        if not isinstance(url, str) or not safe_address(url) or not isinstance(access, str):
            return {}
        headers = {"Authorization": f"Bearer {access}", "Accept": "application/json"}
        told = await ask(client, client.build_request("GET", url, headers=headers))
        if told.get("sub") != claims["sub"]:
            raise refused("the provider told of somebody else")
        return told
