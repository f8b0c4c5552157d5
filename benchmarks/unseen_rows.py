"""What models say of corpus rows that they had not seen, kept for the benchmarks that need it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.corpus import corpus_digest, load_corpus
from training.labels.unseen import Opinions, opinions
from training.train import load_recipe
from triage.config import home_dir
from triage.decision import LineDecider, Thresholds
from triage.reading import TextReader
from triage.taxonomy import load_taxonomy


@dataclass(frozen=True)
class Judged:
    rows: list
    opinions: Opinions
    decider: LineDecider


def judged_corpus(folder=None):
    """Give the corpus and its opinions; what was computed for the same rows is taken again."""
    taxonomy = load_taxonomy()
    rows = load_corpus(taxonomy)
    decider = LineDecider(taxonomy.leaves, Thresholds(0.0, 1.0, 0))
    recipe = load_recipe()
    kept = Path(folder or home_dir()) / "bench"
    path = kept / f"unseen-{recipe.name}-{corpus_digest(rows)[:16]}.npz"
    if path.is_file():
        with np.load(path) as arrays:
            leaves = tuple(arrays["leaves"].tolist())
            said = Opinions(leaves, arrays["probabilities"], arrays["column"])
        return Judged(rows, said, decider)
    print(f"cross-validating {len(rows)} rows", flush=True)
    said = opinions(rows, recipe, TextReader())
    kept.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        leaves=np.array(said.leaves),
        probabilities=said.probabilities,
        column=said.column,
    )
    return Judged(rows, said, decider)


def half_of(rows, seed):
    """Cut rows in two by group; True is one half."""
    _, owner = np.unique([row.group for row in rows], return_inverse=True)
    return (np.random.default_rng(seed).random(owner.max() + 1) < 0.5)[owner]
