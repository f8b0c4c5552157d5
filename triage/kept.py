"""What takes long to work out of data files, kept on disk beside the compiled kernels.

It is kept as JSON with a digest of the files, of the whole code of this package and of what that
stands on. Where the digest differs, or nothing can be read or written, it is worked out again.
"""

from __future__ import annotations

import hashlib
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from triage.replacing import replace_file

_PACKAGE = Path(__file__).parent


def kept(name: str, paths: Iterable[Path], work: Callable[[], Any], *, also: str = "") -> Any:
    """Give what `work` gives, without working where these files were worked on before.

    Parameters
    ----------
    name : str
        Of the file it is kept in.
    paths : iterable of Path
        All files that the result hangs on.
    work : callable
        Gives what JSON can say; tuples come back as lists. What it raises is not kept.
    also : str
        What else the result hangs on.
    """
    file = _beside(_PACKAGE / "__pycache__") / f"{name}.json"
    digest = _digest(paths, also)
    try:
        known, value = orjson.loads(file.read_bytes())
        if known == digest:
            return value
    except (OSError, ValueError, TypeError):
        pass  # not there, or cut off
    value = work()
    _write(file, orjson.dumps([digest, value]))
    return value


def compiled() -> bool:
    """Whether kernels were compiled here before; the first start has to, and takes longer."""
    return any(_beside(_PACKAGE / "kernels").rglob("*.nbi"))


def _beside(code: Path) -> Path:
    # Where numba keeps compiled kernels: in its own folder if one is named, else beside the code.
    named = os.environ.get("NUMBA_CACHE_DIR")
    return Path(named) if named else code


def _digest(paths: Iterable[Path], also: str) -> str:
    state = hashlib.sha256(_code() + also.encode())
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError:  # whoever works on it says what is wrong
            continue
        state.update(f"{path.name} {len(content)}\n".encode())
        state.update(content)
    return state.hexdigest()


@cache
def _code() -> bytes:
    stands_on = sys.version, unicodedata.unidata_version, version("OpenCC")
    state = hashlib.sha256("\n".join(stands_on).encode())
    for path in sorted(_PACKAGE.rglob("*.py")):
        state.update(path.read_bytes())
    return state.digest()


def _write(file: Path, content: bytes) -> None:
    # Usual where the code may not be written: it is worked out at every start then.
    with suppress(OSError):
        replace_file(file, content)
