"""`python -m benchmarks.resume`: is the output the same, however often scoring is killed?

`jiesu score` over a folder of mixed files (packed, Parquet, rows that cannot be read) is killed
with all its processes (SIGKILL to its process group) at a random moment and started again with
`--resume`, again and again; a run that ends before its moment comes is compared, and the next one
begins anew. Every output that appears must be, byte for byte, that of a run nobody disturbed:
once as one file, once as a folder that mirrors the input. Differences must be 0.
"""

import argparse
import gzip
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import orjson

from benchmarks.servers import ROOT
from service.models import find_model
from training.corpus import load_corpus
from triage.taxonomy import load_taxonomy

ROWS_REJECTED = 3
KINDS = ("a.jsonl", "sub/b.csv", "c.jsonl.gz", "sub/d.parquet", "e.txt")


@dataclass
class Run:
    """What happened to one output: kills, parts that lay finished then, outputs that were whole."""

    kills: int = 0
    kept: int = 0
    finished: int = 0
    different: int = 0

    def __str__(self):
        return (
            f"{self.kills} kills, {self.kept / max(1, self.kills):.0f} finished parts found at each"
            f" on average; {self.finished} outputs, {self.different} of them different"
        )


def write_folder(folder, texts, rows):
    """Write files of every kind, `rows` rows in all, a few of them not to be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    each = list(islice(cycle(texts), rows // len(KINDS)))
    table = [{"id": f"T{i}", "text": text} for i, text in enumerate(each)]
    lines = b"".join(orjson.dumps(row) + b"\n" for row in table)
    quoted = "".join(f'{i},"{text.replace(chr(34), chr(34) * 2)}"\n' for i, text in enumerate(each))
    contents = {
        "a.jsonl": lines + b"not json\n",
        "sub/b.csv": ("id,text\n" + quoted + "1,2,3\n").encode(),
        "c.jsonl.gz": gzip.compress(lines + b'{"text": 5}\n', mtime=0),
        "e.txt": "\n".join(" ".join(text.split()) for text in each).encode(),
    }
    (folder / "sub").mkdir(parents=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    pq.write_table(pa.Table.from_pylist(table), folder / "sub" / "d.parquet", row_group_size=997)


def command(source, out, model, *more):
    """Give the command line that scores a folder."""
    asked = ["score", str(source), "--out", str(out), "--model", str(model), *more]
    return [sys.executable, "-m", "jiesu", *asked]


def start(asked):
    """Start the command as the leader of a process group of its own."""
    return subprocess.Popen(
        asked,
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        start_new_session=True,
    )


def kill(process):
    """Kill the process and all that it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def digest(out):
    """Give the sha256 of what was written: the file, or all files of the folder; rejected rows."""
    state = hashlib.sha256()
    rejected = out.with_name(out.name + ".rejected.jsonl")
    files = sorted(path for path in out.rglob("*") if path.is_file()) if out.is_dir() else [out]
    for path in [*files, rejected]:
        state.update(path.relative_to(out.parent).as_posix().encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


def finished_parts(out):
    try:
        return len(list(out.with_name(out.name + ".parts").glob("*/*/*.jsonl")))
    except FileNotFoundError:  # they are put together, and removed, while they are counted
        return 0


def clear(out):
    if out.is_dir():
        shutil.rmtree(out)
    out.unlink(missing_ok=True)


def batter(asked, out, expected, *, kills, moment, say=lambda _: None):
    """Kill and resume; `moment(process)` waits, and gives whether the process is to be killed."""
    run = Run()
    while True:
        process = start([*asked, "--resume"])
        if run.kills < kills and moment(process):
            kill(process)
            run.kills, run.kept = run.kills + 1, run.kept + finished_parts(out)
            say(f"kill {run.kills}: {finished_parts(out)} parts are finished")
            continue
        status = process.wait()
        if status != ROWS_REJECTED:
            raise SystemExit(f"the command ended with {status}: {' '.join(asked)}")
        run.finished += 1
        run.different += digest(out) != expected
        if run.kills >= kills:
            return run
        clear(out)


def undisturbed(asked, out):
    """Run to the end; gives the digest, and the seconds until the first part and after it."""
    began = time.monotonic()
    process = start(asked)
    wait_for_part(process, out)
    first = time.monotonic() - began
    process.wait()
    return digest(out), first, time.monotonic() - began - first


def wait_for_part(process, out):
    """Wait until one more part is finished, or the process is."""
    there = finished_parts(out)
    while process.poll() is None and finished_parts(out) <= there:
        time.sleep(0.01)


def some_time(rng, out, first_s, rest_s):
    """Give a `moment`: one in four while the command starts, the others at any time after that."""

    def moment(process):
        longest_s = first_s
        if rng.random() > 0.25:
            wait_for_part(process, out)
            longest_s = rest_s
        try:
            process.wait(rng.uniform(0, longest_s))
        except subprocess.TimeoutExpired:
            return True
        return False

    return moment


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resume", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="in all (20)")
    parser.add_argument("--rows", type=int, default=20_000, help="rows of the folder (20,000)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", choices=("file", "folder"), help="one of them alone")
    parser.add_argument("--model", help="folder or version; default: the champion")
    given = parser.parse_args()
    rng, kills = random.Random(20), given.kills if given.out else given.kills // 2
    rows = load_corpus(load_taxonomy())
    texts = [row.text for row in rng.sample(rows, len(rows))]
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "night"
        write_folder(source, texts, given.rows)
        outs = {"file": Path(name) / "scored.jsonl", "folder": Path(name) / "scored"}
        for out in [outs[given.out]] if given.out else outs.values():
            how = ("--workers", str(given.workers))
            asked = command(source, out, find_model(given.model), *how)
            expected, first, rest = undisturbed(asked, out)
            clear(out)
            moment = some_time(rng, out, first, rest)
            run = batter(asked, out, expected, kills=kills, moment=moment, say=print)
            print(f"{out.name}, undisturbed in {first:.0f} + {rest:.0f} s: {run}")
            bad += run.different
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
