"""What stands for personal data, and what hides it: keyed hashes, encrypted secrets and words."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.settings import Settings
from service.store.errors import RawNotKept
from triage.errors import ConfigError

FILE = "secret.key"
_BYTES = 32


class Privacy:
    """Keyed hashes and small encrypted things, all from one secret.

    Every purpose has a key of its own, so that what is known of one says nothing of another.

    Parameters
    ----------
    secret : str
        `JIESU_SECRET`, or what `secret.key` holds.
    """

    def __init__(self, secret: str) -> None:
        self._customers = _derived(secret, b"customer")
        self._bodies = _derived(secret, b"body")
        self._box = Fernet(base64.urlsafe_b64encode(_derived(secret, b"box")))

    def customer_ref(self, customer_key: str) -> str:
        """Give what stands for a customer: HMAC-SHA256 of his key, in hexadecimal."""
        return _hashed(self._customers, customer_key.encode())

    def body_hash(self, body: bytes) -> str:
        """Give what tells two bodies apart and lets nobody try which narrative it was."""
        return _hashed(self._bodies, body)

    def seal(self, text: str) -> bytes:
        """Encrypt the signing secret of a webhook."""
        return self._box.encrypt(text.encode())

    def unseal(self, sealed: bytes) -> str:
        """Decrypt it.

        Raises
        ------
        ConfigError
            When it was encrypted with another secret.
        """
        try:
            return self._box.decrypt(sealed).decode()
        except InvalidToken:
            raise ConfigError(
                "JIESU_SECRET is not the one with which the secret of a webhook was kept",
                cure="restore it, or make the webhook anew",
            ) from None


class Vault:
    """Encrypts narratives as submitted; the first key encrypts, all decrypt.

    Parameters
    ----------
    keys : str
        `JIESU_RAW_KEYS`: Fernet keys, separated by commas; none opens nothing.
    """

    def __init__(self, keys: str) -> None:
        found = [Fernet(key.strip()) for key in keys.split(",") if key.strip()]
        self._keys = MultiFernet(found) if found else None

    def seal(self, narrative: str) -> bytes:
        """Encrypt a narrative.

        Raises
        ------
        ConfigError
            When there is no key.
        """
        if self._keys is None:
            raise ConfigError("JIESU_RAW_KEYS is empty", cure="`jiesu db new-key` prints a key")
        return self._keys.encrypt(narrative.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt a narrative.

        Raises
        ------
        RawNotKept
            When no key opens it.
        """
        return self._with_keys(sealed).decrypt(sealed).decode()

    def rotate(self, sealed: bytes) -> bytes:
        """Encrypt with the first key what any of them opens.

        Raises
        ------
        RawNotKept
            When no key opens it.
        """
        return self._with_keys(sealed).rotate(sealed)

    def _with_keys(self, sealed: bytes) -> MultiFernet:
        try:
            if self._keys is not None:
                self._keys.decrypt(sealed)
                return self._keys
        except InvalidToken:
            pass
        raise RawNotKept(
            "no key of JIESU_RAW_KEYS opens the narrative", cure="restore the key it was kept with"
        )


def privacy_of(settings: Settings) -> Privacy:
    """Give the hashes of an installation; without `JIESU_SECRET` one is made once, at random.

    Raises
    ------
    ConfigError
        When `secret.key` cannot be used.
    """
    given = settings.secret.get_secret_value()
    return Privacy(given or _kept(settings.home / FILE))


def vault_of(settings: Settings) -> Vault:
    """Give the keys that open narratives as submitted."""
    return Vault(settings.raw_keys.get_secret_value())


def _kept(path: Path) -> str:
    if not path.exists():
        _make(path)
    secret = path.read_text(encoding="ascii", errors="replace").strip()
    if len(secret) < _BYTES:
        raise ConfigError(
            f"{path} holds no secret",
            cure="restore it; a new one (remove the file) no longer knows the customers of before",
        )
    return secret


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, own = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # Of several processes that start at once one makes it, whole, and the others read it.
        os.link(own, path)
    except FileExistsError:
        return
    finally:
        Path(own).unlink()


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _BYTES, salt=None, info=b"jiesu " + purpose).derive(
        secret.encode()
    )


def _hashed(key: bytes, content: bytes) -> str:
    return hmac.new(key, content, hashlib.sha256).hexdigest()
