"""Speed and memory of `jiesu score` and of one narrative, beside what everybody writes.

Contenders take turns within a run on the same rows; medians are compared, so that a busy machine
disturbs all of them alike. Figures of a machine do not carry over, ratios do.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import orjson

from benchmarks.rivals import FastText, JiebaLogistic
from service.collector import settle
from service.scoring.command import score_file
from triage.engine import Engine
from triage.wire import assessment_json

MEGABYTE = 1 << 20
SINGLE_WARM, SINGLE_ROWS = 20, 300
# Name -> floor and goal, as a multiple of the baseline.
TARGETS = {
    "batch, everything": (1.5, 5.0),
    "batch, --only lines": (8.0, 20.0),
    "single, everything": (1.5, 5.0),
    "two processes": (1.6, 1.9),
}


@dataclass(frozen=True)
class Setting:
    """What every measurement needs."""

    model: Path
    texts: list
    lines: list
    folder: Path


def write_rows(path, texts, *, rows=None, size=None):
    """Write texts over and over to JSONL, so many rows or so many bytes."""
    number = written = 0
    many = cycle(texts)
    with path.open("wb") as file:
        while number < rows if rows else written < size:
            written += file.write(orjson.dumps({"id": f"T{number}", "text": next(many)}) + b"\n")
            number += 1
    return number


def interleaved(contenders, repeats):
    """Median seconds of each contender, each taking its turn `repeats` times."""
    taken = {name: [] for name in contenders}
    for turn in range(repeats + 1):
        for name, work in contenders.items():
            start = perf_counter()
            work()
            if turn:  # the first turn warms everybody up
                taken[name].append(perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def batch(setting, rivals, *, rows, repeats):
    """Rows per second of whole files against a call of `predict` over the same rows."""
    texts = list(islice(cycle(setting.texts), rows))
    source, out = setting.folder / "rows.jsonl", str(setting.folder / "scored.jsonl")
    write_rows(source, setting.texts, rows=rows)

    def score(only):
        return lambda: score_file(source, out, setting.model, only=only, workers=1)

    contenders = {rival.name: (lambda rival=rival: rival.predict(texts)) for rival in rivals}
    contenders |= {"jiesu score": score(None), "jiesu score --only lines": score("lines")}
    times = interleaved(contenders, repeats)
    hundreds = sum(map(len, texts)) / 100
    print(f"\nBatch: {rows} rows of the corpus, {hundreds * 100 / rows:.0f} characters each")
    base = times[JiebaLogistic.name]
    for name, seconds in times.items():
        print(
            f"  {name:<28} {rows / seconds:>9,.0f} rows/s {seconds / hundreds * 1e6:>8.1f} us/100 "
            f"characters {base / seconds:>6.2f} x"
        )
    told("batch, everything", base / times["jiesu score"])
    told("batch, --only lines", base / times["jiesu score --only lines"])


def single(setting, rivals):
    """Median microseconds of one narrative in process."""
    engine = Engine.load(setting.model)
    engine.warm()
    # What the service does too; the contenders have as much of it.
    settle()
    calls = {rival.name: (lambda text, rival=rival: rival.predict([text])) for rival in rivals}
    calls["jiesu, everything"] = lambda text: assessment_json(engine.assess([text])[0])
    calls["jiesu, lines"] = lambda text: list(engine.lines([text]))
    taken = {name: [] for name in calls}
    step = max(1, len(setting.texts) // SINGLE_ROWS)
    for number, text in enumerate(setting.texts[::step]):
        for name, call in calls.items():
            start = perf_counter()
            call(text)
            if number >= SINGLE_WARM:
                taken[name].append(perf_counter() - start)
    times = {name: statistics.median(values) for name, values in taken.items()}
    base = times[JiebaLogistic.name]
    print("\nSingle: one narrative in process, median")
    for name, seconds in times.items():
        print(f"  {name:<28} {seconds * 1e6:>9.0f} us {base / seconds:>6.2f} x")
    told("single, everything", base / times["jiesu, everything"])


def processes(setting, *, rows, repeats):
    """The command with one process and with two."""
    source = setting.folder / "many.jsonl"
    write_rows(source, setting.texts, rows=rows)
    times = interleaved(
        {
            workers: (lambda workers=workers: run_score(setting, source, workers))
            for workers in (1, 2)
        },
        repeats,
    )
    print(f"\nTwo processes: {rows} rows, the whole command with its start")
    for workers, seconds in times.items():
        print(f"  --workers {workers:<18} {seconds:>9.1f} s")
    told("two processes", times[1] / times[2])


def memory(setting, *, size):
    """Peak memory of the command over a file."""
    source = setting.folder / "large.jsonl"
    rows = write_rows(source, setting.texts, size=size)
    start = perf_counter()
    peak = run_score(setting, source, 1)
    seconds = perf_counter() - start
    print(f"\nMemory: {size / MEGABYTE:.0f} MB, {rows} rows, {seconds:.0f} s, one process")
    print(f"  peak {peak / MEGABYTE:.0f} MB (floor 700, goal 350)")
    source.unlink()


def run_score(setting, source, workers):
    """Run the command; gives the peak memory in bytes of its largest process so far."""
    command = [sys.executable, "-m", "jiesu", "score", str(source), "--model", str(setting.model)]
    out = setting.folder / "out.jsonl"
    command += ["--out", str(out), "--workers", str(workers)]
    # A program of its own: the largest child of this one may have been another.
    peak = subprocess.run(
        [sys.executable, "-c", _PEAK, *command],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    out.unlink()
    return int(peak.stdout.split()[-1]) * (1 if sys.platform == "darwin" else 1024)


_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def told(name, ratio):
    floor, goal = TARGETS[name]
    verdict = "goal met" if ratio >= goal else "floor met" if ratio >= floor else "BELOW the floor"
    print(f"  -> {name}: {ratio:.2f} (floor {floor}, goal {goal}): {verdict}")


def run(model, rows, *, parts, full, megabytes, count, repeats):
    """Measure the parts that are asked for."""
    # The corpus lies in order of its kinds of text: mixed, every stretch of it is alike.
    rows = random.Random(20).sample(rows, len(rows))
    texts, lines = [row.text for row in rows], [row.line for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        setting = Setting(model, texts, lines, Path(folder))
        if {"batch", "single"} & set(parts):
            rivals = [kind().fit(texts, lines) for kind in (JiebaLogistic, FastText)]
            if "batch" in parts:
                batch(setting, rivals, rows=count, repeats=repeats)
            if "single" in parts:
                single(setting, rivals)
        if "processes" in parts:
            processes(setting, rows=200_000 if full else 40_000, repeats=1 if full else 2)
        if "memory" in parts:
            memory(setting, size=(megabytes or (1000 if full else 100)) * MEGABYTE)
