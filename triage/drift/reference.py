"""What a model was trained on, counted for drift, in one small file beside the model."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import orjson

from triage.artifact import read_manifest, read_verified
from triage.batches import BATCH
from triage.drift.views import Sample, Ticket, Views, fit_views, spread
from triage.engine import Engine, Pass
from triage.errors import ArtifactRejected
from triage.records import Context
from triage.risk.model import risk_matrix
from triage.taxonomy import split_leaf

FILE = "drift.npz"
_FACTS = "facts"
_COUNTS = "counts."
_NOTHING_KNOWN = Context()


@dataclass(frozen=True)
class Reference:
    """Counted tickets of a quiet time, and how they were counted."""

    views: Views
    sample: Sample

    @classmethod
    def of(cls, tickets: Sequence[Ticket], *, most: int) -> Reference:
        """Count some tickets, evenly over all."""
        kept = spread(tickets, most)
        views = fit_views(kept)
        return cls(views, views.count(kept))

    def save(self, folder: Path) -> None:
        """Write it into a model's folder; no text and no identifier is in it."""
        _, groups = np.unique(self.sample.groups, return_inverse=True)
        facts = {"kinds": dict(self.views.kinds), "edges": dict(self.views.edges)}
        arrays = {f"{_COUNTS}{view}": counts for view, counts in self.sample.counts.items()}
        arrays["groups"] = groups.astype(np.int32)
        arrays["wordings"] = np.array(self.sample.wordings, dtype=np.uint64)
        arrays[_FACTS] = np.frombuffer(orjson.dumps(facts), dtype=np.uint8)
        with (folder / FILE).open("wb") as file:
            # The stubs of numpy read the names of the arrays as options.
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, folder: Path) -> Reference:
        """Read it from a model's folder.

        Raises
        ------
        ArtifactRejected
            When it is missing or damaged, or differs from the manifest.
        """
        manifest = read_manifest(folder)
        try:
            # Manifests of earlier versions do not name it.
            named = FILE in manifest["files"]
            content = (
                read_verified(folder, FILE, manifest) if named else (folder / FILE).read_bytes()
            )
            with np.load(io.BytesIO(content), allow_pickle=False) as held:
                facts = orjson.loads(held[_FACTS].tobytes())
                groups = tuple(f"reference {number}" for number in held["groups"].tolist())
                views = Views(
                    {view: tuple(kinds) for view, kinds in facts["kinds"].items()},
                    {view: tuple(edges) for view, edges in facts["edges"].items()},
                )
                wordings = tuple(held["wordings"].tolist())
                counts = {view: held[f"{_COUNTS}{view}"] for view in views.names}
        except (OSError, KeyError, ValueError, TypeError, BadZipFile) as exc:
            raise ArtifactRejected(
                f"{folder.name} has no usable {FILE} to compare with",
                cure="train the model again, or hand in --reference",
            ) from exc
        return cls(views, Sample(counts, groups, wordings))


def tickets_of(
    engine: Engine,
    texts: Sequence[str],
    *,
    ids: Sequence[str],
    contexts: Sequence[Context] | None = None,
    groups: Sequence[str] | None = None,
) -> list[Ticket]:
    """Read and score narratives as drift looks at them, a batch at a time."""
    known = contexts or [_NOTHING_KNOWN] * len(texts)
    own = groups or [""] * len(texts)
    found: list[Ticket] = []
    for start in range(0, len(texts), BATCH):
        part = slice(start, start + BATCH)
        seen = engine.look(texts[part])
        found += seen_tickets(engine, seen, ids=ids[part], contexts=known[part], groups=own[part])
    return found


def seen_tickets(
    engine: Engine,
    seen: Pass,
    *,
    ids: Sequence[str],
    contexts: Sequence[Context],
    groups: Sequence[str],
) -> list[Ticket]:
    """Give the tickets of narratives that were read and scored already."""
    ranking = engine.decider.rank(seen.scores.leaves)
    leaves = [engine.decider.leaves[top] for top in ranking.tops.tolist()]
    texts = [document.text for document in seen.documents]
    scores = (seen.scores.leaves, seen.scores.natures)
    risk = engine.risk.predict(risk_matrix(*scores, seen.mentions, texts, contexts))
    return [
        Ticket(
            id=ids[i],
            words=tuple(document.words),
            line=split_leaf(leaves[i])[0],
            confidence=float(ranking.confidence[i]),
            risk=float(risk[i]),
            channel=contexts[i].channel,
            group=groups[i],
        )
        for i, document in enumerate(seen.documents)
    ]
