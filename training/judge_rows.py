"""What a model answers to labelled rows, as outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from training.cases import Case
from training.corpus import text_digest
from training.outcomes import UNKNOWN, Ints, Outcomes
from triage.batches import BATCH
from triage.classifier import LineScores
from triage.engine import Engine, Pass
from triage.errors import InvalidInput
from triage.evaluation import Bools, Floats
from triage.risk.model import risk_matrix
from triage.taxonomy import split_leaf


@dataclass(frozen=True)
class Answers:
    """Outcomes of n rows with what the report shows of them.

    Attributes
    ----------
    outcomes : Outcomes
    masked : list of str
        Narratives without personal data.
    signals : list of frozenset of str
        Codes that the model tags.
    """

    outcomes: Outcomes
    masked: list[str]
    signals: list[frozenset[str]]


def answer(engine: Engine, cases: Sequence[Case], *, seen: Pass | None = None) -> Answers:
    """Let a model answer labelled rows.

    Parameters
    ----------
    seen : Pass, optional
        Of the same rows in the same order; read and scored here when not given.

    Raises
    ------
    InvalidInput
        When `seen` is of other rows.
    """
    if seen is not None and len(seen.documents) != len(cases):
        raise InvalidInput(f"{len(cases)} rows, but {len(seen.documents)} were seen")
    parts = []
    for start in range(0, len(cases), BATCH):
        part = slice(start, start + BATCH)
        batch = engine.look([c.text for c in cases[part]]) if seen is None else _cut(seen, part)
        parts.append(_answer(engine, cases[part], batch))
    return _joined(parts)


def _cut(seen: Pass, part: slice) -> Pass:
    scores = seen.scores
    held = LineScores(scores.leaves[part], scores.natures[part], scores.margins[part])
    return Pass(seen.documents[part], held, seen.mentions[part])


def _answer(engine: Engine, cases: Sequence[Case], seen: Pass) -> Answers:
    ranking = engine.rank(seen.scores.leaves)
    tops = [split_leaf(engine.decider.leaves[top]) for top in ranking.tops.tolist()]
    sure = ranking.confidence
    natures = [engine.natures[i] for i in seen.scores.natures.argmax(axis=1)]
    codes = frozenset(engine.taxonomy.signal_codes)
    signals = [
        frozenset(m.code for m in found if m.status.counts and m.code in codes)
        for found in seen.mentions
    ]
    outcomes = Outcomes(
        ids=tuple(case.id for case in cases),
        groups=tuple(case.group or case.id for case in cases),
        truth=tuple(case.line for case in cases),
        said=tuple(line for line, _ in tops),
        confidence=np.asarray(sure, dtype=np.float64),
        given=_given(engine, seen, sure),
        leaf_right=_marks(_leaf_right(engine, c, t) for c, t in zip(cases, tops, strict=True)),
        nature_right=_marks(
            None if case.nature is None else case.nature == said
            for case, said in zip(cases, natures, strict=True)
        ),
        signals=_signal_counts(cases, signals),
        secondary=_secondary_counts(cases, engine.decider.seconds(ranking, seen.scores.margins)),
        risk=_risk(engine, cases, seen),
        escalated=_marks(case.escalated_30d for case in cases),
        digests=tuple(text_digest(case.text) for case in cases),
    )
    return Answers(outcomes, [document.masked for document in seen.documents], signals)


def _given(engine: Engine, seen: Pass, sure: Floats) -> Bools:
    return np.array(
        [
            engine.decider.refusal(document.text, float(probability)) is None
            for document, probability in zip(seen.documents, sure, strict=True)
        ],
        dtype=bool,
    )


def _marks(values: Iterable[bool | None]) -> Ints:
    return np.array([UNKNOWN if v is None else int(v) for v in values], dtype=np.int64)


def _leaf_right(engine: Engine, case: Case, said: tuple[str, str | None]) -> bool | None:
    """Judge the leaf only where the row names one."""
    if case.leaf not in engine.decider.leaves:
        return None
    return (case.line, case.subline) == said


def _signal_counts(cases: Sequence[Case], signals: Sequence[frozenset[str]]) -> Ints:
    counts = np.full((len(cases), 3), UNKNOWN, dtype=np.int64)
    for i, (case, found) in enumerate(zip(cases, signals, strict=True)):
        if case.signals is not None:
            said, real = found - case.arguable, case.signals - case.arguable
            counts[i] = len(said & real), len(said), len(real)
    return counts


def _secondary_counts(cases: Sequence[Case], found: Sequence[Sequence[str]]) -> Ints:
    counts = np.full((len(cases), 3), UNKNOWN, dtype=np.int64)
    for i, (case, said) in enumerate(zip(cases, found, strict=True)):
        if case.secondary is not None:
            counts[i] = len(set(said) & set(case.secondary)), len(said), len(case.secondary)
    return counts


def _risk(engine: Engine, cases: Sequence[Case], seen: Pass) -> Floats:
    known = np.array([case.escalated_30d is not None for case in cases])
    if not known.any():
        return np.full(len(cases), np.nan)
    matrix = risk_matrix(
        seen.scores.leaves,
        seen.scores.natures,
        seen.mentions,
        [document.text for document in seen.documents],
        [case.context for case in cases],
    )
    return np.where(known, engine.risk.predict(matrix), np.nan)


def _joined(parts: Sequence[Answers]) -> Answers:
    held = [part.outcomes for part in parts]
    outcomes = Outcomes(
        ids=tuple(i for part in held for i in part.ids),
        groups=tuple(g for part in held for g in part.groups),
        truth=tuple(t for part in held for t in part.truth),
        said=tuple(s for part in held for s in part.said),
        confidence=np.concatenate([part.confidence for part in held]),
        given=np.concatenate([part.given for part in held]),
        leaf_right=np.concatenate([part.leaf_right for part in held]),
        nature_right=np.concatenate([part.nature_right for part in held]),
        signals=np.concatenate([part.signals for part in held]),
        secondary=np.concatenate([part.secondary for part in held]),
        risk=np.concatenate([part.risk for part in held]),
        escalated=np.concatenate([part.escalated for part in held]),
        digests=tuple(d for part in held for d in part.digests),
    )
    return Answers(
        outcomes,
        [text for part in parts for text in part.masked],
        [found for part in parts for found in part.signals],
    )
