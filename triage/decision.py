"""From leaf probabilities to a line, its alternatives, secondary lines, or an abstention."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triage.features import Floats, Ints
from triage.kernels.ranking import order_rows
from triage.records import LineScore
from triage.taxonomy import FALLBACK_LINE, split_leaf

# Past the checks of a named tuple: there are some twenty to a narrative.
_score = tuple.__new__
_HAN = "㐀-䶿一-鿿"


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

    line: str
    subline: str | None
    probability: float
    abstain_reason: str | None
    alternatives: tuple[LineScore, ...]
    secondary: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What stands first in n rows of probabilities.

    Attributes
    ----------
    leaves, lines : arrays (n, n_leaves) and (n, n_lines)
    tops : array of int, length n
        Column of the best leaf within the best line.
    confidence : array, length n
        Probability of the best line: what abstaining is decided on.
    """

    leaves: Floats
    lines: Floats
    tops: Ints
    confidence: Floats


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
        self._enough_han = re.compile(f"(?:[{_HAN}][^{_HAN}]*+){{{thresholds.least_han}}}")
        self.pairs = [split_leaf(leaf) for leaf in self.leaves]
        self.lines = tuple(dict.fromkeys(line for line, _ in self.pairs))
        self._line_of = np.array([self.lines.index(line) for line, _ in self.pairs])
        self._onto = np.zeros((len(self.leaves), len(self.lines)))
        self._onto[np.arange(len(self.leaves)), self._line_of] = 1.0

    def line_probabilities(self, leaves: Floats) -> Floats:
        """Sum leaves (n, n_leaves) to lines (n, n_lines)."""
        return np.asarray(leaves @ self._onto)

    def rank(self, leaves: Floats) -> Ranking:
        """Find the best line of each row, and the best leaf within it."""
        lines = self.line_probabilities(leaves)
        best = lines.argmax(axis=1)
        inside = self._line_of[None, :] == best[:, None]
        tops = np.where(inside, leaves, -1.0).argmax(axis=1)
        return Ranking(leaves, lines, tops, lines[np.arange(len(lines)), best])

    def refusal(self, text: str, confidence: float) -> str | None:
        """Tell why no line is given, if none is."""
        if not self._enough_han.search(text):
            return "no_chinese_text"
        return "low_confidence" if confidence < self.thresholds.abstain_below else None

    def decide(self, texts: Sequence[str], ranking: Ranking) -> list[Decision]:
        """Decide narratives.

        Parameters
        ----------
        texts : sequence of str, length n
            Normalised.
        ranking : Ranking
            Of n rows.

        Returns
        -------
        list of Decision, length n
            `probability` and those of the alternatives sum to 1; when abstaining the best leaf
            is among the alternatives instead.
        """
        leaves, tops = ranking.leaves, ranking.tops
        sure = ranking.confidence.tolist()
        refusals = [self.refusal(*each) for each in zip(texts, sure, strict=True)]
        order: Ints = np.empty(leaves.shape, dtype=np.int64)
        order_rows(leaves, tops, order)
        ordered: list[list[int]] = order.tolist()
        rows: list[list[float]] = leaves.tolist()
        decisions = []
        for places, values, refused, seconds in zip(
            ordered, rows, refusals, self.seconds(ranking), strict=True
        ):
            scores = tuple([_score(LineScore, (*self.pairs[i], values[i])) for i in places])
            decisions.append(
                Decision(
                    line=scores[0].line,
                    subline=scores[0].subline,
                    probability=scores[0].probability,
                    abstain_reason=refused,
                    alternatives=scores if refused else scores[1:],
                    secondary=() if refused else seconds,
                )
            )
        return decisions

    def seconds(self, ranking: Ranking) -> list[tuple[str, ...]]:
        """Other lines that are probable enough, the most probable first."""
        totals = ranking.lines
        likely = totals >= self.thresholds.secondary_above
        likely[np.arange(len(totals)), self._line_of[ranking.tops]] = False
        if FALLBACK_LINE in self.lines:
            likely[:, self.lines.index(FALLBACK_LINE)] = False
        found: list[tuple[str, ...]] = [()] * len(totals)
        for row in np.flatnonzero(likely.any(axis=1)).tolist():
            places = np.argsort(-totals[row], kind="stable").tolist()
            found[row] = tuple(self.lines[i] for i in places if likely[row, i])
        return found
