"""`python -m benchmarks.scale`: what `jiesu score` costs as the work grows.

Files of 1,000 rows and more (texts of the corpus over and over) by the whole command, its start
included. Seconds of processor time are told beside seconds of the clock: on a machine that does
other things too they are what carries over. Cost per row beyond the start is the slope between two
sizes; from it the last column says what ten times the largest size would take on as many cores.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.servers import ROOT
from benchmarks.speed import MEGABYTE, write_rows
from service.models import find_model
from service.scoring.rows import ONLY
from training.corpus import load_corpus
from triage.taxonomy import load_taxonomy

SIZES = (1_000, 10_000, 100_000)
# A program of its own: it has no other children, and its largest one is the largest process.
_MEASURED = """
import resource, subprocess, sys, time
start = time.monotonic()
done = subprocess.run(sys.argv[1:], capture_output=True)
if done.returncode not in (0, 3):
    sys.exit(done.stderr.decode()[-2000:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def measured(source, out, model, workers, only=None):
    """Score; gives what `command_cost` gives."""
    asked = ["score", str(source), "--out", str(out), "--model", str(model)]
    asked += ["--only", only] if only else []
    return command_cost([*asked, "--workers", str(workers)])


def command_cost(asked, **variables):
    """Run `jiesu`; gives seconds, seconds of processor time, and bytes of the largest process."""
    told = subprocess.run(
        [sys.executable, "-c", _MEASURED, sys.executable, "-m", "jiesu", *asked],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore", **variables},
    ).stdout.split()
    return float(told[0]), float(told[1]), int(told[2]) * (1 if sys.platform == "darwin" else 1024)


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="rows of each file")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", choices=ONLY, help="a part of the work")
    parser.add_argument("--model", help="folder or version; default: the champion")
    given = parser.parse_args()
    model, rows = find_model(given.model), load_corpus(load_taxonomy())
    texts = [row.text for row in random.Random(20).sample(rows, len(rows))]
    print(f"{given.workers} workers, {sum(map(len, texts)) / len(texts):.0f} characters a row")
    print("      rows   seconds  processor s   peak MB   out MB   ms of processor a row beyond")
    before = None
    with tempfile.TemporaryDirectory() as name:
        source, out = Path(name) / "rows.jsonl", Path(name) / "scored.jsonl"
        for size in sorted(given.sizes):
            write_rows(source, texts, rows=size)
            clock, processor, peak = measured(source, out, model, given.workers, given.only)
            slope = (processor - before[1]) / (size - before[0]) * 1e3 if before else None
            told = f"{slope:>10.3f}" if slope else ""
            print(
                f"{size:>10,} {clock:>9.1f} {processor:>12.1f} {peak / MEGABYTE:>9.0f}"
                f" {out.stat().st_size / MEGABYTE:>8.1f} {told}",
                flush=True,
            )
            before = size, processor
    if slope:
        hours = slope * 10 * size / 1e3 / given.workers / 3600
        print(f"by arithmetic: {10 * size:,} rows take {hours:.2f} h on {given.workers} free cores")


if __name__ == "__main__":
    main()
