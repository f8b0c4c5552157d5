"""`python -m benchmarks.nightly`: a night's narratives by `jiesu score`, beside everybody's lines.

2,000,000 rows made of the corpus (narratives joined, so that a row has 150 characters on average)
lie in a folder of files; `jiesu score` does everything with two processes, its start and the
writing of the answers included. jieba + scikit-learn gives lines alone, for 100,000 of the same
rows: two processes as well (with one, a second core would be ours alone), half of the rows before
and half after, the texts in memory, neither start nor reading nor writing counted. Processor time
is told beside the clock: on a machine that does other things too it is what carries over. Room on
the disk: 9 KB a row.
"""

import argparse
import random
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import orjson

from benchmarks.rivals import JiebaLogistic
from benchmarks.running import Piped
from benchmarks.scale import measured
from benchmarks.speed import MEGABYTE
from service.models import find_model
from training.corpus import load_corpus
from triage.taxonomy import load_taxonomy

MEAN = 150
PER_FILE = 100_000
WORKERS = 2
RATIO, MEMORY = (2.0, 6.0), (700, 350)


@dataclass
class Cost:
    """What rows cost: seconds of the clock and of processors, bytes of the largest process."""

    rows: int = 0
    clock: float = 0.0
    processor: float = 0.0
    peak: int = 0

    def told(self, name):
        return (
            f"  {name:<34} {self.rows:>9,} rows {self.clock:>8.1f} s"
            f" {self.rows / self.clock:>8,.0f} rows/s"
            f" {self.processor / self.rows * 1e3:>7.3f} ms of processor a row"
            f" {self.peak / MEGABYTE:>6.0f} MB a process"
        )


def joined(texts, seed, mean=MEAN):
    """Give narratives without end: so many with a second one behind that the mean is met."""
    rng = random.Random(seed)
    own = sum(map(len, texts)) / len(texts)
    share = max(0.0, (mean - own) / (own + 1))
    while True:
        text = rng.choice(texts)
        yield f"{text}\n{rng.choice(texts)}" if rng.random() < share else text


def write_night(folder, texts, rows):
    """Write the night's files; gives characters and bytes."""
    narratives, characters, size = joined(texts, seed=20), 0, 0
    for start in range(0, rows, PER_FILE):
        with (folder / f"{start // PER_FILE:04d}.jsonl").open("wb") as file:
            for number in range(start, min(rows, start + PER_FILE)):
                text = next(narratives)
                characters += len(text)
                size += file.write(orjson.dumps({"id": f"T{number}", "text": text}) + b"\n")
    return characters, size


def halves(night, folder, rows):
    """Write the first rows of the night as one file a process, for before and for after."""
    lines = (line for path in sorted(night.glob("*.jsonl")) for line in path.open("rb"))
    each = rows // (2 * WORKERS)
    turns = []
    for turn in range(2):
        files = [folder / f"base-{turn}-{worker}.jsonl" for worker in range(WORKERS)]
        for path in files:
            with path.open("wb") as file:
                file.writelines(next(lines) for _ in range(each))
        turns.append(files)
    return each, turns


def baseline(processes, files, rows, cost):
    """All processes at once, each with a file of its own."""
    before = sum(one.cpu_seconds() for one in processes)
    with ThreadPoolExecutor(len(processes)) as pool:
        taken = pool.map(lambda one, path: one.batch(path), processes, files)
        cost.clock += max(taken)
    cost.processor += sum(one.cpu_seconds() for one in processes) - before
    cost.rows += rows * len(files)
    cost.peak = max(one.peak() for one in processes)


def compare(model, rows, folder, *, count, base_rows, fit):
    """Give what jiesu's night cost and what the baseline's rows did."""
    texts, lines = [row.text for row in rows], [row.line for row in rows]
    night, saved = folder / "night", folder / "baseline"
    night.mkdir()
    saved.mkdir()
    characters, size = write_night(night, texts, count)
    print(
        f"{count:,} rows in {len(list(night.iterdir()))} files, {size / MEGABYTE:,.0f} MB,"
        f" {characters / count:.0f} characters a row",
        flush=True,
    )
    # The corpus lies in order of its kinds of text.
    few = random.Random(20).sample(range(len(rows)), min(fit or len(rows), len(rows)))
    JiebaLogistic().fit([texts[i] for i in few], [lines[i] for i in few]).save(saved)
    each, turns = halves(night, folder, base_rows)
    processes = [Piped("jieba_logistic", saved) for _ in range(WORKERS)]
    ours, base = Cost(rows=count), Cost()
    try:
        for one in processes:
            one.start(texts[0])
        baseline(processes, turns[0], each, base)
        ours.clock, ours.processor, ours.peak = measured(night, folder / "scored", model, WORKERS)
        baseline(processes, turns[1], each, base)
    finally:
        for one in processes:
            one.stop()
    return ours, base


def told(name, value, marks):
    floor, goal = marks
    sign = 1 if goal > floor else -1
    verdict = "BELOW the floor" if floor < goal else "above the floor"
    if sign * value >= sign * floor:
        verdict = "goal met" if sign * value >= sign * goal else "floor met"
    print(f"  -> {name}: {value:.4g} (floor {floor:g}, goal {goal:g}): {verdict}")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nightly", description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="of the night (2,000,000)")
    parser.add_argument("--base-rows", type=int, default=100_000, help="the baseline's (100,000)")
    parser.add_argument("--fit", type=int, help="rows the baseline is trained on (all)")
    parser.add_argument("--model", help="folder or version; default: the champion")
    parser.add_argument("--folder", type=Path, help="where there is room; default: that for tmp")
    given = parser.parse_args()
    rows = load_corpus(load_taxonomy())
    began = perf_counter()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        ours, base = compare(
            find_model(given.model).resolve(),
            rows,
            Path(folder),
            count=given.rows,
            base_rows=min(given.base_rows, given.rows),
            fit=given.fit,
        )
    print(f"{WORKERS} processes each, {perf_counter() - began:.0f} s for all of this")
    print(ours.told("jiesu score, everything"))
    print(base.told(f"{JiebaLogistic.name}, lines"))
    told("rows a second, by the clock", ours.rows / ours.clock * base.clock / base.rows, RATIO)
    share = base.processor / base.rows * ours.rows / ours.processor
    told("rows a second of processor", share, RATIO)
    told("MB of the largest process", ours.peak / MEGABYTE, MEMORY)


if __name__ == "__main__":
    main()
