"""Honestly different recipes for the line model, ablations and the learning curve.

    python -m benchmarks.recipes [--real FOLDER] [--draws N] [--only NAME ...] [--no-folds]
                                 [--track] [--curve]

Every recipe is judged by the same grouped 5-fold cross-validation over data/corpus and, where
`--real` names a folder of labelled JSONL files, on their agreed rows. `--draws` fits it for the
real sets so many times, on copies drawn anew, and gives means and standard deviations. `--track`
makes each an MLflow run. Figures on the authored corpus are no real-world accuracy.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline

from benchmarks.recipe_table import SEED, recipes
from training.corpus import LabelledRow, load_corpus
from triage.evaluation import accuracy, macro_f1
from triage.reading import Document, TextReader
from triage.taxonomy import load_taxonomy, split_leaf


@dataclass(frozen=True)
class Texts:
    """Documents with their lines."""

    name: str
    documents: list[Document]
    lines: list[str]


def real_sets(folder: Path, read: TextReader) -> list[Texts]:
    """Read labelled files; rows on which annotators disagreed are left out."""
    sets = []
    for path in sorted(folder.glob("*_dev.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        agreed = [row for row in rows if row.get("agreed", True)]
        documents = [read(row["text"]) for row in agreed]
        sets.append(Texts(path.stem, documents, [row["line"] for row in agreed]))
    return sets


def lines_of(leaves: Sequence[str]) -> list[str]:
    return [split_leaf(str(leaf))[0] for leaf in leaves]


def judge(model: Pipeline, texts: Texts) -> dict[str, float]:
    said = lines_of(model.predict(texts.documents))
    return {
        f"{texts.name}_accuracy": accuracy(texts.lines, said),
        f"{texts.name}_macro_f1": macro_f1(texts.lines, said, at_least=5),
    }


def asked() -> argparse.Namespace:
    options = argparse.ArgumentParser()
    options.add_argument("--real", type=Path)
    options.add_argument("--track", action="store_true")
    options.add_argument("--curve", action="store_true")
    options.add_argument("--only", nargs="+", help="names of recipes")
    options.add_argument("--draws", type=int, default=1, help="of copies, for the real sets")
    options.add_argument("--no-folds", action="store_true", help="the real sets alone")
    return options.parse_args()


def main() -> None:
    arguments = asked()
    read = TextReader()
    rows = load_corpus(load_taxonomy())
    documents = [read(row.text) for row in rows]
    leaves = np.array([row.leaf for row in rows])
    groups = np.array([row.group for row in rows])
    real = real_sets(arguments.real, read) if arguments.real else []
    tables = [recipes(read.finder.codes, draw=SEED + i) for i in range(arguments.draws)]
    table = tables[0]
    if arguments.curve:
        curve(table["ratio (shipped)"], documents, leaves, groups, real)
        return
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=SEED)
    splits = list(folds.split(leaves, leaves, groups))
    for name, make in table.items():
        if arguments.only and name not in arguments.only:
            continue
        figures = {} if arguments.no_folds else by_folds(make(), documents, leaves, splits)
        if real:
            figures |= by_draws([drawn[name] for drawn in tables], documents, leaves, real)
        show(name, figures)
        if arguments.track:
            keep(name, figures, rows)


def by_folds(
    model: Any, documents: list[Document], leaves: np.ndarray, splits: list[Any]
) -> dict[str, float]:
    """Judge a recipe on corpus rows that it has not seen."""
    truth, said = lines_of(leaves), lines_of(cross_val_predict(model, documents, leaves, cv=splits))
    return {"corpus_accuracy": accuracy(truth, said), "corpus_macro_f1": macro_f1(truth, said)}


def by_draws(
    makes: list[Callable[[], Any]], documents: list[Document], leaves: np.ndarray, real: list[Texts]
) -> dict[str, float]:
    """Judge a recipe on the real sets: the mean of its fits, of several also their spread."""
    found: dict[str, list[float]] = {}
    for make in makes:
        model = make().fit(documents, leaves)
        for texts in real:
            for key, value in judge(model, texts).items():
                found.setdefault(key, []).append(value)
    figures = {key: float(np.mean(values)) for key, values in found.items()}
    if len(makes) > 1:
        figures |= {f"{key}_sd": float(np.std(v, ddof=1)) for key, v in found.items()}
    return figures


def keep(name: str, figures: dict[str, float], rows: Sequence[LabelledRow]) -> None:
    """Make the recipe an MLflow run."""
    from training.tracked_data import dataset_of
    from training.tracking import track_run

    track_run(
        f"recipe {name}",
        params={"recipe": name, "rows": len(rows)},
        metrics=figures,
        dataset=dataset_of(rows, name="data/corpus"),
        artifacts={},
        model_folder=None,
    )


def curve(
    make: Callable[[], Any],
    documents: list[Document],
    leaves: np.ndarray,
    groups: np.ndarray,
    real: list[Texts],
) -> None:
    """Draw the learning curve: whole groups, three seeds a size."""
    names = np.unique(groups)
    for share in (0.125, 0.25, 0.5, 1.0):
        found = []
        for seed in range(3 if share < 1 else 1):
            rng = np.random.default_rng(seed)
            kept = np.flatnonzero(
                np.isin(groups, rng.choice(names, int(len(names) * share), replace=False))
            )
            model = make().fit([documents[i] for i in kept], leaves[kept])
            figures = {"rows": float(len(kept))}
            for texts in real:
                figures |= judge(model, texts)
            found.append(figures)
        show(f"{share:.3f}", {k: float(np.mean([f[k] for f in found])) for k in found[0]})


def show(name: str, figures: dict[str, float]) -> None:
    print(f"{name:26s}", "  ".join(f"{k} {v:.3f}" for k, v in figures.items()), flush=True)


if __name__ == "__main__":
    main()
