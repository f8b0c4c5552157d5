"""Labels that `jiesu label next` needs for what random choice reaches with 1,000.

    python -m benchmarks.label_next --folder FOLDER [--sets ChnSentiCorp corpus] [--seeds 3]

FOLDER holds the public sets of `benchmarks.public`. Both ways begin with nothing, take the same
batches and train the same recipe; its features are made from the unlabelled pool. The first batch
lies at the centres of k-means, since there is no model to ask.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

from benchmarks.public import FOLDED, rows_of
from training.corpus import load_corpus
from training.estimators import feature_union
from training.labels.audit import compressed
from training.labels.choose import spread, view_votes, worth
from training.linear import two_sided
from training.train import load_recipe
from triage.classifier import softmax
from triage.reading import TextReader
from triage.taxonomy import load_taxonomy

STEP, AT = 50, 1_000
HELD_OUT, MOST_TESTED = 0.25, 2_000
# Models of a few hundred rows are less sure than the champion, whose temperature is half of it.
TEMPERATURE = 0.5
SETS = ("ChnSentiCorp", *FOLDED, "corpus")


class Task:
    """One labelled set: a pool to choose from, and rows to judge on."""

    def __init__(self, texts, labels, held_out, read):
        recipe = load_recipe()
        self.make = recipe.classifier
        documents = [read(text) for text in texts]
        pool = np.flatnonzero(~held_out)
        # Files lie in the order of their labels: the first rows are of a few labels only.
        test = np.random.default_rng(0).permutation(np.flatnonzero(held_out))[:MOST_TESTED]
        union = feature_union(recipe.views, read.finder.codes)
        self.pool = union.fit_transform([documents[i] for i in pool]).tocsr()
        self.test = union.transform([documents[i] for i in test])
        self.widths = [len(block.get_feature_names_out()) for _, block in union.transformer_list]
        self.labels = np.array(labels)[pool]
        self.truth = np.array(labels)[test]
        self.places = compressed(self.pool)

    def model(self, chosen):
        return self.make().fit(self.pool[chosen], self.labels[chosen])

    def accuracy(self, model):
        return float((model.predict(self.test) == self.truth).mean())


def at_random(task, seed):
    order = np.random.default_rng(seed).permutation(len(task.labels))
    for count in range(STEP, AT + 1, STEP):
        yield task.model(order[:count])


def asked(task, seed):
    centres = MiniBatchKMeans(STEP, random_state=seed, n_init=1).fit(task.places)
    chosen = np.unique(centres.transform(task.places).argmin(axis=0))
    model = task.model(chosen)
    yield model
    for count in range(2 * STEP, AT + 1, STEP):
        rest = np.setdiff1d(np.arange(len(task.labels)), chosen)
        said = softmax(two_sided(model.decision_function(task.pool[rest])) / TEMPERATURE)
        votes = view_votes(model, task.pool[rest], task.widths, TEMPERATURE)
        score = worth(said, votes).score
        batch = spread(task.places[rest], score, count - len(chosen), seed=seed)
        chosen = np.concatenate([chosen, rest[batch]])
        model = task.model(chosen)
        yield model


def curves(task, way, seeds):
    """Accuracy after each batch, (seeds, batches)."""
    return np.array([[task.accuracy(model) for model in way(task, seed)] for seed in range(seeds)])


def needed(curve, wanted):
    """Labels at which a curve first reaches an accuracy, between its points on a line."""
    counts = np.arange(STEP, AT + 1, STEP)
    there = np.flatnonzero(curve >= wanted)
    if not len(there):
        return np.inf
    first = there[0]
    if first == 0:
        return float(STEP)
    low, high = curve[first - 1], curve[first]
    return float(counts[first - 1] + STEP * (wanted - low) / (high - low))


def task_of(name, folder, read):
    if name == "corpus":
        rows = load_corpus(load_taxonomy())
        texts, labels = [row.text for row in rows], [row.line for row in rows]
        _, owner = np.unique([row.group for row in rows], return_inverse=True)
        apart = np.random.default_rng(0).random(owner.max() + 1) < HELD_OUT
        return Task(texts, labels, apart[owner], read)
    if name == "ChnSentiCorp":
        texts, labels = rows_of(folder / "chnsenticorp_train.jsonl")
        more, wanted = rows_of(folder / "chnsenticorp_test.jsonl")
        held_out = np.arange(len(texts) + len(more)) >= len(texts)
        return Task(texts + more, [str(one) for one in labels + wanted], held_out, read)
    texts, labels = rows_of(folder / FOLDED[name])
    held_out = np.random.default_rng(0).random(len(texts)) < HELD_OUT
    return Task(texts, labels, held_out, read)


def report(name, task, seeds):
    start = perf_counter()
    random, ours = curves(task, at_random, seeds), curves(task, asked, seeds)
    wanted = random[:, -1].mean()
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(1_000):
        one, other = rng.integers(0, seeds, (2, seeds))
        drawn.append(needed(ours[other].mean(axis=0), random[one, -1].mean()))
    low, high = np.quantile(drawn, (0.025, 0.975), method="nearest")
    print(f"\n{name}: {len(task.labels)} rows to choose from, {len(task.truth)} to judge on")
    print(f"  {'labels':>8}{'random':>18}{'label next':>18}")
    for place in range(1, AT // STEP, 2):
        cells = [f"{c[:, place].mean():.3f} ± {c[:, place].std():.3f}" for c in (random, ours)]
        print(f"  {STEP * (place + 1):>8}{cells[0]:>18}{cells[1]:>18}")
    count = needed(ours.mean(axis=0), wanted)
    print(
        f"  random reaches {wanted:.3f} with {AT}; label next with {count:.0f}"
        f" ({low:.0f}-{high:.0f}); {perf_counter() - start:.0f} s",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="of the public sets")
    parser.add_argument("--sets", nargs="+", choices=SETS, help="default: all")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    chosen = arguments.sets or (SETS if arguments.folder else ("corpus",))
    read = TextReader()
    # Threads of many small products wait for one another longer than they work.
    with threadpool_limits(1):
        for name in chosen:
            report(name, task_of(name, arguments.folder, read), arguments.seeds)


if __name__ == "__main__":
    main()
