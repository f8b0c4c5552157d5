"""One sign-in with a provider, as the browser keeps it while it is away."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.access.oidc import Asking

COOKIE = "jiesu_oidc"
LASTS = timedelta(minutes=10)
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Flow:
    """What the cookie of a sign-in holds.

    State, nonce and verifier are hashes of all of it, so that nothing need be kept here, and
    a cookie that was changed belongs to no sign-in.
    """

    cookie: str
    begun: int
    onward: str

    @classmethod
    def begin(cls, onward: str, now: datetime) -> Flow:
        """Begin a sign-in."""
        begun = int(now.timestamp())
        packed = base64.urlsafe_b64encode(onward.encode()).decode().rstrip("=")
        return cls(f"{secrets.token_urlsafe(32)}.{begun}.{packed}", begun, onward)

    @classmethod
    def read(cls, cookie: str) -> Flow | None:
        """Read a cookie; None when it holds no sign-in."""
        parts = cookie.split(".")
        try:
            packed = parts[2] + "=" * (-len(parts[2]) % 4)
            onward = base64.urlsafe_b64decode(packed.encode("ascii")).decode()
            return cls(cookie, int(parts[1]), onward) if len(parts) == _PARTS else None
        except (ValueError, IndexError):
            return None

    def asking(self, redirect: str) -> Asking:
        """Give what the provider is asked with."""
        state, nonce, verifier = (self._made(of) for of in ("state", "nonce", "verifier"))
        return Asking(state, nonce, verifier, redirect)

    def goes_with(self, state: str, now: datetime) -> bool:
        """Say whether an answer of the provider is of this sign-in, and came in time."""
        age = now.timestamp() - self.begun
        same = hmac.compare_digest(self._made("state").encode(), state.encode())
        return same and 0 <= age < LASTS.total_seconds()

    def _made(self, of: str) -> str:
        return hashlib.sha256(f"{of} {self.cookie}".encode("utf-8", "surrogatepass")).hexdigest()
