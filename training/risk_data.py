"""Tickets ready for training the escalation model, and the split that keeps them honest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.risk_standins import Assess
from training.simulate import SimulatedYear
from triage.errors import InvalidInput
from triage.features import Floats
from triage.masking.mask import mask
from triage.normalize import normalize
from triage.records import Context, Mention
from triage.risk.batch import CONTEXT_SOURCES
from triage.risk.features import Registry, risk_matrix

# Two numbers a mode are fitted on the calibration part; fewer escalated tickets make them luck.
_LEAST_ESCALATED = 30

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RiskData:
    """Tickets with known outcomes; row i of every column is ticket i.

    Attributes
    ----------
    narrative : array of int
        Points into `texts`, `leaves`, `natures` and `mentions`, which hold each text once.
    template : array of int
        Tickets that share a wording or a template.
    month, day : arrays of int
        Since the first day.
    truth : array of float or None
        P(escalated | intake) where it is known, that is, on simulated tickets.
    """

    texts: Sequence[str]
    leaves: Floats
    natures: Floats
    mentions: Sequence[Sequence[Mention]]
    narrative: Ints
    contexts: Sequence[Context]
    escalated: Bools
    customer: Ints
    template: Ints
    month: Ints
    day: Ints
    truth: Floats | None = None

    def matrix(self, tickets: Ints, contexts: Sequence[Context], registry: Registry) -> Floats:
        """Compute the features of some tickets with the contexts given for them."""
        rows = self.narrative[tickets]
        return risk_matrix(
            self.leaves[rows],
            self.natures[rows],
            [self.mentions[row] for row in rows.tolist()],
            [self.texts[row] for row in rows.tolist()],
            contexts,
            registry=registry,
        )

    def known(self, tickets: Ints) -> list[Context]:
        """Give the contexts of some tickets."""
        return [self.contexts[ticket] for ticket in tickets.tolist()]


@dataclass(frozen=True, slots=True)
class SplitMonths:
    """How many months serve for training and for calibration; the rest is the test."""

    train: int = 8
    calibrate: int = 1


@dataclass(frozen=True, slots=True)
class Split:
    """Ticket numbers of the three parts.

    Attributes
    ----------
    dropped : int
        Test tickets left out because their customer or template had been met before.
    calibrate_dropped, calibrate_met : int
        The same of the calibration part; those it keeps although they had been met, because
        too few escalated tickets would remain.
    """

    train: Ints
    calibrate: Ints
    test: Ints
    dropped: int
    calibrate_dropped: int = 0
    calibrate_met: int = 0


def from_year(
    year: SimulatedYear, assess: Assess, *, normal: Callable[[str], str] | None = None
) -> RiskData:
    """Read the narratives of a simulated year once and take the tickets that count.

    Parameters
    ----------
    year : SimulatedYear
    assess : callable
        Narratives as submitted -> leaf probabilities, nature probabilities, mentions.
    normal : callable, optional
        Narrative -> normalised text; default: as the engine does it.
    """
    raw = [row.text for row in year.rows]
    leaves, natures, mentions = assess(raw)
    shape = normal or _normalised
    _, group = np.unique([row.group or row.id for row in year.rows], return_inverse=True)
    counted = np.flatnonzero(year.eligible)
    received = year.intake.received_at[counted].astype("datetime64[D]").astype(np.int64)
    contexts = year.contexts()
    narrative = year.intake.narrative[counted]
    return RiskData(
        texts=[shape(text) for text in raw],
        leaves=leaves,
        natures=natures,
        mentions=mentions,
        narrative=narrative,
        contexts=[contexts[ticket] for ticket in counted.tolist()],
        escalated=year.outcome.escalated[counted],
        customer=year.intake.customer[counted],
        template=group[narrative].astype(np.int64),
        month=year.month[counted],
        day=received - received.min(),
        truth=year.truth[counted],
    )


def split_by_time(data: RiskData, months: SplitMonths | None = None) -> Split:
    """Split by time; tickets whose customer or template an earlier part met are dropped.

    The calibration part keeps them where it would be left with fewer than 30 escalated tickets:
    `Split.calibrate_met` counts them. The test part never does.

    Raises
    ------
    InvalidInput
        When a part has no escalated ticket or no other one.
    """
    cut = months or SplitMonths()
    early = data.month < cut.train
    middle = ~early & (data.month < cut.train + cut.calibrate)
    late = ~early & ~middle
    again = middle & _met(data, early)
    kept = int(data.escalated[middle & ~again].sum()) < _LEAST_ESCALATED
    calibrate = middle if kept else middle & ~again
    met = late & _met(data, early | middle)
    parts = {"train": early, "calibrate": calibrate, "test": late & ~met}
    for name, part in parts.items():
        if not data.escalated[part].any() or data.escalated[part].all():
            raise InvalidInput(
                f"the {name} part of {int(part.sum())} tickets has not both outcomes",
                cure="hand in more tickets or another split",
            )
    numbers = {name: np.flatnonzero(part) for name, part in parts.items()}
    count = int(again.sum())
    return Split(
        **numbers,
        dropped=int(met.sum()),
        calibrate_dropped=0 if kept else count,
        calibrate_met=count if kept else 0,
    )


def _met(data: RiskData, seen: Bools) -> Bools:
    """Whether a ticket shares its customer or template with one of those seen."""
    return np.isin(data.customer, data.customer[seen]) | np.isin(data.template, data.template[seen])


def drop_context(contexts: Sequence[Context], *, share: float, seed: int) -> list[Context]:
    """Forget each known field with probability `share`; 1 leaves narratives alone."""
    if share >= 1.0:
        return [Context()] * len(contexts)
    rng = np.random.default_rng(seed)
    lost = rng.random((len(contexts), len(CONTEXT_SOURCES))) < share
    return [
        replace(context, **dict.fromkeys(np.array(CONTEXT_SOURCES)[row].tolist()))
        for context, row in zip(contexts, lost, strict=True)
    ]


def _normalised(text: str) -> str:
    return normalize(mask(text).text).text
