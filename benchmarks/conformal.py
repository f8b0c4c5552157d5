"""Prediction sets of lines: what they cover, line by line, minus what they promise.

    python -m benchmarks.conformal [--splits 20] [--coverage 0.9 0.95]

The corpus, as models say of it that had not seen it, is cut in two by group: cuts come from one
half, coverage is counted on the other.
"""

import argparse

import numpy as np

from benchmarks.unseen_rows import half_of, judged_corpus
from training.labels.calibrate import Known
from triage.conformal import cuts, sets
from triage.shift import reweighed


def covered(lines_of, truth, names, half, coverage):
    """Coverage of each line on the other half, the mean size of a set, the share of empty ones."""
    found = cuts(lines_of[half], truth[half], names, coverage=coverage)
    said = sets(lines_of[~half], names, found)
    hit = np.array([line in chosen for line, chosen in zip(truth[~half], said, strict=True)])
    by_line = [float(hit[truth[~half] == name].mean()) for name in names]
    sizes = np.array([len(chosen) for chosen in said])
    return by_line, float(sizes.mean()), float((sizes == 0).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=20)
    parser.add_argument("--coverage", type=float, nargs="+", default=[0.9, 0.95])
    parser.add_argument("--home", help="where opinions are kept; default JIESU_HOME")
    arguments = parser.parse_args()
    judged = judged_corpus(arguments.home)
    names = judged.decider.lines
    known = Known.of(judged.opinions, judged.decider)
    lines_of = judged.decider.line_probabilities(reweighed(known.probabilities, known.biases))
    truth = np.array(known.lines)
    for coverage in arguments.coverage:
        found = [
            covered(lines_of, truth, names, half_of(judged.rows, seed), coverage)
            for seed in range(arguments.splits)
        ]
        by_line = np.array([lines for lines, _, _ in found]).mean(axis=0) - coverage
        worst = int(np.abs(by_line).argmax())
        size, empty = np.mean([each[1] for each in found]), np.mean([each[2] for each in found])
        print(
            f"promised {coverage:.2f}: lines from {by_line.min():+.4f} to {by_line.max():+.4f},"
            f" worst {names[worst]} {by_line[worst]:+.4f};"
            f" {size:.2f} lines a set, {empty:.1%} empty"
        )


if __name__ == "__main__":
    main()
