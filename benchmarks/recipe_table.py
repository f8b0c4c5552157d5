"""The recipes that `benchmarks.recipes` compares: unfitted pipelines over documents."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import StackingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.svm import LinearSVC

from training.estimators import CharGramAnalyzer, ConceptCodes, MeaningGrams, word_grams
from training.introductions import introduced
from training.linear import RatioSVC
from triage.linguistic import Reader
from triage.reading import Document, TextReader

SEED = 20


class Augmented(ClassifierMixin, BaseEstimator):
    """Fit a pipeline on documents and on copies of some: introduced, or without some clauses.

    `seed` draws which and how; a copy weighs `weight` where a row weighs 1.
    """

    def __init__(
        self,
        model: Pipeline,
        *,
        introduced: float,
        shortened: bool = False,
        weight: float = 1.0,
        seed: int = SEED,
    ) -> None:
        self.model = model
        self.introduced = introduced
        self.shortened = shortened
        self.weight = weight
        self.seed = seed

    def fit(self, X: Sequence[Document], y: Sequence[str]) -> Augmented:
        rng, read = random.Random(self.seed), TextReader()
        copies = introduced(X, read, share=self.introduced, seed=self.seed)
        more = list(zip(copies.documents, (y[i] for i in copies.of), strict=True))
        if self.shortened:
            texts = [shortened(document.text, rng) for document in X]
            more += [(read(t), label) for t, label in zip(texts, y, strict=True) if t]
        labels = [*y, *(label for _, label in more)]
        weights = np.repeat([1.0, self.weight], [len(y), len(more)])
        *_, (last, _) = self.model.steps
        extra = {} if self.weight == 1.0 else {f"{last}__sample_weight": weights}
        self.model_ = clone(self.model).fit([*X, *(d for d, _ in more)], labels, **extra)
        self.classes_ = self.model_.classes_
        return self

    def decision_function(self, X: Sequence[Document]) -> Any:
        return self.model_.decision_function(X)

    def predict(self, X: Sequence[Document]) -> Any:
        return self.model_.predict(X)


class MeanOfDraws(ClassifierMixin, BaseEstimator):
    """The mean score of the same recipe fitted on several draws of copies."""

    def __init__(self, model: Augmented, *, draws: int) -> None:
        self.model = model
        self.draws = draws

    def fit(self, X: Sequence[Document], y: Sequence[str]) -> MeanOfDraws:
        seeds = range(self.model.seed, self.model.seed + self.draws)
        self.models_ = [clone(self.model).set_params(seed=seed).fit(X, y) for seed in seeds]
        self.classes_ = self.models_[0].classes_
        return self

    def predict(self, X: Sequence[Document]) -> Any:
        scores = sum(model.decision_function(X) for model in self.models_)
        return self.classes_[scores.argmax(axis=1)]


def shortened(text: str, rng: random.Random) -> str:
    """Drop each clause with probability 0.3; nothing for a text of one or two clauses."""
    clauses = [clause for clause in re.split(r"(?<=[,。!?;\n])", text) if clause]
    return "".join(c for c in clauses if rng.random() > 0.3) if len(clauses) > 2 else ""


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


def chars(longest: int = 2, *, min_df: int = 3) -> tuple[str, TfidfVectorizer]:
    return "char", tfidf(CharGramAnalyzer(longest), min_df=min_df)


def words(*, min_df: int = 2) -> tuple[str, TfidfVectorizer]:
    return "word", tfidf(word_grams, min_df=min_df)


def svc() -> LinearSVC:
    return LinearSVC(C=0.5, class_weight="balanced", random_state=SEED)


def logistic(C: float = 10) -> LogisticRegression:
    return LogisticRegression(C=C, class_weight="balanced", max_iter=300)


def meaning(codes: tuple[str, ...], *, min_df: int = 3) -> tuple[str, TfidfVectorizer]:
    return "meaning", tfidf(MeaningGrams(codes), min_df=min_df)


def both(view: tuple[str, TfidfVectorizer] | None = None, *, char_df: int = 3) -> FeatureUnion:
    parts = [chars(min_df=char_df), view or words()]
    return FeatureUnion(parts, transformer_weights={"char": 0.9})


def ratio(
    features: FeatureUnion,
    *,
    draw: int,
    blend: float = 0.5,
    tol: float = 0.1,
    share: float = 0.25,
    shortened: bool = False,
    weight: float = 1.0,
) -> Augmented:
    linear = RatioSVC(C=0.5, blend=blend, power=0.5, tol=tol, seed=SEED)
    pipeline = make_pipeline(features, linear)
    return Augmented(pipeline, introduced=share, shortened=shortened, weight=weight, seed=draw)


def recipes(codes: tuple[str, ...], *, draw: int = SEED) -> dict[str, Callable[[], Any]]:
    """Give the recipes by name; each call makes a new, unfitted one. `draw` draws the copies."""
    return rivals(codes) | shipped(codes, draw) | with_concepts(codes, draw)


def rivals(codes: tuple[str, ...]) -> dict[str, Callable[[], Any]]:
    """Give recipes of another kind."""

    def union() -> FeatureUnion:
        return both(meaning(codes))

    def stack() -> Any:
        views = [(name, make_pipeline(v, svc())) for name, v in (chars(), meaning(codes))]
        return StackingClassifier(views, logistic(1), cv=3)

    return {
        "logistic-words": lambda: make_pipeline(tfidf(word_grams), logistic(1)),
        "logistic-chars-meaning": lambda: make_pipeline(union(), logistic()),
        "svc-chars-words": lambda: make_pipeline(both(), svc()),
        "svc-chars-meaning": lambda: make_pipeline(union(), svc()),
        "complement-nb": lambda: make_pipeline(union(), ComplementNB(alpha=0.3)),
        "stack-chars-meaning": stack,
        "embeddings": lambda: make_pipeline(
            union(), TruncatedSVD(300, random_state=SEED), Normalizer(), logistic(30)
        ),
    }


def shipped(codes: tuple[str, ...], draw: int) -> dict[str, Callable[[], Any]]:
    """Give the shipped recipe, without parts of it and with more."""
    made = partial(ratio, draw=draw)

    def apart() -> FeatureUnion:
        views = [("both", both()), ("concept", tfidf(ConceptCodes(codes)))]
        return FeatureUnion(views, transformer_weights={"concept": 0.5})

    def longer() -> FeatureUnion:
        return FeatureUnion([chars(3), words()], transformer_weights={"char": 0.9})

    return {
        "ratio (shipped)": lambda: made(both()),
        "ratio, words of 3 rows": lambda: made(both(words(min_df=3))),
        "ratio - introductions": lambda: made(both(), share=0.0),
        "ratio + clause dropping": lambda: made(both(), shortened=True),
        "ratio + signals, entities": lambda: made(
            FeatureUnion([("both", both()), ("signs", SignFeatures())])
        ),
        "ratio + concepts apart": lambda: made(apart()),
        "ratio, characters 1-3": lambda: made(longer()),
        "ratio - words": lambda: made(FeatureUnion([chars()])),
        "ratio - characters": lambda: made(FeatureUnion([words()])),
        "ratio, tight": lambda: made(both(), tol=1e-4),
        "ratio - twin (blend 0)": lambda: made(both(), blend=0.0),
        "ratio - plain (blend 99)": lambda: made(both(), blend=99.0),
    }


def with_concepts(codes: tuple[str, ...], draw: int) -> dict[str, Callable[[], Any]]:
    """Give `ratio-svc-meaning`, and what was tried on it."""

    def made(*, min_df: int = 3, char_df: int = 3, **others: Any) -> Augmented:
        return ratio(both(meaning(codes, min_df=min_df), char_df=char_df), draw=draw, **others)

    name = "ratio + concepts"
    return {
        name: made,
        f"{name}, words of 2 rows": lambda: made(min_df=2),
        f"{name}, words of 4 rows": lambda: made(min_df=4),
        f"{name}, characters of 5 rows": lambda: made(char_df=5),
        f"{name}, half introduced": lambda: made(share=0.5),
        f"{name}, all introduced": lambda: made(share=1.0),
        f"{name}, all introduced, 0.25": lambda: made(share=1.0, weight=0.25),
        f"{name}, mean of 3 draws": lambda: MeanOfDraws(made(), draws=3),
    }
