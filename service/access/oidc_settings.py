"""Settings of signing in by OpenID Connect (docs/sign-in.md)."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from service.store.records_service import DESK_ROLES, Role

_SCOPES = re.compile(r"openid(?: [\x21\x23-\x5b\x5d-\x7e]+)*")


class OidcSettings(BaseSettings):
    """Which provider, as which client, and which of its groups have which role."""

    oidc_issuer: str = Field(
        default="",
        description="Address of the OpenID Connect provider that people sign in to the desk with,"
        " as its description names itself; empty means none",
    )
    oidc_client_id: str = Field(
        default="",
        validate_default=True,
        description="Under which name the desk is registered with the provider",
    )
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Secret of that registration; empty for a public client",
    )
    oidc_redirect_url: str = Field(
        default="",
        description="Where the provider sends people back to, as registered; empty means"
        " `/desk/sign-in/oidc/back` of the address under which the desk was asked for",
    )
    oidc_scopes: str = Field(
        default="openid profile", description="What is asked of the provider, `openid` first"
    )
    oidc_name: str = Field(
        default="", max_length=40, description="Name of the provider on the button; empty means SSO"
    )
    oidc_name_claim: str = Field(
        default="preferred_username", min_length=1, description="Claim with the name of a person"
    )
    oidc_roles_claim: str = Field(
        default="groups",
        min_length=1,
        description="Claim with the groups of a person; dots lead into objects",
    )
    oidc_roles: str = Field(
        default="",
        validate_default=True,
        description="Which group has which role: `group=role`, separated by semicolons, the first"
        " that fits counts; roles are reviewer, scientist and admin",
    )

    @field_validator("oidc_issuer", "oidc_redirect_url")
    @classmethod
    def _safe(cls, value: str) -> str:
        if value and not safe_address(value):
            raise ValueError("it must begin with https:// (http:// on this machine alone)")
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def _named(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not value:
            raise ValueError("JIESU_OIDC_ISSUER needs it")
        return value

    @field_validator("oidc_scopes")
    @classmethod
    def _open(cls, value: str) -> str:
        if not _SCOPES.fullmatch(value):
            raise ValueError("it must begin with `openid`, scopes are parted by one space")
        return value

    @field_validator("oidc_roles")
    @classmethod
    def _known(cls, value: str, info: ValidationInfo) -> str:
        if not read_roles(value) and info.data.get("oidc_issuer"):
            raise ValueError("JIESU_OIDC_ISSUER needs it, else nobody comes in")
        return value


def read_roles(told: str) -> tuple[tuple[str, Role], ...]:
    """Read which group has which role; a group may hold commas and `=`, as those of LDAP do.

    Raises
    ------
    ValueError
        When a part names no group, or no role that opens the desk.
    """
    found = []
    for part in filter(None, map(str.strip, told.split(";"))):
        group, _, role = (word.strip() for word in part.rpartition("="))
        if not group or role not in DESK_ROLES:
            raise ValueError(
                f"each part must be group=role, with a role of {', '.join(DESK_ROLES)}"
            )
        found.append((group, Role(role)))
    return tuple(found)


def safe_address(url: str) -> bool:
    """Say whether nobody on the way reads what is sent to an address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_here(host))


def is_here(host: str) -> bool:
    """Say whether a host is this machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
