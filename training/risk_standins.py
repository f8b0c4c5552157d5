"""Stand-ins for the text models, made from the authors' labels: perfect, or with noise.

They separate what the risk model loses from what the line model and the signal reader lose.
Figures reached with them are upper bounds or sketches, never a model's quality.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from training.corpus import LabelledRow, Mark
from triage.features import Floats
from triage.records import Mention
from triage.taxonomy import Taxonomy

Readings = tuple[Floats, Floats, list[tuple[Mention, ...]]]
Assess = Callable[[Sequence[str]], Readings]


@dataclass(frozen=True, slots=True)
class Noise:
    """How often the stand-ins err: shares of marks missed, decoys taken, labels confused."""

    missed: float = 0.0
    decoys_taken: float = 0.0
    invented: float = 0.0
    leaves: float = 0.0
    natures: float = 0.0


PERFECT = Noise()
NOISY = Noise(missed=0.18, decoys_taken=0.25, invented=0.03, leaves=0.15, natures=0.2)


def stand_in(
    rows: Sequence[LabelledRow], taxonomy: Taxonomy, *, noise: Noise = PERFECT, seed: int = 0
) -> Assess:
    """Make a reader that knows the rows' labels and errs as told.

    Raises
    ------
    KeyError
        The reader, on a text that no row has.
    """
    rng = np.random.default_rng(seed)
    leaves = _probabilities(rng, [r.leaf for r in rows], taxonomy.leaves, noise.leaves)
    kinds = [row.nature or "" for row in rows]
    natures = _probabilities(rng, kinds, taxonomy.nature_codes, noise.natures)
    mentions = [_mentions(rng, row, taxonomy.signal_codes, noise) for row in rows]
    place = {row.text: number for number, row in enumerate(rows)}

    def assess(texts: Sequence[str]) -> Readings:
        chosen = [place[text] for text in texts]
        return leaves[chosen], natures[chosen], [mentions[number] for number in chosen]

    return assess


def _probabilities(
    rng: np.random.Generator, labels: Sequence[str], codes: Sequence[str], wrong: float
) -> Floats:
    """Rows that sum to 1; the share `wrong` has another label on top."""
    truth = np.array([codes.index(label) if label in codes else -1 for label in labels])
    top = truth.copy()
    moved = rng.random(len(truth)) < wrong
    top[moved] = rng.integers(0, len(codes), int(moved.sum()))
    sure = rng.beta(8, 2, len(truth)) if wrong else np.ones(len(truth))
    spread = rng.dirichlet(np.full(len(codes), 0.3), len(truth)) * (1 - sure)[:, None]
    spread[np.arange(len(truth)), top] += sure
    return np.asarray(spread, dtype=np.float64)


def _mentions(
    rng: np.random.Generator, row: LabelledRow, codes: Sequence[str], noise: Noise
) -> tuple[Mention, ...]:
    kept = [mark for mark in row.signals if rng.random() >= noise.missed]
    kept += [mark for mark in row.decoys if rng.random() < noise.decoys_taken]
    if rng.random() < noise.invented:
        kept.append(Mark(str(rng.choice(codes)), 0, min(2, len(row.text))))
    return tuple(Mention(m.code, m.start, m.end, row.text[m.start : m.end]) for m in kept)
