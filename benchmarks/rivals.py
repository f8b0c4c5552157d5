"""The same task, three ways: our recipe, what everybody writes, and fastText.

Each has `fit(texts, labels)` and `predict(texts)`; each starts from the narrative as submitted.
"""

import re
import tempfile
from pathlib import Path

import numpy as np

from training.estimators import feature_union
from training.linear import CalibratedLinear
from triage.reading import Document, TextReader

_FASTTEXT = {"lr": 0.5, "epoch": 25, "wordNgrams": 2, "thread": 1, "seed": 20, "verbose": 0}
_LABEL = "__label__"


class JiebaLogistic:
    """jieba + TF-IDF of words and pairs + logistic regression, everything at its default."""

    name = "jieba + TF-IDF + LR"

    def fit(self, texts, labels, groups=None):
        import jieba
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        jieba.setLogLevel(60)
        self.model = make_pipeline(
            TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None, ngram_range=(1, 2)),
            LogisticRegression(max_iter=1000),
        )
        self.model.fit(list(texts), list(labels))
        return self

    def predict(self, texts):
        return self.model.predict(list(texts)).tolist()


class FastText:
    """fastText over jieba's words, with the settings its tutorial ends with."""

    name = "fastText"

    def fit(self, texts, labels, groups=None):
        import fasttext

        self.labels = sorted(set(labels))
        rows = (
            f"{_LABEL}{self.labels.index(label)} {self._words(text)}\n"
            for text, label in zip(texts, labels, strict=True)
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            path.write_text("".join(rows), encoding="utf-8")
            self.model = fasttext.train_supervised(str(path), **_FASTTEXT)
        return self

    def predict(self, texts):
        said, _ = self.model.predict([self._words(text) for text in texts])
        return [self.labels[int(one[0].removeprefix(_LABEL))] for one in said]

    @staticmethod
    def _words(text):
        import jieba

        jieba.setLogLevel(60)
        return " ".join(jieba.lcut(re.sub(r"\s+", " ", text).strip()))


class Recipe:
    """The recipe of `data/recipes.yaml`: its views and its linear model, calibrated.

    Labels may be leaves; `predict` with `onto` sums their probabilities.
    """

    name = "jiesu"

    def __init__(self, recipe, read=None):
        self.recipe = recipe
        self.read = read or TextReader()

    def documents(self, texts):
        return [text if isinstance(text, Document) else self.read(text) for text in texts]

    def fit(self, texts, labels, groups=None):
        recipe, labels = self.recipe, list(labels)
        self.features = feature_union(recipe.views, self.read.finder.codes)
        matrix = self.features.fit_transform(self.documents(texts))
        self.head = CalibratedLinear(recipe.classifier(), seed=recipe.seed)
        self.head.fit(matrix, labels, groups)
        return self

    def predict(self, texts, onto=None):
        matrix = self.features.transform(self.documents(texts))
        if onto is None:
            return self.head.predict(matrix).tolist()
        names = [onto(label) for label in self.head.classes_]
        kinds = sorted(set(names))
        sums = np.array([[name == kind for kind in kinds] for name in names], dtype=float)
        best = (self.head.predict_proba(matrix) @ sums).argmax(axis=1)
        return [kinds[i] for i in best]
