"""`jiesu score`: files of narratives tagged by all cores, resumable, in constant memory.

The input is cut into parts; each worker reads, scores and writes parts of its own, so that only
part numbers travel between processes. A part appears under its name when it is whole: a run that
was cut off goes on with the parts that are missing and gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import orjson

from service.collector import settle
from service.outputs import check_output, copy_parts, gather
from service.parts import Part, cut, read_part
from service.score_rows import ONLY, Rejected, parse_columns, renamed, score_rows
from service.settings import load_settings
from triage.engine import Engine
from triage.errors import InvalidInput
from triage.reading import settings_digest

STANDARD = "-"
_REJECTED_STATUS = 3


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker must know."""

    source: Path
    model: Path
    folder: Path
    only: str | None
    most_characters: int
    columns: dict[str, str]


@dataclass(frozen=True, slots=True)
class Done:
    """A finished part."""

    part: Part
    rows: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did."""

    rows: int
    rejected: int


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `jiesu score`."""
    parser = subparsers.add_parser("score", help="tag a file of narratives")
    parser.add_argument("input", help=".jsonl, .csv, .parquet or .txt; - is standard input (JSONL)")
    parser.add_argument(
        "--out", required=True, help=".jsonl, .csv or .parquet; - is standard output"
    )
    parser.add_argument("--workers", type=int, default=0, help="processes; default: all cores")
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
    from service.stream import score_stream

    model, columns = find_model(arguments.model), parse_columns(arguments.map)
    if arguments.input == STANDARD:
        summary = score_stream(model, arguments.out, only=arguments.only, columns=columns)
    else:
        summary = score_file(
            Path(arguments.input),
            arguments.out,
            model,
            only=arguments.only,
            workers=arguments.workers,
            resume=arguments.resume,
            columns=columns,
        )
    print(f"{summary.rows} rows scored, {summary.rejected} rejected", file=sys.stderr)
    return _REJECTED_STATUS if summary.rejected else 0


def score_file(
    source: Path,
    out: str,
    model: Path,
    *,
    only: str | None = None,
    workers: int = 0,
    resume: bool = False,
    columns: Mapping[str, str] | None = None,
) -> Summary:
    """Score a file.

    Parameters
    ----------
    source : Path
    out : str
        A path, or `-` for JSONL on standard output.
    model : Path
        A model folder.
    only : {"lines", "signals", "risk"}, optional
    workers : int
        Processes; 0 is one a core.
    resume : bool
        Keep the finished parts of an earlier run over the same input and model.
    columns : mapping of field to column, optional
        Columns of the input that go by other names than those of the contract.

    Raises
    ------
    InvalidInput
        When the input cannot be read or the output cannot be written in its format.
    """
    if not source.is_file():
        raise InvalidInput(f"{source} is no file")
    target = Path(f"{source.stem}.scored.jsonl") if out == STANDARD else Path(out)
    check_output(target)
    if target.resolve() == source.resolve():
        raise InvalidInput(f"{out} is the input itself", cure="name another output")
    parts = list(cut(source))
    known = dict(columns or {})
    facts = f"{model.resolve()} {only} {sorted(known.items())}"
    folder = _work_folder(target, source, facts, resume=resume)
    job = Job(source, model, folder, only, load_settings().narrative_chars_max, known)
    done = sorted(_all(job, parts, workers), key=lambda item: item.part.number)
    if out == STANDARD:
        copy_parts([_answers(job, d.part) for d in done], sys.stdout.buffer)
    else:
        gather([_answers(job, d.part) for d in done], target)
    _gather_rejected(job, done, target)
    shutil.rmtree(job.folder.parent)
    return Summary(sum(d.rows for d in done), sum(d.rejected for d in done))


def _work_folder(target: Path, source: Path, asked: str, *, resume: bool) -> Path:
    state = source.stat()
    facts = f"{source.resolve()} {state.st_size} {state.st_mtime_ns} {asked} {settings_digest()}"
    folder = target.with_name(target.name + ".parts")
    # Another input, model or part of the work: its finished parts are of no use.
    mark = folder / hashlib.sha256(facts.encode()).hexdigest()[:16]
    if not (resume and mark.is_dir()):
        shutil.rmtree(folder, ignore_errors=True)
        mark.mkdir(parents=True)
    return mark


def _all(job: Job, parts: Sequence[Part], workers: int) -> Iterator[Done]:
    from joblib import Parallel, cpu_count, delayed
    from tqdm import tqdm

    wanted = min(workers or cpu_count(), max(1, len(parts)))
    with tqdm(total=len(parts), unit="part", file=sys.stderr, desc="score") as bar:
        if wanted == 1:
            found: Iterator[Done] = (score_part(job, part) for part in parts)
        else:
            run_all = Parallel(wanted, return_as="generator_unordered")
            found = run_all(delayed(score_part)(job, part) for part in parts)
        rows = 0
        for done in found:
            rows += done.rows
            bar.update()
            bar.set_postfix(rows=rows)
            yield done


def score_part(job: Job, part: Part) -> Done:
    """Score one part unless it is there already."""
    answers, rejected = _answers(job, part), _rejected(job, part)
    if not answers.exists():
        _write(job, part)
    return Done(part, answers.read_bytes().count(b"\n"), rejected.read_bytes().count(b"\n"))


def _write(job: Job, part: Part) -> None:
    answers, rejected = _answers(job, part), _rejected(job, part)
    # A worker that outlived its run may still write this part: each has files of its own.
    whole, aside = (path.with_suffix(f".{os.getpid()}.tmp") for path in (answers, rejected))
    with whole.open("wb") as good, aside.open("wb") as bad:
        rows = renamed(read_part(job.source, part), job.columns)
        for answer in score_rows(
            _engine(job.model), rows, most_characters=job.most_characters, only=job.only
        ):
            if isinstance(answer, Rejected):
                bad.write(json_line(answer.to_json()))
            else:
                good.write(json_line(answer))
    aside.replace(rejected)
    whole.replace(answers)


@lru_cache(maxsize=1)
def _engine(model: Path) -> Engine:
    engine = Engine.load(model)
    engine.warm()
    settle()
    return engine


def _answers(job: Job, part: Part) -> Path:
    return job.folder / f"{part.number:08d}.jsonl"


def _rejected(job: Job, part: Part) -> Path:
    return job.folder / f"{part.number:08d}.rejected.jsonl"


def _gather_rejected(job: Job, done: Sequence[Done], target: Path) -> None:
    path = target.with_name(target.name + ".rejected.jsonl")
    path.unlink(missing_ok=True)
    if any(item.rejected for item in done):
        gather([_rejected(job, item.part) for item in done], path)


def json_line(value: object) -> bytes:
    """Give a value as one line of JSONL."""
    return orjson.dumps(value, default=str, option=orjson.OPT_APPEND_NEWLINE)
