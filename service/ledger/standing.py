"""How a ticket stands: its state, who has it, and what is to be done next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from service.store.records import EventRecord, Facts, Standing
from triage.records import Owner
from triage.rules.rulefile import LEVELS

Open = tuple[str, datetime | None]
"""An open duty: its code and when it is due."""

_RANK = {level: rank for rank, level in enumerate(LEVELS)}


class State(StrEnum):
    """States of a ticket; only what a person recorded changes one."""

    OPEN = "open"  # nobody has taken it
    IN_PROGRESS = "in_progress"
    REPLIED = "replied"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


ENDED = frozenset((State.CLOSED, State.WITHDRAWN))
# What is to be done where no duty says it: no row of the ledger is without a next action.
_NEXT = {State.OPEN: "assign", State.IN_PROGRESS: "decide", State.REPLIED: "close"}
_LEADS_TO = {"reopened": State.IN_PROGRESS, "withdrawal": State.WITHDRAWN}
_TAKEN = frozenset(("assignment", "contact", "mediation", "extension", "plan_agreed", "outcome"))


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a person transferred a ticket to."""

    level: str
    unit: str


@dataclass(frozen=True, slots=True)
class Course:
    """What people did with a ticket.

    Attributes
    ----------
    state : State
    assignee, employee : str or None
        Who works on it and who is complained of; opaque.
    placed : Placed or None
        The last transfer, unless the ticket was sent down after it.
    unread : bool
        Whether the customer wrote after the end.
    """

    state: State = State.OPEN
    assignee: str | None = None
    employee: str | None = None
    placed: Placed | None = None
    unread: bool = False


def course_of(events: Iterable[EventRecord]) -> Course:
    """Fold the events of a ticket, in the order in which they were recorded."""
    course = Course()
    for event in events:
        course = replace(course, state=_state(course.state, event), **_changes(course, event))
    return course


def _state(state: State, event: EventRecord) -> State:
    kind, data = event.kind, event.data
    if kind in _LEADS_TO:
        return _LEADS_TO[kind]
    if state in ENDED:
        return state
    if kind == "outcome" and data.get("status"):
        return State(data["status"])
    # A customer who writes after the reply is not done: somebody has to read it.
    again = kind == "message" and state is State.REPLIED
    taken = kind in _TAKEN and state is State.OPEN
    return State.IN_PROGRESS if again or taken else state


def _changes(course: Course, event: EventRecord) -> dict[str, Any]:
    data = event.data
    if event.kind == "assignment":
        return {"assignee": data["assignee"], "unread": False}
    if event.kind == "employee":
        return {"employee": data["employee"]}
    if event.kind == "transfer":
        return {"placed": Placed(data["to_level"], data["to_unit"]), "assignee": None}
    if event.kind == "sent_down":
        return {"placed": None, "assignee": None}
    if event.kind == "message":
        return {"unread": course.state in ENDED}
    return {"unread": course.unread and event.kind not in ("reopened", "contact", "outcome")}


def placed_owner(owner: Owner, placed: Placed | None) -> Owner:
    """Give the owner after a transfer: a rule that asks for a higher level is not overruled.

    Transfers lead to departments and above, so a barred ticket cannot come to an outlet by one.
    """
    if placed is None or _RANK[placed.level] < _RANK[owner.level]:
        return owner
    departments = tuple(dict.fromkeys((placed.unit, *owner.departments)))
    return replace(owner, level=placed.level, unit=placed.unit, departments=departments)


def standing_of(answer: Facts, course: Course, duties: Sequence[Open]) -> Standing:
    """Say how a ticket stands.

    Parameters
    ----------
    answer : mapping
        The assessed complaint as JSON.
    course : Course
    duties : sequence of Open
        Open ones, in any order.
    """
    action, due = next_of(course, duties)
    owner = answer["owner"] or {}
    return Standing(
        state=course.state,
        nature=answer["nature"],
        line=answer["line"],
        subline=answer["subline"],
        abstained=answer["abstained"],
        probability=answer["probability"],
        band=answer["escalation"]["band"],
        risk=answer["escalation"]["probability"],
        owner_level=owner.get("level"),
        owner_unit=owner.get("unit"),
        barred=owner.get("barred_from_outlet"),
        next_action=action,
        next_due=due,
        flags=tuple(answer["flags"]),
    )


def next_of(course: Course, duties: Sequence[Open]) -> tuple[str | None, datetime | None]:
    """Give the next action, which is the open duty that is due first, and when it is due."""
    if course.unread:
        return "read_message", None
    dated = [(due, code) for code, due in duties if due is not None]
    if dated:
        due, code = min(dated)
        return code, due
    if duties:
        return duties[0][0], None
    return _NEXT.get(course.state), None
