"""From leaf probabilities to a line, its alternatives, secondary lines, or an abstention."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from triage.features import Floats, Ints, Points
from triage.kernels.ranking import best_lines, order_rows
from triage.modes import ALL_AUTO, FieldModes, Mode
from triage.records import LineScore
from triage.taxonomy import FALLBACK_LINE, split_leaf

# Past the checks of a named tuple: there are some twenty to a narrative.
_score = tuple.__new__
_HAN = "㐀-䶿一-鿿"
# One kana is an ornament of Chinese (の), two in a row are Japanese. Written twice: with a count
# the engine does not skip to the first of them.
_KANA = re.compile("[ぁ-ゖァ-ヺ]")
_JAPANESE = re.compile("[ぁ-ゖァ-ヺ][ぁ-ゖァ-ヺ]")
_IS_HAN = re.compile(f"[{_HAN}]")
_FIRST_KANA, _KANA_BLOCKS = np.uint32(0x3041), np.uint32(0x30FA - 0x3041 + 1)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Numbers chosen at training time, kept in the model.

    Attributes
    ----------
    abstain_below : float
        A line less probable than this is not given (chosen on the risk-coverage curve).
    secondary_above : float
        Another line that scores at least this is a secondary line.
    least_han : int
        A narrative with fewer Chinese characters cannot be read.
    by_margin : bool
        Whether a line scores the margin of its best leaf; else, in models of format 2, its
        probability.
    """

    abstain_below: float
    secondary_above: float
    least_han: int
    by_margin: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The line of one narrative; `mode` is that of its best line, `held` what is kept unseen."""

    line: str
    subline: str | None
    probability: float
    abstain_reason: str | None
    alternatives: tuple[LineScore, ...]
    secondary: tuple[str, ...]
    mode: Mode = Mode.AUTO
    held: LineScore | None = None

    @property
    def suggested(self) -> bool:
        """Whether a line is given that a person is to settle."""
        return self.mode is Mode.SUGGEST and self.abstain_reason is None


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
    modes : FieldModes
        How far the answer for each line may go.
    """

    def __init__(
        self, leaves: Sequence[str], thresholds: Thresholds, modes: FieldModes = ALL_AUTO
    ) -> None:
        self.leaves = tuple(leaves)
        self.thresholds = thresholds
        self.modes = modes
        self._enough_han = re.compile(f"(?:[{_HAN}][^{_HAN}]*+){{{thresholds.least_han}}}")
        self.pairs = [split_leaf(leaf) for leaf in self.leaves]
        self.lines = tuple(dict.fromkeys(line for line, _ in self.pairs))
        self._line_of = np.array([self.lines.index(line) for line, _ in self.pairs])

    def line_probabilities(self, leaves: Floats) -> Floats:
        """Sum leaves (n, n_leaves) to lines (n, n_lines)."""
        return self.rank(leaves).lines

    def rank(self, leaves: Floats) -> Ranking:
        """Find the best line of each row, and the best leaf within it."""
        rows = len(leaves)
        lines, tops = np.zeros((rows, len(self.lines))), np.empty(rows, dtype=np.int64)
        best = np.empty(rows)
        best_lines(leaves, self._line_of, (lines, tops, best))
        return Ranking(leaves, lines, tops, best)

    def refusal(self, text: str, confidence: float, *, kana: bool = True) -> str | None:
        """Tell why no line is given, if none is; `kana` says whether the text may hold any."""
        if not self._enough_han.search(text) or (kana and _is_japanese(text)):
            return "no_chinese_text"
        return "low_confidence" if confidence < self.thresholds.abstain_below else None

    def withheld(self, line: str) -> str | None:
        """Tell why a line is not shown, if it is not."""
        mode = self.modes.of(line)
        return f"line_{mode}" if mode.hidden else None

    def leading(
        self, texts: Sequence[str], ranking: Ranking, *, kana: bool = True
    ) -> Iterator[tuple[str | None, str | None, float]]:
        """Give line, subline and the leaf's probability alone; see `decide` and `refusal`."""
        moded = not self.modes.plain
        best = ranking.leaves[np.arange(len(texts)), ranking.tops].tolist()
        columns = ranking.tops.tolist(), ranking.confidence.tolist(), best
        for text, top, confidence, probability in zip(texts, *columns, strict=True):
            line, subline = self.pairs[top]
            if moded and self.withheld(line) is not None:
                yield None, None, 0.0
            elif self.refusal(text, confidence, kana=kana):
                yield None, None, probability
            else:
                yield line, subline, probability

    def decide(self, texts: Sequence[str], ranking: Ranking, margins: Floats) -> list[Decision]:
        """Decide narratives.

        Parameters
        ----------
        texts : sequence of str, length n
            Normalised.
        ranking : Ranking
            Of n rows.
        margins : array (n, n_leaves)
            See `triage.classifier.LineScores`.

        Returns
        -------
        list of Decision, length n
            `probability` and those of the alternatives sum to 1; when abstaining the best leaf
            is among the alternatives instead. Of lines that are not shown nothing is there, and
            what is missing to 1 is theirs.
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
            ordered, rows, refusals, self.seconds(ranking, margins), strict=True
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
        return decisions if self.modes.plain else [self._moded(each) for each in decisions]

    def _moded(self, chosen: Decision) -> Decision:
        """Take from a decision what its reader is not to see."""
        mode = self.modes.of(chosen.line)
        others = tuple(s for s in chosen.alternatives if not self.modes.of(s.line).hidden)
        seconds = tuple(line for line in chosen.secondary if not self.modes.of(line).hidden)
        shown = replace(chosen, mode=mode, alternatives=others, secondary=seconds)
        if not mode.hidden:
            return shown
        best = LineScore(chosen.line, chosen.subline, chosen.probability)
        return replace(
            shown,
            # How sure it was would tell of the line itself.
            probability=0.0,
            abstain_reason=chosen.abstain_reason or self.withheld(chosen.line),
            secondary=(),
            held=best if mode is Mode.SHADOW else None,
        )

    def seconds(self, ranking: Ranking, margins: Floats) -> list[tuple[str, ...]]:
        """Other lines that score enough, the highest score first; never the fallback."""
        scores, owners = ranking.lines, self.lines
        if self.thresholds.by_margin:
            scores, owners = margins, tuple(line for line, _ in self.pairs)
        tops = ranking.tops.tolist()
        named: list[dict[str, float]] = [{} for _ in tops]
        places = np.nonzero(scores >= self.thresholds.secondary_above)
        enough = scores[places].tolist()
        for row, column, score in zip(*(place.tolist() for place in places), enough, strict=True):
            line = owners[column]
            if line not in {FALLBACK_LINE, self.pairs[tops[row]][0]}:
                named[row][line] = max(score, named[row].get(line, score))
        return [tuple(sorted(each, key=each.__getitem__, reverse=True)) for each in named]


def may_hold_kana(points: Points) -> bool:
    """Whether any of many texts may hold kana: one look at all their characters."""
    return bool((points.codes - _FIRST_KANA < _KANA_BLOCKS).any())


def _is_japanese(text: str) -> bool:
    if not _JAPANESE.search(text):
        return False
    return len(_KANA.findall(text)) > len(_IS_HAN.findall(text))
