"""`jiesu score`: narratives tagged by all cores or by a cluster, resumable, in constant memory.

The input is cut into parts; each worker reads, scores and writes parts of its own, so that only
part numbers travel between processes. A part appears under its name when it is whole: a run that
was cut off goes on with the parts that are missing and gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from service.scoring.inputs import Inputs, Source, find_inputs
from service.scoring.local import run_local
from service.scoring.outputs import gather, json_line
from service.scoring.part import Done, Job, Task, found
from service.scoring.parts import cut, read_part
from service.scoring.progress import followed
from service.scoring.rows import ONLY, check_text, parse_columns
from service.scoring.targets import STANDARD, Target
from service.settings import load_settings
from triage.batches import BATCH
from triage.errors import InvalidInput
from triage.kept import compiled
from triage.reading import settings_digest
from triage.shift import calibration_version

_REJECTED_STATUS = 3
_SET_ASIDE = (
    "Rows that cannot be read go to OUT.rejected.jsonl, of standard input to standard output to"
    " stdin.XXXXXXXX.rejected.jsonl in the current folder (a name of its own for every run), with"
    " their line and the reason; the last line names the file, and the exit status is then 3."
)
Runner = Callable[[Job, Iterable[Task]], Iterator[Done]]
Broken = list[tuple[Source, InvalidInput]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did, and where its rejected rows are, if there are any."""

    rows: int
    rejected: int
    rejects: Path | None = None

    def __str__(self) -> str:
        told = f"{self.rows} rows scored, {self.rejected} rejected"
        return f"{told}: {self.rejects}" if self.rejects else told


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `jiesu score`."""
    parser = subparsers.add_parser(
        "score", help="tag a file, or a folder of files", epilog=_SET_ASIDE
    )
    parser.add_argument(
        "input",
        help=".jsonl, .csv or .txt, also packed (.gz), .parquet, or a folder of them;"
        " - is standard input (JSONL)",
    )
    parser.add_argument(
        "--out",
        required=True,
        help=".jsonl, .csv or .parquet; a folder, where the input is one; - is standard output",
    )
    parser.add_argument("--workers", type=int, default=0, help="processes; default: all cores")
    parser.add_argument("--engine", choices=("local", "dask"), default="local")
    parser.add_argument(
        "--scheduler", help="of a Dask cluster, with --engine dask: tcp://HOST:PORT"
    )
    parser.add_argument(
        "--model", help="folder, version or models:/ address; default: the champion"
    )
    parser.add_argument("--only", choices=ONLY, help="a part of the work")
    parser.add_argument("--map", help="columns by other names: text=内容,id=编号 ...")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was cut off")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Score as the command line says; 3 when a row was rejected."""
    from service.models import find_model
    from service.scoring.stream import score_stream

    model, columns = find_model(arguments.model), parse_columns(arguments.map)
    runner = _runner(arguments)
    if not compiled():
        print("jiesu: the first start compiles its kernels, later ones do not", file=sys.stderr)
    if arguments.input == STANDARD:
        summary = score_stream(model, arguments.out, only=arguments.only, columns=columns)
    else:
        summary = score_file(
            Path(arguments.input),
            arguments.out,
            model,
            only=arguments.only,
            runner=runner,
            resume=arguments.resume,
            columns=columns,
        )
    print(summary, file=sys.stderr)
    return _REJECTED_STATUS if summary.rejected else 0


def _runner(arguments: argparse.Namespace) -> Runner:
    if arguments.workers < 0:
        raise InvalidInput(f"--workers {arguments.workers} is below 0", cure="0 is one a core")
    if (arguments.engine == "dask") != (arguments.scheduler is not None):
        raise InvalidInput(
            "--engine dask and --scheduler go together",
            cure="as --engine dask --scheduler tcp://HOST:PORT",
        )
    if arguments.engine == "local":
        return partial(run_local, workers=arguments.workers)
    from service.scoring.cluster import run_dask

    return partial(run_dask, scheduler=arguments.scheduler)


