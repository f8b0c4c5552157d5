"""Judges a model on labelled rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from training.boundaries import boundary_name
from training.cases import Case, as_cases
from training.corpus import LabelledRow
from training.figures import Figures, intervals
from training.judge_rows import Answers, answer
from training.judgement import (
    Bin,
    Confused,
    Judgement,
    LineFigures,
    Mistake,
    SignalFigures,
    Slice,
    Threshold,
)
from training.outcomes import UNKNOWN, Ints, Outcomes
from triage.engine import Engine, Pass
from triage.errors import InvalidInput
from triage.evaluation import Bools, Floats, Interval, f1, risk_coverage
from triage.taxonomy import Taxonomy

_CURVE_POINTS = 200
_BINS = 10
_ROUND = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_HARD_PAIRS = 15
_MISTAKES = 20
_EXCERPT = 160
_SLICE_LEAST = 5
# Upper ends of the bands of length, in characters: a one-liner, a paragraph, a letter.
_LENGTHS = (20, 60, 150, 400)


def judge(
    engine: Engine, rows: Sequence[LabelledRow | Case], *, seen: Pass | None = None
) -> Judgement:
    """Judge a model on labelled rows.

    Parameters
    ----------
    engine : Engine
    rows : sequence of LabelledRow or Case, length n
    seen : Pass, optional
        What the model sees in the rows, when that is known already: documents that were read
        before, or probabilities of models that had not been trained on the rows.

    Returns
    -------
    Judgement
        Every figure with its 95 % interval over whole groups.

    Raises
    ------
    InvalidInput
        When there are no rows.
    """
    if not rows:
        raise InvalidInput("no rows to judge on", cure="see the report of bad rows")
    cases = as_cases(rows)
    answers = answer(engine, cases, seen=seen)
    return _judgement(engine.version, engine.taxonomy, cases, answers)


def _judgement(
    version: str, taxonomy: Taxonomy, cases: Sequence[Case], answers: Answers
) -> Judgement:
    held = answers.outcomes
    figures = Figures(held, taxonomy.line_codes)
    every = dict(zip(figures.names, intervals(figures, held.groups), strict=True))
    table = figures.confusion(np.arange(len(held)))
    right, known = held.right, held.escalated != UNKNOWN
    return Judgement(
        model_version=version,
        taxonomy_version=taxonomy.version,
        rows=len(held),
        groups=len(set(held.groups)),
        figures={name: value for name, value in every.items() if ":" not in name},
        lines=_lines(held.truth, every),
        labels=figures.lines,
        confusion=tuple(tuple(row) for row in table.tolist()),
        hard_pairs=_hard_pairs(table, figures.lines),
        curve=_curve(held.confidence, right),
        thresholds=_thresholds(held.confidence, right),
        reliability=_reliability(held.confidence, right),
        risk_reliability=_reliability(held.risk[known], held.escalated[known] == 1),
        signals=_signals(cases, answers, taxonomy),
        slices=tuple(_slices(cases, held)),
        mistakes=_mistakes(held, answers.masked),
        outcomes=held,
    )


def _lines(truth: Sequence[str], every: dict[str, Interval]) -> tuple[LineFigures, ...]:
    counts = {line: truth.count(line) for line in set(truth)}
    return tuple(
        LineFigures(
            line, counts[line], *(every[f"{kind}:{line}"] for kind in ("precision", "recall", "f1"))
        )
        for line in sorted(counts, key=lambda code: (-counts[code], code))
    )


def _hard_pairs(table: Ints, labels: Sequence[str]) -> tuple[Confused, ...]:
    wrong = table - np.diag(np.diag(table))
    order = np.argsort(-wrong, axis=None, kind="stable")[:_HARD_PAIRS]
    pairs = [divmod(int(place), len(labels)) for place in order]
    return tuple(
        Confused(labels[t], labels[s], int(wrong[t, s]), int(table[t].sum()))
        for t, s in pairs
        if wrong[t, s]
    )


def _curve(confidence: Floats, right: Bools) -> tuple[Threshold, ...]:
    coverage, accuracy = risk_coverage(confidence, right)
    falling = np.sort(confidence)[::-1]
    places = np.unique(np.linspace(0, len(falling) - 1, _CURVE_POINTS).astype(int))
    return tuple(
        Threshold(float(falling[i]), float(coverage[i]), float(accuracy[i])) for i in places
    )


def _thresholds(confidence: Floats, right: Bools) -> tuple[Threshold, ...]:
    found = []
    for cut in _ROUND:
        kept = confidence >= cut
        accuracy = float(right[kept].mean()) if kept.any() else float("nan")
        found.append(Threshold(cut, float(kept.mean()), accuracy))
    return tuple(found)


def _reliability(promised: Floats, true: Bools) -> tuple[Bin, ...]:
    order = np.argsort(promised, kind="stable")
    return tuple(
        Bin(len(part), float(promised[part].mean()), float(true[part].mean()))
        for part in np.array_split(order, _BINS)
        if len(part)
    )


def _signals(
    cases: Sequence[Case], answers: Answers, taxonomy: Taxonomy
) -> tuple[SignalFigures, ...]:
    marked = [
        (case.signals, said - case.arguable, case.arguable)
        for case, said in zip(cases, answers.signals, strict=True)
        if case.signals is not None
    ]
    found = []
    for code in taxonomy.signal_codes:
        judged = [
            (code in real, code in said) for real, said, argued in marked if code not in argued
        ]
        real, said = sum(r for r, _ in judged), sum(s for _, s in judged)
        hit = sum(r and s for r, s in judged)
        if real or said:
            precision = hit / said if said else float("nan")
            recall = hit / real if real else float("nan")
            found.append(SignalFigures(code, real, precision, recall, f1(hit, said, real)))
    return tuple(found)


def _slices(cases: Sequence[Case], held: Outcomes) -> Iterator[Slice]:
    kinds: dict[str, Callable[[Case], str | None]] = {
        "register": lambda case: case.register,
        "channel": lambda case: case.context.channel,
        "length": lambda case: _length(len(case.text)),
        "rule": lambda case: None if case.rule is None else boundary_name(case.rule),
    }
    for kind, value_of in kinds.items():
        places: dict[str, list[int]] = {}
        for i, case in enumerate(cases):
            value = value_of(case)
            if value is not None:
                places.setdefault(value, []).append(i)
        for value in sorted(places, key=_natural):
            if len(places[value]) >= _SLICE_LEAST:
                yield _slice(kind, value, held.take(places[value]))


def _slice(kind: str, value: str, held: Outcomes) -> Slice:
    right = held.right
    (accuracy,) = intervals(lambda rows: np.array([right[rows].mean()]), held.groups, repeats=400)
    return Slice(kind, value, len(held), accuracy, float(held.given.mean()))


def _length(characters: int) -> str:
    low = 0
    for high in _LENGTHS:
        if characters <= high:
            return f"{low}-{high}"
        low = high + 1
    return f"{low}+"


def _natural(value: str) -> tuple[int, str]:
    digits = value.split("-", maxsplit=1)[0].rstrip("+")
    return (int(digits) if digits.isdecimal() else 0, value)


def _mistakes(held: Outcomes, masked: Sequence[str]) -> tuple[Mistake, ...]:
    wrong = np.flatnonzero(~held.right)
    order = wrong[np.argsort(-held.confidence[wrong], kind="stable")][:_MISTAKES]
    return tuple(
        Mistake(
            held.ids[i],
            held.truth[i],
            held.said[i],
            float(held.confidence[i]),
            masked[i][:_EXCERPT] + ("…" if len(masked[i]) > _EXCERPT else ""),
        )
        for i in order.tolist()
    )
