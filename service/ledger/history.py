"""What the events of a ticket amount to for the rules, folded in the order they were recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from service.store.records import EventRecord, Facts
from triage.rules.facts import NO_HISTORY, Extension, History

Changes = dict[str, Any]
_MOMENTS = ("contacted_at", "agreed_at", "delegated_at", "withdrawn_at")
_OF_REPEATS = ("repeats_90d", "repeats_15d", "template")


def history_of(
    events: Iterable[EventRecord], repeats: History = NO_HISTORY, *, transfers: int | None = None
) -> History:
    """Fold events into what rules look at.

    Parameters
    ----------
    events : iterable of EventRecord
        All of one ticket, in the order in which they were recorded.
    repeats : History
        What was found at intake: only its counts of repeats and `template` are looked at.
    transfers : int, optional
        How often the ticket had been transferred before it came into the ledger.
    """
    changes: Changes = {"transfers": transfers}
    for event in events:
        fold = _FOLDS.get(event.kind)
        if fold is not None:
            fold(changes, event)
    changes |= {name: getattr(repeats, name) for name in _OF_REPEATS}
    found = replace(NO_HISTORY, **changes)
    # Rules ask whether there is any history by looking for this very object.
    return NO_HISTORY if found == NO_HISTORY else found


def history_json(history: History) -> dict[str, Any]:
    """Give what of a history is known, for a decision record."""
    told = {f.name: getattr(history, f.name) for f in fields(History)}
    return {name: value for name, value in told.items() if value != getattr(NO_HISTORY, name)}


def history_from(raw: Facts) -> History:
    """Read the history of a decision record; what else stands in it is passed over."""
    known = {f.name: raw[f.name] for f in fields(History) if f.name in raw}
    for name in _MOMENTS:
        if name in known:
            known[name] = datetime.fromisoformat(known[name])
    if "extension" in known:
        known["extension"] = extension_from(known["extension"])
    return History(**known) if known else NO_HISTORY


def extension_from(raw: Mapping[str, Any]) -> Extension:
    """Read an extension.

    Raises
    ------
    InvalidInput
        When its approval is not complete.
    """
    told = raw.get("notified_at")
    return Extension(
        days=raw["days"],
        reason=raw["reason"],
        approval_id=raw.get("approval_id"),
        approved_by=raw.get("approved_by"),
        notified_at=datetime.fromisoformat(told) if isinstance(told, str) else told,
    )


def _contact(changes: Changes, event: EventRecord) -> None:
    if event.data["two_way"]:
        changes["contacted_at"] = min(changes.get("contacted_at") or event.at, event.at)


def _transfer(changes: Changes, event: EventRecord) -> None:  # noqa: ARG001 - as the others
    changes["transfers"] = (changes["transfers"] or 0) + 1
    # Who takes a ticket back up takes it from where it was sent down to.
    changes |= {"sent_to": None, "sent_reason": None}


def _sent_down(changes: Changes, event: EventRecord) -> None:
    changes |= {"sent_to": event.data["to_level"], "sent_reason": event.data["reason"]}


def _mediation(changes: Changes, event: EventRecord) -> None:
    act = event.data["act"]
    if act == "confirmed":
        return
    changes["mediation"] = act
    if act == "agreed":
        changes["agreed_at"] = event.at
    elif act == "delegated":
        changes["delegated_at"] = event.at


def _extension(changes: Changes, event: EventRecord) -> None:
    changes["extension"] = extension_from(event.data)


def _withdrawal(changes: Changes, event: EventRecord) -> None:
    changes["withdrawn_at"] = event.at


def _reopened(changes: Changes, event: EventRecord) -> None:  # noqa: ARG001 - as the others
    changes["withdrawn_at"] = None


def _conversion(changes: Changes, event: EventRecord) -> None:  # noqa: ARG001 - as the others
    changes["converted"] = True


def _plan(changes: Changes, event: EventRecord) -> None:  # noqa: ARG001 - as the others
    changes["plan_agreed"] = True


def _employee(changes: Changes, event: EventRecord) -> None:
    changes["complained_employee"] = event.data["employee"]


def _difficult(changes: Changes, event: EventRecord) -> None:
    changes["difficult"] = event.data["difficult"]


def _agent(changes: Changes, event: EventRecord) -> None:
    changes["agent"] = event.data["present"]


_FOLDS: dict[str, Callable[[Changes, EventRecord], None]] = {
    "contact": _contact,
    "transfer": _transfer,
    "sent_down": _sent_down,
    "mediation": _mediation,
    "extension": _extension,
    "withdrawal": _withdrawal,
    "reopened": _reopened,
    "conversion": _conversion,
    "plan_agreed": _plan,
    "employee": _employee,
    "difficult": _difficult,
    "agent": _agent,
}
CHANGING = frozenset(_FOLDS)
"""Kinds of events after which the rules are applied anew."""
