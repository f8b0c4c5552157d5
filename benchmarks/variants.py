"""Changed recipes, to see what a parameter does: the same change for every set, none tuned."""

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from benchmarks.rivals import Recipe
from training.estimators import CharGramAnalyzer, analyzer


class Plain(Recipe):
    """The recipe without calibration (it changes no label), its features open to change."""

    binary, longest, use_idf = False, 0, True

    def analyzer(self, kind, view, codes):
        if kind == "char" and self.longest:
            return CharGramAnalyzer(self.longest)
        return analyzer(kind, view, codes)

    def union(self):
        views, codes = self.recipe.views, self.read.finder.codes
        return FeatureUnion(
            [
                (
                    kind,
                    TfidfVectorizer(
                        analyzer=self.analyzer(kind, view, codes),
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

    def fit(self, texts, labels, groups=None):
        self.features = self.union()
        self.head = self.recipe.classifier()
        self.head.fit(self.features.fit_transform(self.documents(texts)), list(labels))
        return self


class Binary(Plain):
    binary = True


class Long(Plain):
    longest = 4


class BinaryLong(Binary):
    longest = 4


def _linear(**changes):
    return lambda recipe: {"linear": {**recipe.linear, **changes}}


def _views(**changes):
    return lambda recipe: {
        "views": {kind: {**view, **changes.get(kind, {})} for kind, view in recipe.views.items()}
    }


def _only(kind, **view):
    return lambda recipe: {"views": {kind: {"weight": 1.0, "min_df": 1, **view}}}


def _same(recipe):
    return {}


# Name -> the class that fits it, and what it changes of a recipe.
VARIANTS = {
    "C 0.1": (Plain, _linear(C=0.1)),
    "C 1": (Plain, _linear(C=1.0)),
    "no scaled twin": (Plain, _linear(blend=0.0)),
    "scaled twin weighs 1": (Plain, _linear(blend=1.0)),
    "scaled twin weighs 2": (Plain, _linear(blend=2.0)),
    "full log-count ratio": (Plain, _linear(power=1.0)),
    "characters min_df 1": (Plain, _views(char={"min_df": 1})),
    "characters weigh 1": (Plain, _views(char={"weight": 1.0})),
    "characters alone": (Plain, _only("char", min_df=2)),
    "words alone": (Plain, _only("word")),
    "binary tf": (Binary, _same),
    "characters 1-4": (Long, _same),
    "characters 1-4, binary": (BinaryLong, _same),
}
