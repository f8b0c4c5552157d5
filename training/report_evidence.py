"""Which words of a mistaken row pushed it to the line that the model named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from training.cases import Case
from training.judgement import Mistake
from triage.engine import Engine
from triage.evidence import evidence
from triage.features import Floats, Ints
from triage.masking.mask import mask
from triage.records import Reason
from triage.taxonomy import split_leaf

Piece = tuple[str, bool]
Span = tuple[int, int]

_LONGEST = 240
_BEFORE = 40


def mistakes_told(
    engine: Engine, cases: Sequence[Case], mistakes: Sequence[Mistake]
) -> dict[str, tuple[Piece, ...]]:
    """Explain mistakes by the model's own evidence for the line it named.

    Parameters
    ----------
    engine : Engine
    cases : sequence of Case
        The judged rows, the mistaken ones among them.
    mistakes : sequence of Mistake

    Returns
    -------
    dict of id to pieces
        The masked narrative, cut where it is long, as words and whether they are evidence.
    """
    wrong = {mistake.id: mistake.said for mistake in mistakes}
    rows = [case for case in cases if case.id in wrong]
    if not rows:
        return {}
    texts = [mask(case.text).text for case in rows]
    reading = engine.read.batch(texts)
    scores = engine.classifier.score(reading)
    found = evidence(
        scores.basis,
        reading.documents,
        texts,
        columns=_columns(engine, scores.leaves, [wrong[case.id] for case in rows]),
        scale=engine.classifier.temperatures[0],
    )
    return {
        case.id: tuple(excerpt(text, spans_of(told)))
        for case, text, told in zip(rows, texts, found, strict=True)
    }


def pieces(
    text: str, spans: Sequence[Span], *, start: int = 0, end: int | None = None
) -> Iterator[Piece]:
    """Cut a text, or a part of it, into words and whether they are within a span.

    Parameters
    ----------
    text : str
    spans : sequence of (int, int)
        Start and end in code points, in any order; where two overlap the later begins after
        the earlier.
    start, end : int
        Of the part.
    """
    at, last = start, len(text) if end is None else end
    for span in sorted(spans):
        low, high = max(span[0], at), min(span[1], last)
        if high > low:
            yield from ((text[at:low], False), (text[low:high], True))
            at = high
    yield text[at:last], False


def excerpt(text: str, spans: Sequence[Span]) -> Iterator[Piece]:
    """Give the `pieces` of a text; of a long one those around the first span."""
    start, end = 0, len(text)
    if end > _LONGEST:
        first = min(spans, default=(0, 0))
        start = 0 if first[1] <= _LONGEST else max(0, first[0] - _BEFORE)
        end = min(end, start + _LONGEST)
    cut = [("…" if start else "", False), *pieces(text, spans, start=start, end=end)]
    cut.append(("…" if end < len(text) else "", False))
    return ((words, pushed) for words, pushed in cut if words)


def spans_of(reasons: Sequence[Reason]) -> list[Span]:
    """Give where reasons stand, those that stand nowhere left out."""
    return [(r.start, r.end) for r in reasons if r.start is not None and r.end is not None]


def _columns(engine: Engine, leaves: Floats, lines: Sequence[str]) -> Ints:
    """Give the likeliest leaf of each row's line."""
    owners = np.array([split_leaf(leaf)[0] for leaf in engine.decider.leaves])
    return np.array(
        [
            np.where(owners == line, row, -1.0).argmax()
            for row, line in zip(leaves, lines, strict=True)
        ],
        dtype=np.int64,
    )
