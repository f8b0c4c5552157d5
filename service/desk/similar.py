"""Settled tickets that read like the one on the desk, and how each of them ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.store import complaints, similar
from service.store.database import Session
from service.store.records import ComplaintRecord, EventRecord
from triage.repeats.likeness import likest
from triage.repeats.settings import Settings

_MOST = 5
# Below it two texts, read side by side, had nothing in common but their line.
_LEAST = 0.07


@dataclass(frozen=True, slots=True)
class Ending:
    """How a ticket ended, as far as it is known.

    Attributes
    ----------
    state : str
    measures : tuple of str
    accepted : bool or None
        Whether the customer took it.
    satisfaction : int or None
        From 1 to 5.
    escalated : str or None
        E1 to E6, the last one that was recorded.
    mediation : str or None
        The last act of a mediation.
    plan : bool
        Whether an instalment plan was agreed.
    days : int
        Whole days from the intake to the last of these events.
    """

    state: str
    measures: tuple[str, ...] = ()
    accepted: bool | None = None
    satisfaction: int | None = None
    escalated: str | None = None
    mediation: str | None = None
    plan: bool = False
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A settled ticket, how like it reads (from 0 to 1), and how it ended."""

    complaint: ComplaintRecord
    likeness: float
    ending: Ending


def similar_cases(session: Session, complaint: ComplaintRecord, settings: Settings) -> list[Case]:
    """Give the settled tickets of the same line that read most like one, the likest first."""
    if complaint.standing.line is None or complaint.erased_at is not None:
        return []
    near = similar.settled_near(session, complaint)
    numbers = list(near)
    best = likest(complaint.masked_text, list(near.values()), settings, most=_MOST, least=_LEAST)
    chosen = [(numbers[place], likeness) for place, likeness in best]
    if not chosen:
        return []
    tickets = complaints.by_ids(session, [number for number, _ in chosen])
    ends = similar.endings(session, [number for number, _ in chosen])
    return [
        Case(tickets[number], likeness, ending_of(tickets[number], ends[number]))
        for number, likeness in chosen
    ]


def ending_of(complaint: ComplaintRecord, events: Sequence[EventRecord]) -> Ending:
    """Fold the events that say how a ticket ended; what was said last holds."""
    known: dict[str, Any] = {}
    for event in events:
        known |= _told(event)
    if events:
        known["days"] = max(0, (events[-1].at - complaint.received_at).days)
    return Ending(state=complaint.standing.state, **known)


def _told(event: EventRecord) -> dict[str, Any]:
    data = event.data
    if event.kind == "mediation":
        return {"mediation": data.get("act")}
    if event.kind == "plan_agreed":
        return {"plan": True}
    told: dict[str, Any] = {
        name: data[name] for name in ("accepted", "satisfaction") if data.get(name) is not None
    }
    if data.get("measures"):
        told["measures"] = tuple(data["measures"])
    if data.get("escalated"):
        told["escalated"] = data["escalated"].get("code")
    return told
