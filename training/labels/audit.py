"""Rows of a labelled file that somebody should look at again, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize as to_length_one

from training.bank_groups import template_clusters
from training.corpus import LabelledRow
from training.estimators import feature_union
from training.labels.doubts import Doubts, doubts
from training.labels.unseen import Opinions
from training.lines import Recipe
from triage.features import Floats
from triage.reading import Document, TextReader

LABEL, COPY, OUTLIER = "label", "copy", "outlier"
# A template with other numbers in it, not merely the same matter.
_COPIES = 0.7
_OUTLIERS = 0.01
_DIMENSIONS, _NEIGHBOURS = 100, 5


class Finding(NamedTuple):
    """One row to look at again.

    Attributes
    ----------
    position : int
        Of the row.
    kind : str
        `label`: models that had not seen the row say something else. `copy`: nearly the same
        text has another label. `outlier`: no other row is like it.
    score : float
        In [0, 1]; the most suspicious row of a kind has the largest.
    suggested : str or None
        A leaf.
    others : tuple of int
        Positions of the rows it disagrees with.
    """

    position: int
    kind: str
    score: float
    suggested: str | None = None
    others: tuple[int, ...] = ()


def audit(
    rows: Sequence[LabelledRow],
    said: Opinions,
    documents: Sequence[Document],
    recipe: Recipe,
    read: TextReader,
) -> list[Finding]:
    """Find suspicious rows: labels first, then copies, then outliers, the worst in front."""
    found = list(label_findings(said, doubts(said.probabilities, said.column)))
    found += sorted(copy_findings(rows), key=lambda one: -one.score)
    union = feature_union(recipe.views, read.finder.codes)
    return found + list(outlier_findings(union.fit_transform(list(documents))))


def label_findings(said: Opinions, doubted: Doubts) -> Iterator[Finding]:
    """Give as many rows as labels are expected to be wrong, by how improbable their label is."""
    for position in doubted.order[: doubted.expected].tolist():
        leaf = said.leaves[int(doubted.other[position])]
        yield Finding(position, LABEL, 1.0 - float(doubted.given[position]), leaf)


def copy_findings(rows: Sequence[LabelledRow]) -> Iterator[Finding]:
    """Give rows of which nearly the same text has another leaf; the score is how many differ."""
    inside: dict[int, list[int]] = defaultdict(list)
    for position, cluster in enumerate(template_clusters([r.text for r in rows], jaccard=_COPIES)):
        inside[cluster].append(position)
    for members in inside.values():
        leaves = [rows[position].leaf for position in members]
        if len(set(leaves)) == 1:
            continue
        common = max(sorted(set(leaves)), key=leaves.count)
        for position, leaf in zip(members, leaves, strict=True):
            others = tuple(p for p in members if rows[p].leaf != leaf)
            suggested = None if leaf == common else common
            yield Finding(position, COPY, len(others) / len(members), suggested, others)


def outlier_findings(matrix: Any) -> Iterator[Finding]:
    """Give the rows farthest from their nearest neighbours, one in a hundred."""
    places = compressed(matrix)
    near = NearestNeighbors(n_neighbors=min(_NEIGHBOURS + 1, len(places))).fit(places)
    # The nearest neighbour of a row is itself; half the square of a chord is 1 - cosine.
    far = (near.kneighbors(places)[0][:, 1:] ** 2).mean(axis=1) / 2
    count = int(np.ceil(len(places) * _OUTLIERS))
    for position in np.argsort(-far, kind="stable")[:count].tolist():
        yield Finding(position, OUTLIER, float(min(far[position], 1.0)))


def compressed(matrix: Any, seed: int = 0) -> Floats:
    """Put sparse rows into few dimensions, each of length one."""
    wide = min(_DIMENSIONS, min(matrix.shape) - 1)
    return np.asarray(to_length_one(TruncatedSVD(wide, random_state=seed).fit_transform(matrix)))


def finding_body(found: Finding, rows: Sequence[LabelledRow], said: Opinions) -> dict[str, Any]:
    """Turn a finding into a JSON line; the text is the masked one."""
    row = rows[found.position]
    return {
        "id": row.id,
        "found": found.kind,
        "score": round(found.score, 4),
        "label": row.leaf,
        "label_probability": round(
            float(said.probabilities[found.position, said.column[found.position]]), 4
        ),
        "suggested": found.suggested,
        "others": [rows[position].id for position in found.others],
        "text": row.text,
    }
