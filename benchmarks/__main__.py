"""`python -m benchmarks` (`make bench`): jiesu beside what else one would use, in one run.

`compare`, which is what runs when no part is named, writes the table and the plot of
docs/comparison.md. The other parts look closer at speed, memory and quality. A trained model is
needed (`jiesu train`); for the quality all are trained in the run.
"""

import argparse
import logging
import random
import shlex
import sys
import tempfile
from pathlib import Path

from benchmarks import comparison, comparison_page, quality, speed
from service.models import find_model
from training.corpus import load_corpus
from triage.taxonomy import load_taxonomy

SPEED = ("batch", "single", "processes", "memory")
PARTS = ("compare", *SPEED, "quality")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--model", help="folder or version; default: the champion")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=["compare"])
    parser.add_argument("--full", action="store_true", help="200,000 rows and 1 GB: half an hour")
    parser.add_argument("--megabytes", type=int, help="size of the file of `memory`")
    parser.add_argument("--rows", type=int, default=15_000, help="rows of a batch (15,000)")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each contender (5)")
    parser.add_argument("--real", type=Path, help="folder of labelled JSONL files to judge on")
    parser.add_argument("--recipe", help="of data/recipes.yaml, for the quality")
    parser.add_argument("--no-folds", action="store_true", help="quality on the real sets alone")
    parser.add_argument("--quick", action="store_true", help="compare on few rows: does it work?")
    parser.add_argument("--out", type=Path, help="folder of what compare writes (docs; var)")
    arguments = parser.parse_args()
    logging.getLogger("jieba").setLevel(logging.ERROR)
    rows = load_corpus(load_taxonomy())
    if "compare" in arguments.parts:
        compare(arguments, rows)
    if set(arguments.parts) & set(SPEED):
        speed.run(
            find_model(arguments.model),
            rows,
            parts=arguments.parts,
            full=arguments.full,
            megabytes=arguments.megabytes,
            count=arguments.rows,
            repeats=arguments.repeats,
        )
    if "quality" in arguments.parts:
        corpus = not arguments.no_folds
        quality.run(rows, real=arguments.real, recipe=arguments.recipe, corpus=corpus)


def compare(arguments, rows):
    """Measure, write the page and the plot, and print the page."""
    full = comparison.Size.full(batch=arguments.rows, repeats=arguments.repeats)
    size = comparison.Size.quick() if arguments.quick else full
    # The corpus lies in order of its kinds of text: mixed, every stretch of it is alike.
    rows = random.Random(20).sample(rows, len(rows))[: size.train]
    with tempfile.TemporaryDirectory() as folder:
        figures = comparison.measure(
            rows,
            find_model(arguments.model).resolve(),
            folder,
            real=arguments.real,
            recipe=arguments.recipe,
            size=size,
        )
    out = arguments.out or Path("var" if arguments.quick else "docs")
    # Where the files of who measures lie concerns nobody else.
    own = {str(arguments.real), str(arguments.out)}
    shown = ["FOLDER" if given in own else given for given in sys.argv[1:]]
    command = shlex.join(["python", "-m", "benchmarks", *shown])
    page, plot = comparison_page.write(
        figures, out, size=size, rows=len(rows), command=command, quick=arguments.quick
    )
    print(page.read_text("utf-8"))
    print(f"written: {page}, {plot}")


if __name__ == "__main__":
    main()
