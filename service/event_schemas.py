"""Shapes of what may be recorded of a ticket, one for each kind."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from service.governance.names import ROOT_CAUSES
from service.schemas import Day, Name, whole

Opaque = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._@:-]*$",
        description="An identifier of the bank's own; no name",
    ),
]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Unit = Annotated[str, Field(min_length=1, max_length=200, examples=["信用卡部"])]
Key = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:-]+$")]
Department = Literal["branch_department", "disposal_office", "head_office"]
Measure = Literal[
    "compensation",
    "apology",
    "return_of_property",
    "restitution",
    "process_improved",
    "rules_improved",
    "employee_disciplined",
    "referred_to_court",
    "referred_to_mediation",
    "explained",
    "other",
]


class EventIn(BaseModel):
    """What every event may say."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    at: Name | None = Field(
        default=None,
        description="When it happened, ISO 8601 with zone; now when left out",
        json_schema_extra={"format": "date-time"},
    )
    key: Key | None = Field(
        default=None, description="The same call again finds what the first one recorded"
    )


class Contact(EventIn):
    """Somebody of the bank reached the customer, or tried to."""

    kind: Literal["contact"]
    two_way: bool = Field(description="Whether it was a conversation; a try is not one")
    channel: Literal["phone", "visit", "message", "app", "letter", "other"]
    note: Words | None = None


class Message(EventIn):
    """The customer wrote or said more; the ticket is assessed again with it."""

    kind: Literal["message"]
    text: Annotated[str, Field(min_length=1)]
    channel: Name | None = None


class Transfer(EventIn):
    """Another department takes the ticket."""

    kind: Literal["transfer"]
    to_level: Department
    to_unit: Unit
    reason: Words
    approved_by: Opaque | None = Field(
        default=None, description="Needed when the ticket was transferred three times"
    )


class SentDown(EventIn):
    """A sub-branch or an outlet takes the ticket; refused where the rules bar it."""

    kind: Literal["sent_down"]
    to_level: Literal["sub_branch", "outlet"]
    to_unit: Unit
    reason: Words


class Assignment(EventIn):
    """Somebody takes the ticket; never the employee complained of."""

    kind: Literal["assignment"]
    assignee: Opaque


class Mediation(EventIn):
    """Mediation was offered, or what became of it."""

    kind: Literal["mediation"]
    act: Literal["offered", "agreed", "refused", "delegated", "confirmed"]
    station: Unit | None = None


_NEEDED_FOR_60 = ("approval_id", "approved_by", "notified_at")


class ExtensionIn(EventIn):
    """Leave to decide later; to 60 days with the approval and the notice to the customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"days": {"const": 60}}},
            "then": {
                "required": list(_NEEDED_FOR_60),
                "properties": {name: {"type": "string"} for name in _NEEDED_FOR_60},
            },
        }
    )
    kind: Literal["extension"]
    days: Literal[30, 60]
    reason: Words
    approval_id: Opaque | None = None
    approved_by: Opaque | None = None
    notified_at: Name | None = Field(default=None, json_schema_extra={"format": "date-time"})


class Withdrawal(EventIn):
    """The customer withdrew the complaint."""

    kind: Literal["withdrawal"]
    reason: Words | None = None


class Conversion(EventIn):
    """What the regulator had guided to the bank became a formal complaint."""

    kind: Literal["conversion"]
    reference: Opaque | None = None


class PlanAgreed(EventIn):
    """A tailored instalment plan was agreed."""

    kind: Literal["plan_agreed"]
    months: Annotated[int, Field(ge=1, le=60), BeforeValidator(whole)] | None = None


class Employee(EventIn):
    """Whom the complaint is about."""

    kind: Literal["employee"]
    employee: Opaque


class Difficult(EventIn):
    """Somebody judged the matter difficult and complex, or not so any more."""

    kind: Literal["difficult"]
    difficult: bool = True
    reason: Words


class Agent(EventIn):
    """Somebody acts for the customer."""

    kind: Literal["agent"]
    present: bool = True
    authorised: bool | None = Field(default=None, description="The authorisation was seen")


class DutyDone(EventIn):
    """A duty was met, or somebody decided that it is not owed."""

    kind: Literal["duty"]
    code: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9_]+$")]
    act: Literal["met", "waived"]
    reason: Words


class Escalated(BaseModel):
    """The matter escalated: E1 regulator, E2 petition, E3 court, E4 media, E5 group, E6 inside."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    code: Literal["E1", "E2", "E3", "E4", "E5", "E6"]
    on: Annotated[Day, Field(examples=["2026-12-01"])]


class OutcomeIn(EventIn):
    """How it ended, or what is known of it since; a person closes, no score does."""

    kind: Literal["outcome"]
    status: Literal["replied", "closed"] | None = Field(
        default=None, description="`replied`: the decision was told to the customer"
    )
    resolved: bool | None = None
    measures: Annotated[list[Measure], Field(max_length=11)] | None = None
    root_cause: Literal[tuple(ROOT_CAUSES)] | None = Field(  # type: ignore[valid-type]
        default=None, description="What a person found to be the cause; `simple_error`: 低级差错"
    )
    accepted: bool | None = None
    satisfaction: Annotated[int, Field(ge=1, le=5), BeforeValidator(whole)] | None = None
    escalated: Escalated | None = None


class Note(EventIn):
    """Words of somebody of the bank; no model reads them."""

    kind: Literal["note"]
    note: Words


class Reopened(EventIn):
    """A ticket that was replied to, closed or withdrawn is worked on again."""

    kind: Literal["reopened"]
    reason: Words


AnyEvent = Annotated[
    Contact
    | Message
    | Transfer
    | SentDown
    | Assignment
    | Mediation
    | ExtensionIn
    | Withdrawal
    | Conversion
    | PlanAgreed
    | Employee
    | Difficult
    | Agent
    | DutyDone
    | OutcomeIn
    | Note
    | Reopened,
    Field(discriminator="kind"),
]
KINDS: tuple[type[EventIn], ...] = get_args(get_args(AnyEvent)[0])
EVENT: TypeAdapter[Any] = TypeAdapter(AnyEvent)
# What an intake system hears of; the rest is the work of people.
OF_INTAKE = frozenset(("message", "contact", "withdrawal", "conversion", "transfer", "agent"))
