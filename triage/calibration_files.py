"""The calibrations of a home: where they lie and which they are. Nothing in them is read."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from triage.config import home_dir

_FOLDER = "calibration"
_HEX = 12


def shift_path(version: str, home: Path | None = None) -> Path:
    """Where the calibration of a model lies: `calibration/<version>.json` in `JIESU_HOME`."""
    return (home or home_dir()) / _FOLDER / f"{version}.json"


def calibrations() -> dict[str, str]:
    """Give the versions of all calibrations in `JIESU_HOME`, by model. They are not read."""
    found = {}
    for path in (home_dir() / _FOLDER).glob("*.json"):
        # One may be taken away at this moment.
        with suppress(FileNotFoundError):
            found[path.stem] = digest_of(path.read_bytes())
    return found


def digest_of(content: bytes) -> str:
    """Give the version of a calibration: a short digest of its file."""
    return hashlib.sha256(content).hexdigest()[:_HEX]
