"""One part scored: what a worker does, in this process, in another, or on another machine."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from service.collector import settle
from service.scoring.inputs import Source
from service.scoring.outputs import json_line
from service.scoring.parts import Part, read_part
from service.scoring.rows import Rejected, renamed, score_rows
from triage.engine import Engine
from triage.errors import InvalidInput
from triage.reading import settings_digest
from triage.shift import calibration_version

# An engine serves one thread; a worker of a cluster may have several.
_ONE = Lock()
_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker must know.

    Attributes
    ----------
    model, folder : Path
        Of the model, and of the finished parts.
    named : bool
        Whether a rejected row says which file it is of.
    settings, calibration : str
        Digests of the configuration and of the calibration that the answers are to come from.
    """

    model: Path
    folder: Path
    only: str | None
    most_characters: int
    columns: dict[str, str]
    named: bool
    settings: str
    calibration: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A part of one of the files."""

    place: int
    source: Source
    part: Part

    @property
    def order(self) -> tuple[int, int]:
        """Where its rows stand in the output."""
        return self.place, self.part.number


@dataclass(frozen=True, slots=True)
class Done:
    """A finished part: its files (`rejects` where there are any), its rows, and who made it.

    Attributes
    ----------
    fresh : bool
        Whether it is of this run.
    """

    task: Task
    answers: Path
    rejects: Path | None
    rows: int
    rejected: int
    fresh: bool = True


def found(job: Job, task: Task) -> Done | None:
    """Find a part that an earlier run finished, whole."""
    for answers in _folder(job, task).glob(f"{task.part.number:08d}.*.jsonl"):
        # rows, rows rejected, bytes: after a power failure a file may be there and be empty. One
        # of the two may be gone when a run was ended while it cleared up.
        rows, rejected, size = map(int, answers.name.split(".")[1:4])
        rejects = _rejects(job, task) if rejected else None
        if answers.stat().st_size == size and (rejects is None or _filled(rejects)):
            return Done(task, answers, rejects, rows, rejected, fresh=False)
    return None


def _filled(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def score_part(job: Job, task: Task) -> Done:
    """Score one part; its file appears under its name when it is whole."""
    folder = _folder(job, task)
    # Not its parents: where they are missing, this machine does not see what the command sees.
    folder.mkdir(exist_ok=True)
    # A worker that outlived its run may still write this part: each has a file of its own.
    whole = folder / f"{task.part.number:08d}.{os.getpid()}-{secrets.token_hex(4)}.tmp"
    with _ONE:
        rows, rejected = _write(job, task, whole)
    if rejected:
        aside = whole.with_suffix(".rejected.tmp")
        aside.write_bytes(b"".join(rejected))
        aside.replace(_rejects(job, task))
    size = whole.stat().st_size
    answers = folder / f"{task.part.number:08d}.{rows}.{len(rejected)}.{size}.jsonl"
    whole.replace(answers)
    return Done(task, answers, _rejects(job, task) if rejected else None, rows, len(rejected))


def _folder(job: Job, task: Task) -> Path:
    return job.folder / task.source.key


def _rejects(job: Job, task: Task) -> Path:
    return _folder(job, task) / f"{task.part.number:08d}.rejected"


def _write(job: Job, task: Task, whole: Path) -> tuple[int, list[bytes]]:
    rows, rejected = 0, []
    source = {"file": task.source.name} if job.named else {}
    given = renamed(read_part(task.source.path, task.part), job.columns)
    scored = score_rows(
        _engine(job.model, job.settings, job.calibration),
        given,
        most_characters=job.most_characters,
        only=job.only,
    )
    with whole.open("wb", buffering=_BUFFER) as file:
        for answer in scored:
            if isinstance(answer, Rejected):
                rejected.append(json_line(source | answer.to_json()))
            else:
                file.write(json_line(answer))
                rows += 1
    return rows, rejected


@lru_cache(maxsize=1)
def _engine(model: Path, settings: str, calibration: str) -> Engine:
    if settings_digest() != settings:
        raise InvalidInput(
            "a worker has another configuration than the command",
            cure="give all machines of the cluster the same `data/` (JIESU_DATA)",
        )
    if calibration_version(model) != calibration:
        raise InvalidInput(
            "a worker has another calibration than the command",
            cure="give all machines of the cluster the same `calibration/` (JIESU_HOME)",
        )
    engine = Engine.load(model)
    engine.warm()
    settle()
    return engine
