"""`python -m benchmarks.stages`: where the time of `jiesu score` goes, around the engine.

Processor time of one process for each stage of a file's way, as a share of all; cutting is done by
the command while others work, putting together at the end. Bytes a second of both are told too.
"""

import argparse
import gzip
import random
import tempfile
from itertools import islice
from pathlib import Path
from time import process_time

from benchmarks.speed import MEGABYTE, write_rows
from service.collector import settle
from service.models import find_model
from service.scoring.outputs import gather, json_line
from service.scoring.parts import cut, read_part
from service.scoring.rows import understand
from training.corpus import load_corpus
from triage.batches import BATCH
from triage.engine import Engine
from triage.taxonomy import load_taxonomy
from triage.wire import assessment_json

MOST = 20_000


class Stages:
    """Processor seconds by stage."""

    def __init__(self):
        self.taken = {}

    def __call__(self, stage, work):
        start = process_time()
        result = work()
        self.taken[stage] = self.taken.get(stage, 0.0) + process_time() - start
        return result


def score(engine, source, out, stage):
    for part in stage("cutting", lambda: list(cut(source))):
        with (out / f"{part.number}.jsonl").open("wb", buffering=MEGABYTE) as file:
            rows = iter(stage("reading", lambda part=part: list(read_part(source, part))))
            while batch := list(islice(rows, BATCH)):
                known = stage(
                    "checking",
                    lambda batch=batch: [understand(r, most_characters=MOST) for r in batch],
                )
                texts, contexts = [row.text for row in known], [row.context for row in known]
                found = stage("assessing", lambda t=texts, c=contexts: engine.assess(t, c))
                answers = stage("answers as objects", lambda f=found: list(map(assessment_json, f)))
                lines = stage("answers as JSON", lambda a=answers: list(map(json_line, a)))
                stage("writing", lambda file=file, lines=lines: file.writelines(lines))
    parts = sorted(out.glob("*.jsonl"), key=lambda path: int(path.stem))
    stage("putting together", lambda: gather(parts, out / "whole.jsonl"))
    return (out / "whole.jsonl").stat().st_size


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--model", help="folder or version; default: the champion")
    given = parser.parse_args()
    engine = Engine.load(find_model(given.model))
    engine.warm()
    settle()
    rows = load_corpus(load_taxonomy())
    texts = [row.text for row in random.Random(20).sample(rows, len(rows))]
    with tempfile.TemporaryDirectory() as name:
        folder, stage = Path(name), Stages()
        source = folder / "rows.jsonl"
        write_rows(source, texts, rows=given.rows)
        (folder / "parts").mkdir()
        written = score(engine, source, folder / "parts", stage)
        tables = Stages()
        for kind in ("csv", "parquet"):
            whole, table = folder / "parts" / "whole.jsonl", folder / f"whole.{kind}"
            tables(kind, lambda whole=whole, table=table: gather([whole], table))
        read = source.stat().st_size
        packed = folder / "rows.jsonl.gz"
        packed.write_bytes(gzip.compress(source.read_bytes()))
        unpacking = Stages()
        unpacking("packed", lambda: list(cut(packed)))
    total = sum(stage.taken.values())
    for name, seconds in stage.taken.items():
        print(f"{name:<20} {seconds / total:>7.1%}")
    print(
        f"{total / given.rows * 1e3:.3f} ms a row; {written / given.rows:.0f} bytes written a row"
    )
    for kind, seconds in tables.taken.items():
        print(f"putting together as {kind}: {seconds / given.rows * 1e3:.3f} ms a row")
    speed = {"cutting": read, "putting together": written}
    for name, size in speed.items():
        print(f"{name}: {size / MEGABYTE / stage.taken[name]:,.0f} MB/s")
    print(
        f"cutting a packed file: {read / MEGABYTE / unpacking.taken['packed']:,.0f} MB/s unpacked"
    )


if __name__ == "__main__":
    main()
