"""Planted label errors that `jiesu labels audit` finds.

    python -m benchmarks.label_audit [--share 0.05] [--near] [--seed 1]

A share of the corpus gets a leaf of another line, drawn evenly or, with `--near`, in proportion to
what models that had not seen the row would say (errors as people make them). The corpus' own
errors, if it has any, count as false alarms.
"""

import argparse

import numpy as np

from benchmarks.unseen_rows import judged_corpus
from training.labels.doubts import doubts
from training.labels.unseen import opinions
from training.practice import planted
from training.train import load_recipe
from triage.reading import TextReader

PRECISION = 0.5
REPEATS = 500


def recall_at(wrong, order, precision=PRECISION):
    """Share of the errors in the longest run of rows half of which are errors; its length."""
    hits = wrong[order].cumsum()
    good = np.flatnonzero(hits / np.arange(1, len(order) + 1) >= precision)
    return (hits[good[-1]] / hits[-1], int(good[-1]) + 1) if len(good) else (0.0, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--near", action="store_true", help="errors as people make them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", help="where opinions are kept; default JIESU_HOME")
    arguments = parser.parse_args()
    judged = judged_corpus(arguments.home)
    chances = judged.opinions.probabilities if arguments.near else None
    leaves, seed = judged.opinions.leaves, arguments.seed
    rows, wrong = planted(judged.rows, leaves, arguments.share, chances=chances, seed=seed)
    said = opinions(rows, load_recipe(), TextReader())
    doubted = doubts(said.probabilities, said.column)
    order = doubted.order
    recall, length = recall_at(wrong, order)
    rng, found = np.random.default_rng(0), []
    for _ in range(REPEATS):
        # The order of the rows stays; which rows there are is drawn again.
        drawn = np.sort(rng.integers(0, len(order), len(order)))
        found.append(recall_at(wrong, order[drawn])[0])
    low, high = np.quantile(found, (0.025, 0.975))
    print(f"{wrong.sum()} of {len(rows)} labels are wrong ({'near' if arguments.near else 'even'})")
    print(f"recall at precision {PRECISION}: {recall:.3f} ({low:.3f}-{high:.3f}), {length} rows")
    chosen = wrong[order[: doubted.expected]]
    share = chosen.sum() / wrong.sum()
    print(
        f"as the command cuts: {doubted.expected} rows, recall {share:.3f},"
        f" precision {chosen.mean():.3f}"
    )


if __name__ == "__main__":
    main()