def score_file(
    source: Path,
    out: str,
    model: Path,
    *,
    only: str | None = None,
    workers: int = 0,
    resume: bool = False,
    columns: Mapping[str, str] | None = None,
    runner: Runner | None = None,
) -> Summary:
    """Score a file, or the files of a folder.

    Parameters
    ----------
    source : Path
    out : str
        A file; a folder, which mirrors that of the input; or `-` for JSONL on standard output.
    model : Path
        A model folder.
    only : {"lines", "signals", "risk"}, optional
    workers : int
        Processes; 0 is one a core.
    resume : bool
        Keep the finished parts of an earlier run over the same input and model.
    columns : mapping of field to column, optional
        Columns of the input that go by other names than those of the contract.
    runner : callable, optional
        What has the parts scored; left out, it is the processes of this machine.

    Raises
    ------
    InvalidInput
        When the input cannot be read or the output cannot be written in its format. In a folder
        a file that cannot be read is rejected like a row.
    """
    inputs = find_inputs(source)
    target = Target.of(out, source, inputs)
    if inputs.skipped:
        print(f"jiesu: {inputs.skipped} files of other kinds are left alone", file=sys.stderr)
    job = _job(source, target, model, only, dict(columns or {}), resume=resume)
    broken: Broken = []
    finished = _all(job, inputs, runner or partial(run_local, workers=workers), broken)
    done = sorted(followed(finished, inputs.size), key=lambda item: item.task.order)
    if broken and not job.named:
        if not done:
            shutil.rmtree(target.parts, ignore_errors=True)
        raise broken[0][1]
    answers: list[list[Path]] = [[] for _ in inputs.sources]
    for item in done:
        answers[item.task.place].append(item.answers)
    target.write(answers)
    rejects = _write_rejected(job, done, broken, target)
    # A worker that outlived an earlier run may still write there.
    shutil.rmtree(target.parts, ignore_errors=True)
    rejected = sum(d.rejected for d in done) + len(broken)
    return Summary(sum(d.rows for d in done), rejected, rejects)


def _job(
    source: Path,
    target: Target,
    model: Path,
    only: str | None,
    columns: dict[str, str],
    *,
    resume: bool,
) -> Job:
    most = load_settings().narrative_chars_max
    made_with = settings_digest(), calibration_version(model)
    named = f"{source.resolve()} {model.resolve()} {only} {most} {sorted(columns.items())}"
    facts = " ".join((named, *made_with))
    # With another input, model or part of the work finished parts are of no use.
    folder = target.parts / hashlib.sha256(facts.encode()).hexdigest()[:16]
    if not (resume and folder.is_dir()):
        shutil.rmtree(target.parts, ignore_errors=True)
        folder.mkdir(parents=True)
    where = model.resolve(), folder.resolve()
    return Job(*where, only, most, columns, source.is_dir(), *made_with)


def _all(job: Job, inputs: Inputs, runner: Runner, broken: Broken) -> Iterator[Done]:
    there: deque[Done] = deque()

    def missing() -> Iterator[Task]:
        for task in _tasks(job, inputs, broken):
            if finished := found(job, task):
                there.append(finished)
            else:
                yield task

    for item in runner(job, missing()):
        yield item
        while there:
            yield there.popleft()
    yield from there


def _tasks(job: Job, inputs: Inputs, broken: Broken) -> Iterator[Task]:
    for place, source in enumerate(inputs.sources):
        try:
            for part in cut(source.path):
                if part.number == 0:
                    first = islice(read_part(source.path, part), BATCH)
                    check_text(source.name, first, job.columns)
                yield Task(place, source, part)
        except InvalidInput as exc:
            broken.append((source, exc))


def _write_rejected(job: Job, done: Sequence[Done], broken: Broken, target: Target) -> Path | None:
    target.rejected.unlink(missing_ok=True)
    rejects = [item.rejects for item in done if item.rejects is not None]
    if broken:
        lost = job.folder / "broken.rejected"
        rows = ({"file": source.name, "reason": exc.message} for source, exc in broken)
        lost.write_bytes(b"".join(map(json_line, rows)))
        rejects.append(lost)
    if not rejects:
        return None
    gather(rejects, target.rejected)
    return target.rejected
