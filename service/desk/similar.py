"""Settled tickets that read like the one on the desk, and how each of them ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from service.store import complaints, similar
from service.store.database import Session
from service.store.records import ComplaintRecord, EventRecord
from triage.repeats.sketch import Sketch, skeleton

_FIRST = 40
_MOST = 5
# Two texts of one line share some pairs of characters whatever they are about.
_LEAST = 0.12
_WORDS = 400


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


def similar_cases(session: Session, complaint: ComplaintRecord) -> list[Case]:
    """Give the settled tickets of the same line that read most like one, the likest first.

    Sketches choose a few dozen of some hundred; of those the pairs of characters are compared.
    """
    raw = similar.sketch_of(session, complaint.id)
    if raw is None or complaint.standing.line is None or complaint.erased_at is not None:
        return []
    near = similar.settled_near(session, complaint)
    best = _nearest(raw, near)
    tickets = complaints.by_ids(session, best)
    own = _pairs(complaint.masked_text)
    ranked = sorted(
        ((_likeness(own, tickets[one].masked_text), -one) for one in best if one in tickets),
        reverse=True,
    )
    chosen = [(likeness, -number) for likeness, number in ranked if likeness >= _LEAST][:_MOST]
    ends = similar.endings(session, [number for _, number in chosen])
    return [
        Case(tickets[number], likeness, ending_of(tickets[number], ends[number]))
        for likeness, number in chosen
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


def _nearest(raw: bytes, near: Sequence[similar.Sketched]) -> list[int]:
    if not near:
        return []
    digests = b"".join(Sketch.from_bytes(one.sketch).digest for one in near)
    others = np.frombuffer(digests, dtype="<u4").reshape(len(near), -1)
    same = others == np.frombuffer(Sketch.from_bytes(raw).digest, dtype="<u4")
    order = np.argsort(-same.sum(axis=1), kind="stable")[:_FIRST]
    return [near[place].id for place in order.tolist()]


def _pairs(text: str) -> frozenset[str]:
    bare = skeleton(text[:_WORDS])
    return frozenset(bare[at : at + 2] for at in range(len(bare) - 1))


def _likeness(own: frozenset[str], text: str) -> float:
    other = _pairs(text)
    either = len(own | other)
    return len(own & other) / either if either else 0.0
