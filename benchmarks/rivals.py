"""The same task, four ways: our recipe, what everybody writes, fastText and spaCy's textcat.

Each has `fit(texts, labels)` and `predict(texts)`; each starts from the narrative as submitted.
The three others are saved with `save(folder)`, which `benchmarks.contender` opens.
"""

import random
import tempfile
from pathlib import Path

import numpy as np
import orjson

from benchmarks.jieba_words import spaced, words
from training.estimators import feature_union
from training.linear import CalibratedLinear
from triage.reading import Document, TextReader

_FASTTEXT = {"lr": 0.5, "epoch": 25, "wordNgrams": 2, "thread": 1, "seed": 20, "verbose": 0}
_LABEL = "__label__"
# What spaCy's quickstart writes for "textcat" and "efficiency", but that words come from jieba.
_ZH = {"nlp": {"tokenizer": {"segmenter": "jieba"}}}
_BAG_OF_WORDS = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": True,
    "length": 262144,
    "ngram_size": 1,
    "no_output_layer": False,
}
_TEXTCAT = {"epochs": 10, "batch": 64, "drop": 0.2, "seed": 20}


class JiebaLogistic:
    """jieba + TF-IDF of words and pairs + logistic regression, everything at its default."""

    name = "jieba + TF-IDF + LR"

    def fit(self, texts, labels, groups=None):
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        self.model = make_pipeline(
            TfidfVectorizer(tokenizer=words, token_pattern=None, ngram_range=(1, 2)),
            LogisticRegression(max_iter=1000),
        )
        self.model.fit(list(texts), list(labels))
        return self

    def predict(self, texts):
        return self.model.predict(list(texts)).tolist()

    def save(self, folder):
        import joblib

        joblib.dump(self.model, folder / "model.joblib")


class FastText:
    """fastText over jieba's words, with the settings its tutorial ends with."""

    name = "fastText"

    def fit(self, texts, labels, groups=None):
        import fasttext

        self.labels = sorted(set(labels))
        rows = (
            f"{_LABEL}{self.labels.index(label)} {spaced(text)}\n"
            for text, label in zip(texts, labels, strict=True)
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            path.write_text("".join(rows), encoding="utf-8")
            self.model = fasttext.train_supervised(str(path), **_FASTTEXT)
        return self

    def predict(self, texts):
        said, _ = self.model.predict([spaced(text) for text in texts])
        return [self.labels[int(one[0].removeprefix(_LABEL))] for one in said]

    def save(self, folder):
        self.model.save_model(str(folder / "model.bin"))
        (folder / "labels.json").write_bytes(orjson.dumps(self.labels))


class Textcat:
    """spaCy's text categoriser over jieba's words in a blank Chinese pipeline: no vectors.

    Parameters
    ----------
    epochs : int, optional
        Times through the rows.
    """

    name = "spaCy textcat"

    def __init__(self, epochs=_TEXTCAT["epochs"]):
        self.epochs = epochs

    def fit(self, texts, labels, groups=None):
        import spacy
        from spacy.training import Example
        from spacy.util import fix_random_seed, minibatch

        fix_random_seed(_TEXTCAT["seed"])
        self.nlp = spacy.blank("zh", config=_ZH)
        self.nlp.add_pipe("textcat", config={"model": _BAG_OF_WORDS})
        kinds = sorted(set(labels))
        examples = [
            Example.from_dict(
                self.nlp.make_doc(text), {"cats": {kind: float(kind == label) for kind in kinds}}
            )
            for text, label in zip(texts, labels, strict=True)
        ]
        optimizer = self.nlp.initialize(lambda: examples)
        order = random.Random(_TEXTCAT["seed"])
        for _ in range(self.epochs):
            order.shuffle(examples)
            for part in minibatch(examples, _TEXTCAT["batch"]):
                self.nlp.update(part, sgd=optimizer, drop=_TEXTCAT["drop"])
        return self

    def predict(self, texts):
        return [max(doc.cats, key=doc.cats.get) for doc in self.nlp.pipe(texts)]

    def save(self, folder):
        self.nlp.to_disk(folder / "pipeline")


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
