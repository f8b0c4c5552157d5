"""The frozen records that flow through `triage`.

Every `start`/`end` is a half-open range of Unicode code points. Unless a field says otherwise
it points into the narrative as submitted, so `text[start:end] == span.text`. What there are many
of to a narrative is a named tuple: made in a third of the time of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """How a signal's words are meant; only the first two become tags."""

    HAPPENED = "happened"
    THREATENED = "threatened"
    DENIED = "denied"
    OTHER = "other"  # quoted, wished, asked about, or somebody else's

    @property
    def counts(self) -> bool:
        """Whether a mention with this status becomes a tag."""
        return self is Status.HAPPENED or self is Status.THREATENED


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text."""

    start: int
    end: int
    text: str


class Mention(NamedTuple):
    """A stretch of the *normalised* text that a reader component recognised.

    `code` is a signal code for signals, else a kind such as `amount_cny`, `date`, `duration`,
    `contact_count`, `party`, `product`; `value` is its machine reading (yuan, days, count ...).
    """

    code: str
    start: int
    end: int
    text: str
    status: Status = Status.HAPPENED
    value: float | None = None


class Signal(NamedTuple):
    """A signal that becomes a tag; offsets into the narrative as submitted."""

    code: str
    start: int
    end: int
    text: str


class Reason(NamedTuple):
    """A span or a context fact and how much it pushed a score (natural-log odds).

    `text` is what stands in the narrative, or a Chinese phrase where nothing does; `label` says
    in Chinese what a reason of the risk means, and whether it raises or lowers it.
    """

    text: str
    weight: float
    start: int | None = None
    end: int | None = None
    kind: str = "text"  # text | history | rule
    label: str = ""


class LineScore(NamedTuple):
    """One leaf of the taxonomy with its calibrated probability in [0, 1]."""

    line: str
    subline: str | None
    probability: float


class Calibrated(NamedTuple):
    """What the calibration of a bank says of a narrative; see `triage.shift`.

    `lines` hold the right one as often as `coverage` promises, the most probable first; None
    where the calibration makes no sets. `version` is that of the calibration.
    """

    version: str
    coverage: float
    lines: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Escalation:
    """Calibrated probability of escalation within 30 days, its band and its reasons."""

    probability: float
    band: str
    reasons: tuple[Reason, ...] = ()


class Duty(NamedTuple):
    """Something the rules demand, with the moment it is due (zone Asia/Shanghai).

    `due_at` is None while the start of its clock is not known. `mark` says how well the basis is
    proven: V read in the law, V2 in a secondary source, P the bank's own rule. `target` marks a
    time the bank aims at, `at_risk` one that began with little left; at `alarms` somebody is told.
    """

    code: str
    due_at: datetime | None
    basis: str
    name: str = ""
    rule: str = ""
    mark: str = ""
    target: bool = False
    at_risk: bool = False
    alarms: tuple[datetime, ...] = ()
    checklist: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """Who handles the ticket, whether an outlet may, and why not.

    `departments` are all that work on it, the leading one first; `accountable` answers for it.
    """

    level: str
    unit: str
    barred_from_outlet: bool
    why: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    accountable: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a ticket at intake, besides its narrative. Every field is optional."""

    ticket_id: str | None = None
    received_at: datetime | None = None
    channel: str | None = None
    customer_key: str | None = None
    product: str | None = None
    unit: str | None = None
    visited_branch: bool | None = None
    outlet_touchpoint: bool | None = None
    amount_cny: float | None = None
    prior_complaints_90d: int | None = None
    days_open: float | None = None
    transfers: int | None = None
    group_size: int | None = None
    customer_segment: str | None = None


CHANNEL_NAMES: Mapping[str, str] = {
    "phone": "电话",
    "app": "手机银行",
    "branch": "网点",
    "web": "网站",
    "letter": "信函",
    "regulator_formal": "监管转办",
    "regulator_guided": "监管引导",
    "petition": "信访",
    "media": "媒体",
}
CHANNELS = tuple(CHANNEL_NAMES)


def channel_name(code: str) -> str:
    """Name a channel in Chinese; one that is not known is called by its code."""
    return CHANNEL_NAMES.get(code, code)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What jiesu says of one narrative; `docs/api.md` shows it as JSON.

    `held` is a line that is kept in the decision record and shown to nobody who asks;
    `calibrated` is None without a calibration.
    """

    line: str | None
    subline: str | None
    probability: float
    abstained: bool
    abstain_reason: str | None
    alternatives: tuple[LineScore, ...]
    secondary: tuple[str, ...]
    nature: str
    signals: tuple[Signal, ...]
    escalation: Escalation
    evidence: tuple[Reason, ...]
    masked_text: str
    model_version: str
    policy_version: str
    duties: tuple[Duty, ...] = ()
    owner: Owner | None = None
    repeat_of: tuple[str, ...] = ()
    concepts: tuple[str, ...] = field(default=())
    flags: tuple[str, ...] = ()
    rules_version: str = ""
    held: LineScore | None = None
    calibrated: Calibrated | None = None
