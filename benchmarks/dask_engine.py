"""`python -m benchmarks.dask_engine`: a Dask cluster of two workers against two local processes.

The same rows by the same command, in turns: local processes are started by it, a cluster is there
before, as clusters are. Each turn has a copy of the model of its own, so that both load it. Medians
are compared, and the outputs must be the same bytes.
"""

import argparse
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.clusters import Cluster
from benchmarks.servers import ROOT
from benchmarks.speed import interleaved, write_rows
from service.models import find_model
from training.corpus import load_corpus
from triage.taxonomy import load_taxonomy

FLOOR, GOAL = 0.8, 1.0


def score(source, out, model, *how):
    with tempfile.TemporaryDirectory() as name:
        own = shutil.copytree(model, Path(name) / model.name)
        run(source, out, own, *how)


def run(source, out, model, *how):
    asked = ["score", str(source), "--out", str(out), "--model", str(model), *how]
    subprocess.run(
        [sys.executable, "-m", "jiesu", *asked],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dask_engine", description=__doc__)
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3, help="turns of each (3)")
    parser.add_argument("--model", help="folder or version; default: the champion")
    given = parser.parse_args()
    model, rows = find_model(given.model), load_corpus(load_taxonomy())
    texts = [row.text for row in random.Random(20).sample(rows, len(rows))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "rows.jsonl"
        write_rows(source, texts, rows=given.rows)
        outs = {engine: folder / f"{engine}.jsonl" for engine in ("local", "dask")}
        with Cluster(folder, workers=given.workers) as cluster:
            how = {
                "local": ("--workers", str(given.workers)),
                "dask": ("--engine", "dask", "--scheduler", cluster.address),
            }
            work = {
                engine: (lambda engine=engine: score(source, outs[engine], model, *how[engine]))
                for engine in outs
            }
            times = interleaved(work, given.repeats)
        same = len({hashlib.sha256(out.read_bytes()).digest() for out in outs.values()}) == 1
    for engine, seconds in times.items():
        print(f"{engine:<6} {seconds:>7.1f} s {given.rows / seconds:>9,.0f} rows/s")
    ratio = times["local"] / times["dask"]
    verdict = "goal met" if ratio >= GOAL else "floor met" if ratio >= FLOOR else "BELOW the floor"
    print(f"dask : local {ratio:.2f} (floor {FLOOR}, goal {GOAL}): {verdict}; same bytes: {same}")
    return 0 if same and ratio >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
