"""The fitted form of a model: a scikit-learn pipeline over documents.

The import paths of this module are written inside every saved pipeline: a rename needs a
decision record and a new format number. The analyzers say in plain Python what
`triage.features` does with arrays; the tests hold both to the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from training.linear import CalibratedLinear, RatioSVC
from triage.blocks import CONCEPT
from triage.features import BLANK, fold
from triage.reading import Document, TextReader
from triage.segment import spelled

Floats = NDArray[np.float64]

LONGEST_GRAM = 3


class NarrativeReader(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns narratives into documents; stateless, its heavy parts are rebuilt when needed."""

    def fit(self, texts: Sequence[str | Document], y: object = None) -> Self:
        """Learn nothing."""
        return self

    def transform(self, texts: Sequence[str | Document]) -> list[Document]:
        """Read each narrative; documents pass through."""
        read = TextReader()
        return [text if isinstance(text, Document) else read(text) for text in texts]

    def __sklearn_is_fitted__(self) -> bool:
        return True


class CharGramAnalyzer:
    """Analyzer that gives grams of one to `longest` characters of the folded text.

    Parameters
    ----------
    longest : int
        At most 3 in a model that is served: what `triage.features.CharGrams` can pack.
    """

    def __init__(self, longest: int = LONGEST_GRAM) -> None:
        self.longest = longest

    def __call__(self, document: Document) -> list[str]:
        """Give the grams, the short ones first."""
        text = fold(document.text)
        return _told(
            text[i : i + size]
            for size in range(1, self.longest + 1)
            for i in range(len(text) - size + 1)
        )


def word_grams(document: Document) -> list[str]:
    """Words and pairs of neighbouring words, folded, without white space."""
    words = [w for w in spelled(fold(document.text), document.sizes) if not w.isspace()]
    return _told([*words, *(f"{a} {b}" for a, b in pairwise(words))])


def _told(grams: Iterable[str]) -> list[str]:
    return [gram for gram in grams if BLANK not in gram]


class ConceptCodes:
    """Analyzer that gives the codes of a document's concepts.

    Parameters
    ----------
    codes : tuple of str
        Code of each concept number.
    """

    def __init__(self, codes: tuple[str, ...]) -> None:
        self.codes = codes

    def __call__(self, document: Document) -> list[str]:
        """Give one code a hit."""
        return [self.codes[concept] for concept in document.concepts.tolist()]


class MeaningGrams(ConceptCodes):
    """Analyzer that gives words, pairs of words and concepts, weighed together.

    A concept is written `concept=code`.
    """

    def __call__(self, document: Document) -> list[str]:
        """Give the words and pairs, then one `concept=code` a hit."""
        concepts = [f"{CONCEPT}{code}" for code in super().__call__(document)]
        return word_grams(document) + concepts


def analyzer(
    kind: str, view: dict[str, Any], concept_codes: tuple[str, ...]
) -> Callable[[Document], list[str]]:
    """Give the analyzer of one kind of feature block; see `feature_union`."""
    if kind == "char":
        return CharGramAnalyzer(view.get("longest", LONGEST_GRAM))
    if kind == "word":
        return word_grams
    return {"concept": ConceptCodes, "meaning": MeaningGrams}[kind](concept_codes)


def feature_union(views: dict[str, dict[str, Any]], concept_codes: tuple[str, ...]) -> FeatureUnion:
    """Build the TF-IDF blocks of a recipe.

    Parameters
    ----------
    views : mapping
        Kind -> {"weight": float, "min_df": int}, for `char` also {"longest": int}.
    concept_codes : tuple of str
        Code of each concept number.
    """
    return FeatureUnion(
        [
            (
                kind,
                TfidfVectorizer(
                    analyzer=analyzer(kind, view, concept_codes),
                    sublinear_tf=True,
                    min_df=view.get("min_df", 1),
                ),
            )
            for kind, view in views.items()
        ],
        transformer_weights={kind: view.get("weight", 1.0) for kind, view in views.items()},
    )


class TriageModel(BaseEstimator):  # type: ignore[misc]
    """Leaves and natures of narratives.

    Parameters
    ----------
    views : dict
        See `feature_union`.
    linear : RatioSVC
        Of both heads.
    temperatures : (float, float), optional
        Of the leaf head and the nature head; fitted where left out.
    concept_codes : tuple of str
    seed : int

    Attributes
    ----------
    reader_ : NarrativeReader
    features_ : FeatureUnion
    leaves_, natures_ : CalibratedLinear
    """

    def __init__(
        self,
        *,
        views: dict[str, dict[str, Any]],
        linear: RatioSVC,
        temperatures: tuple[float, float] | None = None,
        concept_codes: tuple[str, ...] = (),
        seed: int = 0,
    ) -> None:
        self.views = views
        self.linear = linear
        self.temperatures = temperatures
        self.concept_codes = concept_codes
        self.seed = seed

    def fit(
        self,
        texts: Sequence[str | Document],
        leaves: Sequence[str],
        natures: Sequence[str],
        groups: Sequence[str],
        weights: Floats | None = None,
    ) -> Self:
        """Fit both heads on n narratives (or documents already read), weighed if told."""
        self.reader_ = NarrativeReader()
        self.features_ = feature_union(self.views, self.concept_codes)
        X = self.features_.fit_transform(self.reader_.transform(texts))
        leaf, nature = self.temperatures or (None, None)
        self.leaves_ = self._head(leaf).fit(X, leaves, groups, weights)
        self.natures_ = self._head(nature).fit(X, natures, groups, weights)
        return self

    def _head(self, temperature: float | None) -> CalibratedLinear:
        return CalibratedLinear(self.linear, temperature=temperature, seed=self.seed)

    @property
    def pipeline(self) -> Pipeline:
        """The reader, the features and the leaf head as one ordinary pipeline."""
        return Pipeline(
            [("read", self.reader_), ("features", self.features_), ("leaves", self.leaves_)]
        )

    def predict_proba(self, texts: Sequence[str | Document]) -> Floats:
        """Give leaf probabilities (n, n_leaves) in the order of `classes_`."""
        return np.asarray(self.pipeline.predict_proba(texts))

    def predict_nature_proba(self, texts: Sequence[str | Document]) -> Floats:
        """Give nature probabilities (n, n_natures) in the order of `natures_.classes_`."""
        X = self.features_.transform(self.reader_.transform(texts))
        return np.asarray(self.natures_.predict_proba(X))

    @property
    def classes_(self) -> NDArray[np.str_]:
        """Leaf codes in the order of the probabilities."""
        return np.asarray(self.leaves_.classes_)
