"""Tokens against forged requests, masked anew for each page.

Pages are sent compressed, and some of what they show comes from the address: whoever sees the sizes
of many answers could guess a token that is the same in all of them (BREACH). So a page holds the
token under a random mask, mask and masked token together; no two pages share a byte of it. The
cookie of a session is not sent with what other sites ask for besides, so nobody else can make a
browser fetch pages over and over; texts of customers are in them too, and rest on that.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from fastapi import Request

from service.errors import Forbidden

HEADER = "x-csrf-token"
_BYTES = 32


class ForgedRequest(Forbidden):
    """A form was not sent from a page of this session."""

    code = "forged_request"


def token_of(secret: str) -> str:
    """Give the token that belongs to what the cookie of a session holds."""
    return _text(hashlib.sha256(b"csrf " + secret.encode("utf-8", "surrogatepass")).digest())


def masked(token: str) -> str:
    """Give what a page shows in place of a token of 32 bytes: another text each time."""
    mask = secrets.token_bytes(_BYTES)
    return _text(mask + _xor(mask, _raw(token)))


def is_of(shown: str, token: str) -> bool:
    """Say whether a token stands behind what a form sent."""
    try:
        raw = _raw(shown)
        return len(raw) == 2 * _BYTES and hmac.compare_digest(
            _xor(raw[:_BYTES], raw[_BYTES:]), _raw(token)
        )
    except ValueError:
        return False


def refuse_forged(request: Request, token: str, sent: str | None) -> None:
    """Refuse a change that was not asked for on a page with a token.

    Raises
    ------
    ForgedRequest
    """
    shown = request.headers.get(HEADER) or sent or ""
    if not from_here(request) or not is_of(shown, token):
        raise ForgedRequest("the form is not of this session", cure="open the page again")


def from_here(request: Request) -> bool:
    """Say whether a request comes from a page of this service, as far as the browser tells."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")
