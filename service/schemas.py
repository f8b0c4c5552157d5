"""Shapes of requests and answers, for validation and for /docs."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from triage.records import CHANNELS

_COUNT_MOST = 1_000_000_000
EXAMPLE_TEXT = "年费我已经投诉三次了，一直没人给退，再不处理我就打12378"
_DAY = r"^(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
Name = Annotated[str, Field(max_length=200)]


def whole(value: Any) -> Any:
    """Read 3.0 as 3 and leave everything else as it is."""
    # To JSON Schema, and to every program that knows only one kind of number, 3.0 is an integer.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _in_calendar(day: str) -> str:
    date.fromisoformat(day)
    return day


def _date(day: Any) -> date:
    # Numbers, of which pydantic would make days since 1970, are none.
    if not re.match(_DAY, str(day)):
        raise ValueError("a day as 2026-11-30 is meant")
    return date.fromisoformat(day)


_AS_DAY = {"type": "string", "format": "date", "pattern": _DAY}
Day = Annotated[
    str, Field(pattern=_DAY, json_schema_extra={"format": "date"}), AfterValidator(_in_calendar)
]
Date = Annotated[date, BeforeValidator(_date), WithJsonSchema(_AS_DAY)]
Count = Annotated[int, Field(ge=0, le=_COUNT_MOST), BeforeValidator(whole)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ContextIn(BaseModel):
    """What is known at intake."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    received_at: Name | None = Field(
        default=None,
        description="ISO 8601 with zone",
        examples=["2026-11-23T09:30:00+08:00"],
        json_schema_extra={"format": "date-time"},
    )
    channel: Name | None = Field(
        default=None, json_schema_extra={"enum": [*CHANNELS, None]}, examples=["phone"]
    )
    customer_key: Name | None = Field(default=None, description="Opaque; no name, no number")
    product: Name | None = None
    unit: Name | None = None
    visited_branch: bool | None = None
    outlet_touchpoint: bool | None = None
    amount_cny: Amount | None = None
    prior_complaints_90d: Count | None = None
    days_open: Amount | None = None
    transfers: Count | None = None
    group_size: Count | None = None
    customer_segment: Name | None = None


class NarrativeIn(ContextIn):
    """One narrative and what is known at intake; only `text` is needed."""

    text: str = Field(description="The complaint as written down", examples=[EXAMPLE_TEXT])
    id: Name | None = Field(default=None, description="Comes back in the answer", examples=["T-1"])
    ticket_id: Name | None = None


class SpanOut(BaseModel):
    """A stretch of the text as submitted; `start` and `end` count Unicode code points."""

    model_config = ConfigDict(extra="forbid")

    start: int
    end: int
    text: str


class SignalOut(SpanOut):
    """A signal of the label guide and where the text says it."""

    code: str


class EvidenceOut(SpanOut):
    """A phrase and how much it pushed the line (natural-log odds)."""

    weight: float


class ReasonOut(BaseModel):
    """What pushed the escalation risk; context facts and rules have no place in the text."""

    model_config = ConfigDict(extra="forbid")

    start: int | None
    end: int | None
    text: str
    weight: float = Field(
        description="Natural-log odds: above zero it raises the risk, below zero it lowers it"
    )
    kind: str = Field(description="text, history or rule")
    label: str = Field(
        description="What this is evidence of, and whether it raises (提高) or lowers (降低) risk"
    )


class LineOut(BaseModel):
    """A leaf of the taxonomy and its calibrated probability."""

    model_config = ConfigDict(extra="forbid")

    line: str
    subline: str | None
    probability: float


class EscalationOut(BaseModel):
    """Calibrated probability of escalation within 30 days."""

    model_config = ConfigDict(extra="forbid")

    probability: float
    band: str
    reasons: list[ReasonOut]


class DutyOut(BaseModel):
    """Something the rules demand."""

    model_config = ConfigDict(extra="forbid")

    code: str
    name: str
    due_at: str | None = Field(description="null while it is not known from when the clock runs")
    at_risk: bool = Field(description="Little of the time was left at the start")
    target: bool = Field(description="The time is an aim of the bank, not a limit of the law")
    alarms: list[str] = Field(description="Moments before the end at which somebody is told")
    checklist: list[str]
    rule: str = Field(description="The rule of data/rules.yaml")
    basis: str
    mark: str = Field(description="How the basis is proven: V, V2, or P, the bank's own rule")


class OwnerOut(BaseModel):
    """Who handles it."""

    model_config = ConfigDict(extra="forbid")

    level: str
    unit: str
    barred_from_outlet: bool
    why: list[str]
    departments: list[str] = Field(description="All that work on it, the leading one first")
    accountable: str | None


def _calibrated(what: str) -> Any:
    """Describe a field that is there where the model has a calibration, and nowhere else."""
    return Field(default=None, exclude_if=_is_none, description=f"{what}; with a calibration alone")


def _is_none(value: Any) -> bool:
    return value is None


class Assessed(BaseModel):
    """One assessed complaint."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    id: str | None
    line: str | None = Field(description="null when `abstained` is true")
    subline: str | None
    probability: float
    abstained: bool
    abstain_reason: str | None
    alternatives: list[LineOut]
    secondary: list[str]
    nature: str
    signals: list[SignalOut]
    escalation: EscalationOut
    evidence: list[EvidenceOut]
    concepts: list[str]
    duties: list[DutyOut]
    owner: OwnerOut | None
    flags: list[str] = Field(description="What the rules ask for besides duties: human_now ...")
    repeat_of: list[str]
    masked_text: str
    model_version: str
    policy_version: str
    rules_version: str
    line_set: list[str] | None = _calibrated(
        "Lines that hold the right one as often as `line_set_coverage` promises, the most"
        " probable first; empty where the text looks like no line's usual ones"
    )
    line_set_coverage: float | None = _calibrated("The share that `line_set` promises")
    calibration_version: str | None = _calibrated("The calibration that was applied")


class TagResults(BaseModel):
    """Answers in the order of the narratives."""

    results: list[Assessed]


class Live(BaseModel):
    """The process is up."""

    live: bool


class Ready(BaseModel):
    """The model can be used."""

    model_config = ConfigDict(protected_namespaces=())

    ready: bool
    model_version: str


class ErrorFacts(BaseModel):
    """What went wrong and what can be done."""

    code: str
    message: str
    cure: str
    request_id: str


class ErrorOut(BaseModel):
    """The one shape of every error."""

    error: ErrorFacts
