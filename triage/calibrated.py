"""Answers told with the calibration they were made with, and the lines that come into question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from triage.conformal import sets
from triage.decision import LineDecider, Ranking
from triage.records import Assessment, Calibrated
from triage.shift import Shift


def with_sets(
    answers: Sequence[Assessment], ranking: Ranking, shift: Shift, decider: LineDecider
) -> list[Assessment]:
    """Add to n answers their sets of lines.

    Parameters
    ----------
    answers : sequence of Assessment, length n
    ranking : Ranking
        Of the n rows, corrected.
    shift : Shift
    decider : LineDecider

    Returns
    -------
    list of Assessment, length n
        A line that nobody is shown is in no set. What is promised stays true of the others, since
        it holds line by line.
    """
    if not shift.cuts:
        alone = Calibrated(shift.version, shift.coverage, None)
        return [replace(answer, calibrated=alone) for answer in answers]
    found = sets(ranking.lines, decider.lines, shift.cuts)
    if decider.modes.hides:
        hidden = {line for line in decider.lines if decider.modes.of(line).hidden}
        found = [tuple(line for line in each if line not in hidden) for each in found]
    return [
        replace(answer, calibrated=Calibrated(shift.version, shift.coverage, each))
        for answer, each in zip(answers, found, strict=True)
    ]
