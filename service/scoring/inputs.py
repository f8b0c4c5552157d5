"""The files that `jiesu score` reads, in an order that never changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from service.scoring.parts import INPUTS, kind_of
from triage.errors import InvalidInput

# What other programs leave beside their files: `.DS_Store`, `_SUCCESS`, `_temporary/`.
_ASIDE = (".", "_")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be scored.

    Attributes
    ----------
    path : Path
        From the root of the file system.
    name : str
        Its path within the folder that was given, or its file name.
    size : int
        Bytes.
    key : str
        Another one as soon as the file is changed.
    """

    path: Path
    name: str
    size: int
    key: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is to be scored, and how many files of a folder are not."""

    sources: tuple[Source, ...]
    skipped: int = 0

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(source.size for source in self.sources)


def find_inputs(given: Path) -> Inputs:
    """Find the files of a folder, by name whatever the file system says; or the one file.

    Raises
    ------
    InvalidInput
        When there is nothing to score.
    """
    if given.is_file():
        return Inputs((_source(given, given.name),))
    if not given.is_dir():
        raise InvalidInput(f"{given} is no file and no folder")
    named = {path.relative_to(given): path for path in given.rglob("*") if path.is_file()}
    seen = [name for name in named if not any(part.startswith(_ASIDE) for part in name.parts)]
    wanted = sorted(name for name in seen if kind_of(name) in INPUTS)
    if not wanted:
        raise InvalidInput(f"{given} holds no file to score", cure=f"use {', '.join(INPUTS)}")
    sources = tuple(_source(named[name], name.as_posix()) for name in wanted)
    return Inputs(sources, len(seen) - len(wanted))


def _source(path: Path, name: str) -> Source:
    state = path.stat()
    facts = f"{name} {state.st_size} {state.st_mtime_ns}"
    key = hashlib.sha256(facts.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Source(path.resolve(), name, state.st_size, key)
