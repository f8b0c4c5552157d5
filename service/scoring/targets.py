"""Where scored rows go: a file, standard output, or a folder that mirrors the input."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from service.scoring.inputs import Inputs
from service.scoring.outputs import OUTPUTS, check_output, copy_parts, gather
from service.scoring.part_lines import is_packed
from triage.errors import InvalidInput

STANDARD = "-"


@dataclass(frozen=True, slots=True)
class Target:
    """An output.

    Attributes
    ----------
    path : Path
        The file or folder; what is beside it has its name: finished parts, rejected rows.
    files : tuple of Path
        In a folder, the output of each file of the input; empty otherwise.
    standard : bool
        Whether rows go to standard output.
    """

    path: Path
    files: tuple[Path, ...] = ()
    standard: bool = False

    @classmethod
    def of(cls, out: str, source: Path, inputs: Inputs) -> Target:
        """Understand `--out`.

        Raises
        ------
        InvalidInput
            When it cannot be written, or an input would be written over.
        """
        if out == STANDARD:
            return cls(Path(f"{source.resolve().stem}.scored.jsonl"), standard=True)
        path = Path(out)
        if source.is_dir() and path.resolve().is_relative_to(source.resolve()):
            raise InvalidInput(f"{out} lies within the input", cure="name another output")
        if path.is_dir() or (source.is_dir() and not path.suffix):
            return cls(path, _mirrored(path, inputs))
        check_output(path)
        if path.resolve() == source.resolve():
            raise InvalidInput(f"{out} is the input itself", cure="name another output")
        return cls(path)

    @property
    def parts(self) -> Path:
        """Folder of the finished parts."""
        return self.path.with_name(self.path.name + ".parts")

    @property
    def rejected(self) -> Path:
        """File of the rejected rows."""
        return self.path.with_name(self.path.name + ".rejected.jsonl")

    def write(self, parts: Sequence[Iterable[Path]]) -> None:
        """Put the parts of each file of the input together; an output appears when it is whole."""
        if self.standard:
            copy_parts(chain.from_iterable(parts), sys.stdout.buffer)
        elif self.files:
            for path, own in zip(self.files, parts, strict=True):
                path.parent.mkdir(parents=True, exist_ok=True)
                gather(list(own), path)
        else:
            gather(list(chain.from_iterable(parts)), self.path)


def _mirrored(folder: Path, inputs: Inputs) -> tuple[Path, ...]:
    named = [_answered(Path(source.name)) for source in inputs.sources]
    name, times = Counter(named).most_common(1)[0]
    if times > 1:
        raise InvalidInput(
            f"{times} files of the input would become {name.as_posix()}",
            cure="give them other names, or write one file",
        )
    files = tuple(folder / name for name in named)
    for path, source in zip(files, inputs.sources, strict=True):
        if path.resolve() == source.path:
            raise InvalidInput(f"{path} is the input itself", cure="name another output")
    return files


def _answered(name: Path) -> Path:
    name = name.with_suffix("") if is_packed(name) else name
    return name if name.suffix.lower() in OUTPUTS else name.with_suffix(".jsonl")
