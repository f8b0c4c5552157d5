"""Honestly different recipes for the line model, ablations and the learning curve.

    python -m benchmarks.recipes [--real FOLDER] [--track] [--curve] [--only NAME]

Every recipe is judged by the same grouped 5-fold cross-validation over data/corpus and, where
`--real` names a folder of labelled JSONL files, on their agreed rows. `--track` makes each an
MLflow run. Figures on the authored corpus are no real-world accuracy.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import StackingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.svm import LinearSVC

from training.corpus import load_corpus
from training.estimators import ConceptCodes, MeaningGrams, char_grams, word_grams
from triage.evaluation import accuracy, macro_f1
from triage.linguistic import Reader
from triage.reading import Document, TextReader
from triage.taxonomy import load_taxonomy, split_leaf

SEED = 20


class LogCountRatio(TransformerMixin, BaseEstimator):
    """Scale features by their naive-Bayes log-count ratio, averaged over classes (Wang 2012)."""

    def fit(self, X: Any, y: Sequence[str]) -> LogCountRatio:
        labels = np.asarray(y)
        ratios = []
        for label in np.unique(labels):
            inside = np.asarray(X[labels == label].sum(axis=0)).ravel() + 1
            outside = np.asarray(X[labels != label].sum(axis=0)).ravel() + 1
            ratios.append(np.abs(np.log((inside / inside.sum()) / (outside / outside.sum()))))
        self.ratio_ = np.max(ratios, axis=0)
        return self

    def transform(self, X: Any) -> Any:
        return X.multiply(self.ratio_).tocsr()


class Signs:
    """Signals and entities of a document as features."""

    def __init__(self) -> None:
        self.reader = Reader()

    def __call__(self, documents: Sequence[Document]) -> list[dict[str, float]]:
        found = []
        for document in documents:
            mentions = self.reader.read(document.text, document.words)
            found.append({f"{m.code}/{m.status}": 0.3 for m in mentions})
        return found


class SignFeatures(TransformerMixin, BaseEstimator):
    """`Signs` as a transformer."""

    def fit(self, X: Sequence[Document], y: object = None) -> SignFeatures:
        self.vectorizer_ = DictVectorizer().fit(Signs()(X))
        return self

    def transform(self, X: Sequence[Document]) -> Any:
        return self.vectorizer_.transform(Signs()(X))


def tfidf(analyzer: Callable[[Document], list[str]], *, min_df: int = 1) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer=analyzer, sublinear_tf=True, min_df=min_df)


def chars() -> tuple[str, TfidfVectorizer]:
    return "char", tfidf(char_grams, min_df=2)


def words() -> tuple[str, TfidfVectorizer]:
    return "word", tfidf(word_grams)


def svc() -> LinearSVC:
    return LinearSVC(C=0.5, class_weight="balanced", random_state=SEED)


def logistic(C: float = 10) -> LogisticRegression:
    return LogisticRegression(C=C, class_weight="balanced", max_iter=300)


def recipes(codes: tuple[str, ...]) -> dict[str, Callable[[], Any]]:
    """Give the recipes by name; each call makes a new, unfitted one."""

    def union(*parts: tuple[str, Any]) -> FeatureUnion:
        return FeatureUnion(list(parts))

    def meaning() -> tuple[str, TfidfVectorizer]:
        return "meaning", tfidf(MeaningGrams(codes))

    def stack() -> Any:
        views = [(name, make_pipeline(v, svc())) for name, v in (chars(), meaning())]
        return StackingClassifier(views, logistic(1), cv=3)

    return {
        "logistic-words": lambda: make_pipeline(tfidf(word_grams), logistic(1)),
        "logistic-chars-words": lambda: make_pipeline(union(chars(), words()), logistic()),
        "svc-chars": lambda: make_pipeline(union(chars()), svc()),
        "svc-words": lambda: make_pipeline(union(words()), svc()),
        "svc-chars-words": lambda: make_pipeline(union(chars(), words()), svc()),
        "svc-chars-concepts": lambda: make_pipeline(
            union(chars(), ("concept", tfidf(ConceptCodes(codes)))), svc()
        ),
        "svc-chars-meaning": lambda: make_pipeline(union(chars(), meaning()), svc()),
        "svc-chars-meaning-signs": lambda: make_pipeline(
            union(chars(), meaning(), ("signs", SignFeatures())), svc()
        ),
        "complement-nb": lambda: make_pipeline(union(chars(), meaning()), ComplementNB(alpha=0.3)),
        "nb-svm": lambda: make_pipeline(
            union(chars(), meaning()), LogCountRatio(), Normalizer(), svc()
        ),
        "stack-chars-meaning": stack,
        "embeddings": lambda: make_pipeline(
            union(chars(), meaning()),
            TruncatedSVD(300, random_state=SEED),
            Normalizer(),
            logistic(30),
        ),
    }


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


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--real", type=Path)
    options.add_argument("--track", action="store_true")
    options.add_argument("--curve", action="store_true")
    options.add_argument("--only")
    arguments = options.parse_args()
    read = TextReader()
    rows = load_corpus(load_taxonomy())
    documents = [read(row.text) for row in rows]
    leaves = np.array([row.leaf for row in rows])
    groups = np.array([row.group for row in rows])
    real = real_sets(arguments.real, read) if arguments.real else []
    table = recipes(read.finder.codes)
    if arguments.curve:
        curve(table["svc-chars-meaning"], documents, leaves, groups, real)
        return
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=SEED)
    splits = list(folds.split(leaves, leaves, groups))
    truth = lines_of(leaves)
    for name, make in table.items():
        if arguments.only and name != arguments.only:
            continue
        unseen = lines_of(cross_val_predict(make(), documents, leaves, cv=splits))
        figures = {
            "corpus_accuracy": accuracy(truth, unseen),
            "corpus_macro_f1": macro_f1(truth, unseen),
        }
        model = make().fit(documents, leaves) if real else None
        for texts in real:
            figures |= judge(model, texts)
        show(name, figures)
        if arguments.track:
            from training.tracking import track_recipe

            track_recipe(name, figures, rows=len(rows))


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
