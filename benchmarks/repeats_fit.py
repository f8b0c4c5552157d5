"""Fits what `data/repeats.yaml` says of the same matter, on the tuned half of the pairs alone.

`--common` writes the common pairs of characters of the corpus first. The weights are printed, to
be put into the file by hand; precision and recall are those of pairs that were left out.
"""

import argparse
import math
from collections import Counter

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from benchmarks.repeats_pairs import SAME, load_pairs, read_pairs
from service.models import find_model
from training.corpus import load_corpus
from triage.config import data_dir
from triage.engine import Engine
from triage.repeats.matter import read_matter
from triage.repeats.same import signs_of
from triage.repeats.settings import SIGNS, load_settings
from triage.taxonomy import load_taxonomy

LEAST_SHARE = 0.002  # of texts: what fewer have is as telling as any
STEP = 0.25
FOLDS = 20


def common_pairs(settings):
    """Give the common pairs of characters with their nats, rounded."""
    rows = load_corpus(load_taxonomy())
    now = "2026-01-01T00:00+08:00"
    seen = Counter()
    for row in rows:
        seen.update(read_matter("", row.text, settings, received_at=now, customer_ref=None).pairs)
    return {
        pair: round(math.log(len(rows) / count) / STEP) * STEP
        for pair, count in seen.items()
        if count >= LEAST_SHARE * len(rows)
    }


def write_common(settings):
    groups = {}
    for pair, nats in common_pairs(settings).items():
        groups.setdefault(nats, []).append(pair)
    lines = [f"{nats}\t{' '.join(sorted(groups[nats]))}\n" for nats in sorted(groups)]
    (data_dir() / "repeats_common.txt").write_text("".join(lines), encoding="utf-8")


def fit(settings, engine, strength):
    pairs = [p for p in load_pairs() if p["part"] == "tuned" and p["kind"] in SAME]
    texts = [pair[side]["text"] for pair in pairs for side in ("first", "second")]
    # Once with the authored lines, once with a model's: the service has only the latter.
    rows = []
    for tagged in (None, engine.assess(texts)):
        for first, second in read_pairs(pairs, settings, tagged):
            signs = signs_of(second, first, settings)
            rows.append([signs[sign] for sign in SIGNS])
    truth = np.array([pair["kind"] == SAME[0] for pair in pairs])
    both = np.tile(truth, 2)
    groups = np.tile(np.arange(len(pairs)), 2)
    model = LogisticRegression(C=strength, max_iter=5_000)
    left_out = cross_val_predict(
        model, rows, both, cv=GroupKFold(FOLDS), groups=groups, method="predict_proba"
    )[:, 1]
    for threshold in np.arange(0.4, 0.81, 0.05):
        said = left_out >= threshold
        right = (said & both).sum()
        print(f"{threshold:.2f}  P {right / said.sum():.3f}  R {right / both.sum():.3f}")
    model.fit(rows, both)
    print(f"  bias: {model.intercept_[0]:.2f}\n  weights:")
    for sign, weight in zip(SIGNS, model.coef_[0], strict=True):
        print(f"    {sign}: {weight:.2f}")


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.repeats_fit", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--common", action="store_true", help="write repeats_common.txt")
    parser.add_argument("--model", help="folder or version; default: the champion")
    parser.add_argument("--strength", type=float, default=2.0, help="inverse of the shrinkage")
    arguments = parser.parse_args()
    if arguments.common:
        write_common(load_settings())
    fit(load_settings(), Engine.load(find_model(arguments.model)), arguments.strength)


if __name__ == "__main__":
    main()
