"""What a provider says of a person: who it is, and what role that makes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.store.records_service import Role

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a provider vouches for.

    Attributes
    ----------
    digest : str
        Hash of provider and subject: the same person has the same one, always.
    name : str
        What he is called; may change, and may be another's too.
    role : Role or None
        None when no group of his has a role here.
    """

    digest: str
    name: str
    role: Role | None


def person_of(
    claims: Mapping[str, Any],
    *,
    name_claim: str,
    roles_claim: str,
    roles: Sequence[tuple[str, Role]],
) -> Person:
    """Read the claims of a token that was checked."""
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    digest = hashlib.sha256(f"{issuer}\0{subject}".encode("utf-8", "surrogatepass")).hexdigest()
    groups = groups_of(claims, roles_claim) or ()
    role = next((role for group, role in roles if group in groups), None)
    return Person(digest, _name_of(claims, name_claim), role)


def groups_of(claims: Mapping[str, Any], claim: str) -> tuple[str, ...] | None:
    """Give the groups of a claim; None when there is no such claim."""
    found = claims.get(claim)
    if found is None and "." in claim:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return (found,)
    if isinstance(found, list):
        return tuple(one for one in found if isinstance(one, str))
    return None


def _name_of(claims: Mapping[str, Any], claim: str) -> str:
    named = (claims.get(one) for one in (claim, "name", "email", "sub"))
    found = next((one for one in named if isinstance(one, str) and one.strip()), "")
    # It is written into the database and shown: no signs that cannot be.
    plain = "".join(sign for sign in found if sign.isprintable())
    return plain.encode("utf-8", "ignore").decode().strip()[:_LONGEST_NAME]
