from __future__ import annotations

import numpy as np

from training.corpus import LabelledRow
from training.estimators import feature_union
from training.folds import count_features
from training.train import load_recipe
from triage.reading import TextReader


def test_counts_weighed_in_a_fold_are_the_features_of_its_documents(
    corpus: list[LabelledRow],
) -> None:
    read = TextReader()
    documents = read.many([row.text for row in corpus[:300]])
    views, codes = load_recipe().views, read.finder.codes
    counts, union = count_features(documents, views, codes)
    known, asked = np.arange(0, 200), np.arange(200, 300)
    plain = feature_union(views, codes).fit([documents[i] for i in known])
    union.fit(counts[known])
    for rows in (known, asked):
        wanted = plain.transform([documents[i] for i in rows])
        found = union.transform(counts[rows])
        assert found.shape == wanted.shape
        assert abs(found - wanted).max() < 1e-12
