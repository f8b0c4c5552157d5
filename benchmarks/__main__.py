"""`python -m benchmarks` (`make bench`): speed, memory and quality beside what everybody writes.

Needs a trained model (`jiesu train`) for the speed; quality trains its own in the run.
"""

import argparse
import logging
from pathlib import Path

from benchmarks import quality, speed
from service.models import find_model
from training.corpus import load_corpus
from triage.taxonomy import load_taxonomy

SPEED = ("batch", "single", "processes", "memory")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--model", help="folder or version; default: the champion")
    parser.add_argument("--parts", nargs="+", choices=(*SPEED, "quality"), help="default: all")
    parser.add_argument("--full", action="store_true", help="200,000 rows and 1 GB: half an hour")
    parser.add_argument("--megabytes", type=int, help="size of the file of `memory`")
    parser.add_argument("--rows", type=int, default=6_000, help="rows of the batch (6,000)")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each contender (5)")
    parser.add_argument("--real", type=Path, help="folder of labelled JSONL files to judge on")
    parser.add_argument("--recipe", help="of data/recipes.yaml, for the quality")
    parser.add_argument("--no-folds", action="store_true", help="quality on the real sets alone")
    arguments = parser.parse_args()
    logging.getLogger("jieba").setLevel(logging.ERROR)
    parts = arguments.parts or (*SPEED, "quality")
    rows = load_corpus(load_taxonomy())
    if set(parts) & set(SPEED):
        speed.run(
            find_model(arguments.model),
            rows,
            parts=parts,
            full=arguments.full,
            megabytes=arguments.megabytes,
            count=arguments.rows,
            repeats=arguments.repeats,
        )
    if "quality" in parts:
        corpus = not arguments.no_folds
        quality.run(rows, real=arguments.real, recipe=arguments.recipe, corpus=corpus)


if __name__ == "__main__":
    main()
