"""From the fitted pipeline to the plain arrays that are served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from training.estimators import TriageModel
from training.linear import CalibratedLinear
from triage.artifact import pack_arrays, pack_vocabulary
from triage.taxonomy import Taxonomy

Floats = NDArray[np.float64]

# A label that no training row had: its probability must be nothing, not a guess.
_NEVER = -1e3


def export_lines(model: TriageModel, taxonomy: Taxonomy) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Turn a fitted model into files.

    Returns
    -------
    files : dict of name to content
        `lines.npz` and one vocabulary a block.
    facts : dict
        `leaves`, `natures`, `temperatures` for model.json and `vocabularies` for the manifest.
    """
    coef, bias, temperatures = _heads(model, taxonomy)
    arrays: dict[str, NDArray[Any]] = {"bias": bias}
    files: dict[str, bytes] = {}
    vocabularies: dict[str, str] = {}
    first = 0
    for kind, vectorizer in model.features_.transformer_list:
        features = _features(vectorizer)
        last = first + len(features)
        share = model.features_.transformer_weights[kind]
        arrays[f"{kind}_idf"] = np.asarray(vectorizer.idf_, dtype=np.float64)
        arrays[f"{kind}_weights"] = (coef[first:last] * share).astype(np.float32)
        vocabularies[kind] = f"{kind}.txt"
        files[f"{kind}.txt"] = pack_vocabulary(features)
        first = last
    files["lines.npz"] = pack_arrays(arrays)
    facts = {
        "leaves": list(taxonomy.leaves),
        "natures": list(taxonomy.nature_codes),
        "temperatures": temperatures,
        "vocabularies": vocabularies,
    }
    return files, facts


def _features(vectorizer: TfidfVectorizer) -> list[str]:
    return [str(feature) for feature in vectorizer.get_feature_names_out()]


def _heads(model: TriageModel, taxonomy: Taxonomy) -> tuple[Floats, Floats, list[float]]:
    parts = [
        _head(model.leaves_, taxonomy.leaves),
        _head(model.natures_, taxonomy.nature_codes),
    ]
    coef = np.hstack([coef for coef, _, _ in parts])
    bias = np.concatenate([bias for _, bias, _ in parts])
    return coef, bias, [temperature for _, _, temperature in parts]


def _head(head: CalibratedLinear, labels: Sequence[str]) -> tuple[Floats, Floats, float]:
    linear, temperature = head.linear_, head.temperature_
    coef = np.zeros((linear.coef_.shape[1], len(labels)))
    bias = np.full(len(labels), _NEVER)
    own_coef, own_bias = _full(linear.coef_, linear.intercept_)
    for row, label in enumerate(head.classes_):
        column = list(labels).index(label)
        coef[:, column] = own_coef[row]
        bias[column] = own_bias[row]
    return coef, bias, temperature


def _full(coef: Floats, intercept: Floats) -> tuple[Floats, Floats]:
    # Of two classes scikit-learn keeps one row of weights; its calibration reads it as (-x, x).
    if len(coef) > 1:
        return coef, intercept
    return np.vstack([-coef, coef]), np.concatenate([-intercept, intercept])
