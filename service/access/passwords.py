"""Passwords, kept as scrypt hashes that say themselves how they were made.

32 MB and some tenths of a second a try (N = 2**15, r = 8, p = 3, as OWASP advises): whoever got
hold of the database cannot try many, and no caller makes the service work without end, because
failed tries lock (`service.desk.sessions`).
"""

from __future__ import annotations

import base64
import secrets

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from triage.errors import InvalidInput

LEAST, MOST = 12, 200
_KIND = "scrypt"
_NAME = 4
_LOG_N, _R, _P = 15, 8, 3
_SALT, _LENGTH = 16, 32


def check_password(password: str, name: str = "") -> None:
    """Refuse a password that is too short, too long, all one sign, or the name.

    Raises
    ------
    InvalidInput
    """
    if not LEAST <= len(password) <= MOST:
        raise InvalidInput(
            f"a password has {LEAST} to {MOST} characters", cure="take some words that go together"
        )
    if len(set(password)) < LEAST // 2 or (
        len(name) >= _NAME and name.casefold() in password.casefold()
    ):
        raise InvalidInput("this password is easily guessed", cure="take some words, not the name")


def hash_password(password: str) -> str:
    """Give what is kept of a password."""
    salt = secrets.token_bytes(_SALT)
    digest = _scrypt(salt, _LOG_N, _R, _P).derive(_bytes(password))
    told = (_KIND, str(_LOG_N), str(_R), str(_P), _text(salt), _text(digest))
    return "$".join(told)


def same_password(password: str, kept: str) -> bool:
    """Say whether a password is the one of which something was kept."""
    _, log_n, r, p, salt, digest = kept.split("$")
    kdf = _scrypt(base64.b64decode(salt), int(log_n), int(r), int(p))
    try:
        kdf.verify(_bytes(password), base64.b64decode(digest))
    except InvalidKey:
        return False
    return True


def nobodys() -> str:
    """Give what is compared for an account that does not exist: it takes as long, and is none."""
    told = (_KIND, str(_LOG_N), str(_R), str(_P), _text(bytes(_SALT)), _text(bytes(_LENGTH)))
    return "$".join(told)


def _scrypt(salt: bytes, log_n: int, r: int, p: int) -> Scrypt:
    return Scrypt(salt=salt, length=_LENGTH, n=2**log_n, r=r, p=p)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
