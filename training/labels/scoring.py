"""Leaf probabilities of many narratives, and the recipe a model was made by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from training.lines import Recipe
from triage.batches import batches
from triage.engine import Engine
from triage.errors import ArtifactRejected
from triage.features import Floats


def leaf_scores(engine: Engine, texts: Sequence[str]) -> Floats:
    """Give leaf probabilities (n, n_leaves), not corrected for any bank."""
    parts = [
        engine.classifier.score(engine.read.batch(texts[part])).leaves for part in batches(texts)
    ]
    return np.vstack(parts)


def recipe_of(manifest: Mapping[str, Any]) -> Recipe:
    """Give the recipe that a manifest names.

    Raises
    ------
    ArtifactRejected
        When it names none that this version can follow.
    """
    try:
        return Recipe(**manifest["recipe"])
    except (KeyError, TypeError) as exc:
        raise ArtifactRejected(
            "the manifest holds no recipe", cure="train the model again with this version"
        ) from exc
