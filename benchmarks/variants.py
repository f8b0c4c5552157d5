"""Changed recipes, to see what a parameter does: the same change for every set, none tuned."""

import numpy as np
from scipy.sparse import diags
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

from benchmarks.rivals import Recipe
from training.estimators import analyzers
from triage.features import fold


class LongGrams:
    """Character grams up to a size."""

    def __init__(self, longest):
        self.longest = longest

    def __call__(self, document):
        text = fold(document.text)
        sizes = range(1, self.longest + 1)
        return [text[i : i + n] for n in sizes for i in range(len(text) - n + 1)]


class Plain(Recipe):
    """The recipe without calibration (it changes no label), its features open to change."""

    binary, longest, use_idf = False, 3, True

    def union(self):
        kinds = analyzers(self.read.finder.codes) | {"char": LongGrams(self.longest)}
        views = self.recipe.views
        return FeatureUnion(
            [
                (
                    kind,
                    TfidfVectorizer(
                        analyzer=kinds[kind],
                        sublinear_tf=True,
                        binary=self.binary,
                        use_idf=self.use_idf,
                        min_df=view.get("min_df", 1),
                    ),
                )
                for kind, view in views.items()
            ],
            transformer_weights={kind: view.get("weight", 1.0) for kind, view in views.items()},
        )

    def classifier(self):
        return self.recipe.classifier()

    def fit(self, texts, labels, groups=None):
        self.features = self.union()
        self.head = self.classifier()
        self.head.fit(self.features.fit_transform(self.documents(texts)), list(labels))
        return self


class Binary(Plain):
    binary = True


class Long(Plain):
    longest = 4


class BinaryLong(Binary):
    longest = 4


class Hinge(Plain):
    def classifier(self):
        return LinearSVC(
            C=self.recipe.linear["C"], class_weight="balanced", loss="hinge", random_state=20
        )


class NaiveBayesSvm(Plain):
    """Each class against the rest, every feature scaled by its log-count ratio."""

    binary = True

    def fit(self, texts, labels, groups=None):
        self.features = self.union()
        matrix = self.features.fit_transform(self.documents(texts)).tocsr()
        labels = np.array(labels)
        self.kinds = sorted(set(labels.tolist()))
        here = matrix > 0
        self.parts = []
        for kind in self.kinds[1:] if len(self.kinds) == 2 else self.kinds:
            own = labels == kind
            inside = (1.0 + np.asarray(here[own].sum(axis=0)).ravel()) / (1.0 + own.sum())
            outside = (1.0 + np.asarray(here[~own].sum(axis=0)).ravel()) / (1.0 + (~own).sum())
            scale = diags(np.abs(np.log(inside / outside)))
            self.parts.append((scale, self.classifier().fit(matrix @ scale, own)))
        return self

    def predict(self, texts, onto=None):
        matrix = self.features.transform(self.documents(texts)).tocsr()
        margins = np.stack([head.decision_function(matrix @ s) for s, head in self.parts], axis=1)
        if margins.shape[1] == 1:
            margins = np.hstack([-margins, margins])
        return [self.kinds[i] for i in margins.argmax(axis=1)]


def _views(char, word, *, weight=1.0):
    return {"char": {"weight": 1.0, "min_df": char}, "word": {"weight": weight, "min_df": word}}


VARIANTS = {
    "C 0.1": (Plain, {"C": 0.1}),
    "C 0.25": (Plain, {"C": 0.25}),
    "C 1": (Plain, {"C": 1.0}),
    "C 2": (Plain, {"C": 2.0}),
    "not balanced": (Plain, {"class_weight": None}),
    "min_df 1, 1": (Plain, {"views": _views(1, 1)}),
    "min_df 2, 2": (Plain, {"views": _views(2, 2)}),
    "min_df 3, 2": (Plain, {"views": _views(3, 2)}),
    "word weight 0.5": (Plain, {"views": _views(2, 1, weight=0.5)}),
    "characters alone": (Plain, {"views": {"char": {"weight": 1.0, "min_df": 2}}}),
    "words alone": (Plain, {"views": {"word": {"weight": 1.0, "min_df": 1}}}),
    "binary tf": (Binary, {}),
    "characters 1-4": (Long, {}),
    "characters 1-4, binary": (BinaryLong, {}),
    "hinge": (Hinge, {}),
    "NB-SVM": (NaiveBayesSvm, {}),
    "NB-SVM, C 0.1": (NaiveBayesSvm, {"C": 0.1}),
}
