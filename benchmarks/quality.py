"""Lines by our recipe, by what everybody writes and by fastText, trained on the same rows."""

from pathlib import Path
from time import perf_counter

import numpy as np
import orjson
from sklearn.model_selection import StratifiedGroupKFold

from benchmarks.rivals import FastText, JiebaLogistic, Recipe
from training.train import load_recipe
from triage.evaluation import accuracy, macro_f1
from triage.taxonomy import split_leaf

SPLITS = 5
LEAST_ROWS = 5


def real_sets(folder):
    """Agreed rows of each labelled JSONL file of a folder: name -> (texts, lines)."""
    found = {}
    for path in sorted(Path(folder).glob("*.jsonl")):
        rows = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
        kept = [row for row in rows if row.get("agreed") and row.get("line") and row.get("text")]
        if kept:
            found[path.stem] = ([r["text"] for r in kept], [r["line"] for r in kept])
    return found


class Ours(Recipe):
    """The recipe trained on leaves, asked for lines."""

    def predict(self, texts):
        return super().predict(texts, onto=lambda leaf: split_leaf(leaf)[0])


def contenders(recipe_name):
    """Name -> (maker, which labels it is trained on)."""
    recipe = load_recipe(recipe_name)
    return {
        JiebaLogistic.name: (JiebaLogistic, "line"),
        FastText.name: (FastText, "line"),
        f"jiesu ({recipe.name})": (lambda: Ours(recipe), "leaf"),
    }


def fitted(make, label, rows):
    texts = [row.text for row in rows]
    return make().fit(texts, [getattr(row, label) for row in rows], [row.group for row in rows])


def folds(rows):
    splitter = StratifiedGroupKFold(SPLITS, shuffle=True, random_state=20)
    lines, groups = [row.line for row in rows], [row.group for row in rows]
    return list(splitter.split(np.zeros(len(rows)), lines, groups))


def cross_validated(make, label, rows, splits):
    truth, said = [], []
    for train, test in splits:
        model = fitted(make, label, [rows[i] for i in train])
        truth += [rows[i].line for i in test]
        said += model.predict([rows[i].text for i in test])
    return truth, said


def run(rows, *, real=None, recipe=None, corpus=True):
    """Print accuracy and macro-F1 of each contender on each set."""
    sets = real_sets(real) if real else {}
    splits = folds(rows) if corpus else []
    print(f"\nQuality of lines: trained on the same {len(rows)} corpus rows in this run")
    print(f"  accuracy / macro-F1 over lines with {LEAST_ROWS} or more rows")
    for name, (make, label) in contenders(recipe).items():
        start = perf_counter()
        figures = []
        if sets:
            model = fitted(make, label, rows)
            for title, (texts, lines) in sets.items():
                figures.append((f"{title} ({len(lines)})", lines, model.predict(texts)))
        if corpus:
            title = f"corpus, grouped {SPLITS}-fold"
            figures.append((title, *cross_validated(make, label, rows, splits)))
        print(f"  {name} ({perf_counter() - start:.0f} s)")
        for title, truth, said in figures:
            share, f1 = accuracy(truth, said), macro_f1(truth, said, at_least=LEAST_ROWS)
            print(f"    {title:<36} {share:.3f} / {f1:.3f}", flush=True)
