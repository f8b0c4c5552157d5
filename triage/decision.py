"""From leaf probabilities to a line, its alternatives, secondary lines, or an abstention."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triage.features import Floats, Ints
from triage.records import LineScore
from triage.taxonomy import FALLBACK_LINE, split_leaf

_HAN = re.compile("[㐀-䶿一-鿿]")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Numbers chosen at training time, kept in the model.

    Attributes
    ----------
    abstain_below : float
        A line less probable than this is not given (chosen on the risk-coverage curve).
    secondary_above : float
        Another line at least this probable is a secondary line.
    least_han : int
        A narrative with fewer Chinese characters cannot be read.
    """

    abstain_below: float
    secondary_above: float
    least_han: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The line of one narrative."""

    leaf: str
    probability: float
    abstain_reason: str | None
    alternatives: tuple[LineScore, ...]
    secondary: tuple[str, ...]


class LineDecider:
    """Decides lines from leaf probabilities.

    Parameters
    ----------
    leaves : sequence of str
        The columns of the probabilities.
    thresholds : Thresholds
    """

    def __init__(self, leaves: Sequence[str], thresholds: Thresholds) -> None:
        self.leaves = tuple(leaves)
        self.thresholds = thresholds
        self._pairs = [split_leaf(leaf) for leaf in self.leaves]
        self.lines = tuple(dict.fromkeys(line for line, _ in self._pairs))
        self._line_of = np.array([self.lines.index(line) for line, _ in self._pairs])

    def line_probabilities(self, leaves: Floats) -> Floats:
        """Sum leaves (n, n_leaves) to lines (n, n_lines)."""
        onto = np.zeros((len(self.leaves), len(self.lines)))
        onto[np.arange(len(self.leaves)), self._line_of] = 1.0
        return np.asarray(leaves @ onto)

    def tops(self, leaves: Floats) -> Ints:
        """Column of the best leaf within the best line, one a row."""
        best = self.line_probabilities(leaves).argmax(axis=1)
        inside = self._line_of[None, :] == best[:, None]
        return np.asarray(np.where(inside, leaves, -1.0).argmax(axis=1))

    def confidence(self, leaves: Floats) -> Floats:
        """Probability of the best line, one a row: what abstaining is decided on."""
        return np.asarray(self.line_probabilities(leaves).max(axis=1))

    def refusal(self, text: str, confidence: float) -> str | None:
        """Tell why no line is given, if none is."""
        if len(_HAN.findall(text)) < self.thresholds.least_han:
            return "no_chinese_text"
        return "low_confidence" if confidence < self.thresholds.abstain_below else None

    def decide(self, text: str, leaves: Floats, top: int, confidence: float) -> Decision:
        """Decide one narrative.

        Parameters
        ----------
        text : str
            Normalised.
        leaves : array, length n_leaves
        top : int
            From `tops`.
        confidence : float
            From `confidence`.

        Returns
        -------
        Decision
            `probability` and those of the alternatives sum to 1; when abstaining the best leaf
            is among the alternatives instead.
        """
        reason = self.refusal(text, confidence)
        values = leaves.tolist()
        order = sorted(range(len(values)), key=lambda i: (i != top, -values[i]))
        given = order if reason else order[1:]
        return Decision(
            leaf=self.leaves[top],
            probability=values[top],
            abstain_reason=reason,
            alternatives=tuple(LineScore(*self._pairs[i], values[i]) for i in given),
            secondary=() if reason else self._secondary(leaves, top),
        )

    def _secondary(self, leaves: Floats, top: int) -> tuple[str, ...]:
        totals = np.bincount(self._line_of, weights=leaves)
        own = self._line_of[top]
        order = np.argsort(-totals, kind="stable")
        return tuple(
            self.lines[i]
            for i in order.tolist()
            if i != own
            and totals[i] >= self.thresholds.secondary_above
            and self.lines[i] != FALLBACK_LINE
        )
