"""The escalation model on simulated years: `python -m benchmarks.risk [--model DIR] [--compare]`.

Prints, for the authors' marks, for noisy stand-ins and for a served model's own reading, how
near the risk model comes to the best that any model could reach. Simulated, not real. A served
model knows the corpus' narratives from its own training, so its row is a little too good.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np

from training.corpus import load_corpus
from training.risk_model import fit_risk
from training.risk_standins import NOISY, PERFECT, stand_in
from training.simulate import simulate
from triage.taxonomy import load_taxonomy

HEAD = (
    "reading",
    "mode",
    "tickets",
    "base",
    "auc",
    "best",
    "share",
    "pr",
    "best pr",
    "ece",
    "brier",
    "top5",
    "top10",
    "top20",
    "best10",
    "seconds",
)


def engine_reader(path):
    """Read as a served model does."""
    from triage.batches import BATCH
    from triage.engine import Engine

    engine = Engine.load(path)

    def assess(texts):
        parts = [engine.look(texts[i : i + BATCH]) for i in range(0, len(texts), BATCH)]
        leaves = np.vstack([part.scores.leaves for part in parts])
        natures = np.vstack([part.scores.natures for part in parts])
        return leaves, natures, [found for part in parts for found in part.mentions]

    return assess


def row(name, mode, report, seconds):
    best, recall = report["best"], report["daily_recall"]
    figures = [
        report["base_rate"],
        report["roc_auc"]["value"],
        best["roc_auc"]["value"],
        report["roc_auc_share"]["value"],
        report["pr_auc"],
        best["pr_auc"],
        report["ece"],
        report["brier"],
        *(recall[f"top_{share}"]["value"] for share in (5, 10, 20)),
        best["daily_recall"]["top_10"]["value"],
        seconds,
    ]
    return [name, mode, report["tickets"], *figures]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=60_000)
    parser.add_argument("--seeds", type=int, default=3, help="average over so many years")
    parser.add_argument("--model", type=Path, help="also read with this model folder")
    parser.add_argument("--compare", action="store_true", help="also fit gradient boosting")
    options = parser.parse_args()
    taxonomy = load_taxonomy()
    rows = load_corpus(taxonomy)
    readers = {
        "author's marks": (stand_in(rows, taxonomy, noise=PERFECT), str),
        "noisy stand-ins": (stand_in(rows, taxonomy, noise=NOISY), str),
    }
    if options.model:
        readers["served model"] = (engine_reader(options.model), None)
    table = {}
    for seed in range(options.seeds):
        begun = perf_counter()
        year = simulate(rows, seed=seed, tickets=options.tickets)
        print(f"year {seed}: {len(year)} tickets in {perf_counter() - begun:.1f} s")
        for name, (assess, normal) in readers.items():
            _, report = fit_risk(year, assess, normal=normal, compare=options.compare)
            for mode in ("with_context", "narrative_alone"):
                cells = row(name, mode, report[mode], report["seconds"])
                table.setdefault((name, mode), []).append(cells[2:])
            if options.compare:
                print(f"  {name}: boosting {report['boosting']}")
    print(" | ".join(HEAD))
    for (name, mode), years in table.items():
        print(" | ".join([name, mode, *(f"{value:.4g}" for value in np.mean(years, axis=0))]))


if __name__ == "__main__":
    main()
