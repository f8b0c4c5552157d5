"""All that a rule may look at, and what only a ledger can know of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from triage.errors import InvalidInput
from triage.modes import SUGGESTED
from triage.records import Assessment, Context, LineScore
from triage.taxonomy import join_leaf

MEDIATION = ("offered", "agreed", "refused", "delegated")
# Where a person may send a ticket down to, with a reason on record.
SENT_DOWN = ("outlet", "sub_branch")
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Extension:
    """Leave to decide later than 15 days after receipt.

    Attributes
    ----------
    days : int
        30 or 60, counted from receipt.
    reason : str
        Why the matter is complex; needed for both.
    approval_id, approved_by : str, optional
        Approval of the superior institution or of head office's senior management; for 60.
    notified_at : datetime, optional
        When the complainant was told; for 60.
    """

    days: int
    reason: str
    approval_id: str | None = None
    approved_by: str | None = None
    notified_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.days not in (30, 60):
            raise InvalidInput(f"an extension to {self.days} days", cure="30 or 60 days")
        if not self.reason.strip():
            raise InvalidInput("an extension without a reason", cure="say why it is complex")
        if self.days == 60 and not (self.approval_id and self.approved_by and self.notified_at):
            raise InvalidInput(
                "an extension to 60 days needs approval_id, approved_by and notified_at",
                cure="have it approved by the superior institution and tell the complainant",
            )


@dataclass(frozen=True, slots=True)
class History:
    """What only the ledger knows; empty for stateless tagging.

    `repeats_90d` and `repeats_15d` count earlier tickets of the same customer and matter; with
    None the context's own count stands in for the first. `mediation` is one of `MEDIATION`.
    `sent_to` is one of `SENT_DOWN` and takes effect only with `sent_reason`.
    """

    repeats_90d: int | None = None
    repeats_15d: int | None = None
    transfers: int | None = None
    difficult: bool = False
    template: bool = False
    agent: bool = False
    complained_employee: str | None = None
    contacted_at: datetime | None = None
    mediation: str | None = None
    agreed_at: datetime | None = None
    delegated_at: datetime | None = None
    withdrawn_at: datetime | None = None
    extension: Extension | None = None
    converted: bool = False
    plan_agreed: bool = False
    sent_to: str | None = None
    sent_reason: str | None = None


NO_HISTORY = History()


class Reading(NamedTuple):
    """What was read from a narrative, as far as rules care."""

    line: str | None
    subline: str | None
    secondary: tuple[str, ...]
    alternatives: Sequence[LineScore]
    probability: float
    abstained: bool
    nature: str
    signals: frozenset[str]
    band: str

    @classmethod
    def of(cls, assessment: Assessment) -> Reading:
        """Take what rules look at from an assessment."""
        read = cls(
            assessment.line,
            assessment.subline,
            assessment.secondary,
            assessment.alternatives,
            assessment.probability,
            assessment.abstained,
            assessment.nature,
            frozenset([signal.code for signal in assessment.signals]),
            assessment.escalation.band,
        )
        return read.unsettled() if SUGGESTED in assessment.flags else read

    def unsettled(self) -> Reading:
        """Give what rules are told of a line that a person is to settle: that there is none."""
        if self.line is None:
            return self
        best = LineScore(self.line, self.subline, self.probability)
        told = self._replace(alternatives=(best, *self.alternatives), abstained=True)
        return told._replace(line=None, subline=None, secondary=())


class Facts(NamedTuple):
    """What rules look at; None is "not known", which equals nothing.

    `matter` holds the line, its leaf (`line.subline`) and the secondary lines; `possible` the
    lines and leaves that are not excluded: their probability reaches the file's
    `possible_share`. Moments are where clocks start and are no business of conditions.
    """

    line: str | None
    subline: str | None
    matter: frozenset[str]
    possible: frozenset[str]
    abstained: bool
    nature: str | None
    signals: frozenset[str]
    band: str | None
    received_at: datetime | None = None
    channel: str | None = None
    product: str | None = None
    unit: str | None = None
    customer_segment: str | None = None
    visited_branch: bool | None = None
    outlet_touchpoint: bool | None = None
    amount_cny: float | None = None
    days_open: float | None = None
    group_size: int | None = None
    transfers: int | None = None
    repeats_90d: int | None = None
    repeats_15d: int | None = None
    extension_days: int | None = None
    difficult: bool = False
    template: bool = False
    agent: bool = False
    complained_employee: str | None = None
    contacted: bool = False
    mediation: str | None = None
    withdrawn: bool = False
    converted: bool = False
    plan_agreed: bool = False
    sent_to: str | None = None
    agreed_at: datetime | None = None
    delegated_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @classmethod
    def of(
        cls,
        read: Reading,
        context: Context,
        history: History = NO_HISTORY,
        *,
        possible_share: float,
    ) -> Facts:
        """Gather the facts of a ticket."""
        known = _OF_CONTEXT(context)
        later: tuple[Any, ...] = ()
        if history is not NO_HISTORY:
            later = _of_history(history)
            repeats, transfers = history.repeats_90d, history.transfers
            known = (
                *known[:-2],
                known[-2] if transfers is None else transfers,
                known[-1] if repeats is None else repeats,
            )
        return cls(
            read.line,
            read.subline,
            _matter(read),
            _possible(read, possible_share),
            read.abstained,
            read.nature,
            read.signals,
            read.band,
            *known,
            *later,
        )


# In the order of the fields of `Facts`.
_OF_CONTEXT = attrgetter(
    *("received_at", "channel", "product", "unit", "customer_segment", "visited_branch"),
    *("outlet_touchpoint", "amount_cny", "days_open", "group_size"),
    *("transfers", "prior_complaints_90d"),
)


def _of_history(history: History) -> tuple[Any, ...]:
    return (
        history.repeats_15d,
        history.extension.days if history.extension else None,
        history.difficult,
        history.template,
        history.agent,
        history.complained_employee,
        history.contacted_at is not None,
        history.mediation,
        history.withdrawn_at is not None,
        history.converted,
        history.plan_agreed,
        history.sent_to if history.sent_reason else None,
        history.agreed_at,
        history.delegated_at,
        history.withdrawn_at,
    )


def _matter(read: Reading) -> frozenset[str]:
    if read.line is None:
        return _NONE if not read.secondary else frozenset(read.secondary)
    if read.subline is None and not read.secondary:
        return frozenset((read.line,))
    return frozenset((read.line, join_leaf(read.line, read.subline), *read.secondary))


def _possible(read: Reading, share: float) -> frozenset[str]:
    # The leaves sum to 1: beside a sure one no other can reach the share.
    if not read.abstained and 1.0 - read.probability < share:
        return _NONE
    totals: dict[str, float] = {}
    for line, subline, probability in read.alternatives:
        totals[line] = totals.get(line, 0.0) + probability
        if subline is not None:
            totals[f"{line}.{subline}"] = probability
    return frozenset([code for code, total in totals.items() if total >= share])
