"""What unlabelled tickets tell: how a bank's lines are mixed, and what that does to a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from training.labels.biases import fit_biases
from training.labels.unseen import Opinions
from training.lines import ordered
from triage.conformal import cuts
from triage.decision import LineDecider
from triage.features import Floats
from triage.shift import Shift, estimated_shares, reweighed

# Imagined tickets with the shares of the training rows: a few real ones move little.
PRIOR_ROWS = 20.0
COVERAGE = 0.9


@dataclass(frozen=True)
class Known:
    """A model's opinions on labelled rows, made ready to be corrected.

    Attributes
    ----------
    probabilities : array (n, n_leaves)
        Of rows not seen, in the model's order of leaves, not yet corrected.
    lines : tuple of str, length n
        The right lines.
    biases, shares : arrays (n_leaves,)
        What makes them right on average; how frequent each leaf is, none at 0.
    """

    probabilities: Floats
    lines: tuple[str, ...]
    biases: Floats
    shares: Floats

    @classmethod
    def of(cls, opinions: Opinions, decider: LineDecider) -> Known:
        """Make them ready for a model's leaves."""
        place = np.array([decider.leaves.index(leaf) for leaf in opinions.leaves])
        column = place[opinions.column]
        probabilities = ordered(opinions.probabilities, opinions.leaves, decider.leaves)
        counts = np.bincount(column, minlength=len(decider.leaves)) + 0.5
        return cls(
            probabilities,
            tuple(decider.pairs[leaf][0] for leaf in column.tolist()),
            fit_biases(probabilities, column),
            counts / counts.sum(),
        )


@dataclass(frozen=True)
class Calibration:
    """A correction, and what it was made from.

    Attributes
    ----------
    known, found : arrays (n_leaves,)
        Shares of the leaves in the training rows, and estimated among the tickets.
    moved : float
        Share of the tickets whose line is another one by it.
    """

    shift: Shift
    known: Floats
    found: Floats
    moved: float

    def to_dict(self) -> dict[str, Any]:
        """Turn it into JSON-able values: the shift, and the shares it comes from."""
        shares = {
            leaf: {"trained": round(before, 6), "here": round(after, 6)}
            for leaf, before, after in zip(
                self.shift.leaves, self.known.tolist(), self.found.tolist(), strict=True
            )
        }
        return {**self.shift.to_dict(), "shares": shares, "moved": self.moved}


def calibrate(
    known: Known,
    tickets: Floats,
    decider: LineDecider,
    *,
    version: str,
    coverage: float = COVERAGE,
) -> Calibration:
    """Correct a model for the mix of lines among unlabelled tickets.

    Parameters
    ----------
    known : Known
    tickets : array (m, n_leaves)
        What the model says of the tickets.
    decider : LineDecider
    version : str
        Of the model.
    coverage : float
        What the prediction sets promise.
    """
    found = estimated_shares(reweighed(tickets, known.biases), known.shares, prior_rows=PRIOR_ROWS)
    weights = known.biases * found / known.shares
    lines = decider.line_probabilities(reweighed(known.probabilities, weights))
    shift = Shift(
        version,
        decider.leaves,
        weights,
        cuts(lines, known.lines, decider.lines, coverage=coverage),
        coverage,
    )
    before = decider.line_probabilities(tickets).argmax(axis=1)
    after = decider.line_probabilities(shift.apply(tickets)).argmax(axis=1)
    return Calibration(shift, known.shares, found, float((before != after).mean()))


def calibration_text(done: Calibration) -> str:
    """Tell the shares before and after."""
    rows = zip(done.shift.leaves, done.known.tolist(), done.found.tolist(), strict=True)
    told = [f"  {name:<30}{before:>9.1%}{after:>9.1%}" for name, before, after in rows]
    head = f"  {'leaf':<30}{'trained':>9}{'here':>9}"
    return "\n".join([head, *told, f"{done.moved:.1%} of the tickets get another line by it"])
