"""Signatures of webhooks as Standard Webhooks describes them (HMAC-SHA256, `v1`)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Make a secret for one receiver."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers_of(secret: str, *, ident: str, at: int, body: bytes) -> dict[str, str]:
    """Give the headers of a message.

    Parameters
    ----------
    secret : str
        Of `new_secret`.
    ident : str
        The same each time the message is sent, so that a receiver knows it again.
    at : int
        Seconds since 1970 at which it is sent.
    body : bytes
    """
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = f"{ident}.{at}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": ident,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{signature}",
    }
