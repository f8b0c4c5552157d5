"""Which duties an event meets, and which it makes pointless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from service.store.records import DutyRecord, DutyState, EventRecord
from triage.rules.calendar import local

CONTACT = frozenset(("contact", "contact_same_day"))
_DECISION = frozenset(
    (
        *("decision_15d", "decision_30d", "decision_60d", "answer_15d"),
        *("control_reply_15d", "credit_reply_20d", "petition_notice"),
    )
)
# What a closed ticket still owes.
_OUTLIVES = frozenset(("judicial_confirmation", "conversion_review", "close_withdrawn"))
_NONE: frozenset[str] = frozenset()
_MET = {
    "assignment": frozenset(("human_now", "human_reading")),
    "transfer": frozenset(("human_reading",)),
    "sent_down": frozenset(("human_reading",)),
    "plan_agreed": frozenset(("plan_check",)),
    "agent": frozenset(("agent_authorisation",)),
}
_MEDIATED = {
    "offered": ("mediation_offer",),
    "agreed": ("mediation_offer", "mediation_end"),
    "refused": ("mediation_offer", "mediation_end"),
    "delegated": ("mediation_offer",),
    "confirmed": ("judicial_confirmation", "mediation_end"),
}
_ATTEMPTS = 3
_UNSETTLED = (DutyState.OPEN, DutyState.ATTEMPTED, DutyState.MISSED)
Settled = tuple[DutyRecord, DutyState]


def settled_by(
    event: EventRecord, before: Sequence[EventRecord], duties: Sequence[DutyRecord]
) -> list[Settled]:
    """Say what becomes of the duties of a ticket by an event.

    Parameters
    ----------
    event : EventRecord
    before : sequence of EventRecord
        Those recorded before it.
    duties : sequence of DutyRecord
    """
    waiting = [duty for duty in duties if duty.state in _UNSETTLED]
    if event.kind == "duty":
        state = DutyState.MET if event.data["act"] == "met" else DutyState.WAIVED
        return [(duty, state) for duty in waiting if duty.code == event.data["code"]]
    met = met_codes(event)
    found = [(duty, DutyState.MET) for duty in waiting if duty.code in met]
    if event.kind == "contact" and not event.data["two_way"]:
        found += _attempted(event, before, waiting)
    if event.kind == "outcome" and event.data.get("status") == "closed":
        found += _ended(event, [duty for duty in waiting if duty.code not in met])
    return found


def met_codes(event: EventRecord) -> frozenset[str]:
    """Give the codes of duties that an event meets."""
    kind, data = event.kind, event.data
    if kind == "contact":
        return CONTACT | {"human_now"} if data["two_way"] else _NONE
    if kind == "mediation":
        return frozenset(_MEDIATED[data["act"]])
    if kind == "outcome":
        return _outcome(data.get("status"))
    if kind == "agent" and not data.get("authorised"):
        return _NONE
    return _MET.get(kind, _NONE)


def _outcome(status: str | None) -> frozenset[str]:
    if status is None:
        return _NONE
    return _DECISION if status == "replied" else _DECISION | {"close_withdrawn"}


def _ended(event: EventRecord, waiting: Sequence[DutyRecord]) -> Iterator[Settled]:
    for duty in waiting:
        if duty.code in _OUTLIVES or duty.state != DutyState.OPEN:
            continue
        late = duty.due_at is not None and duty.due_at < event.at
        yield duty, DutyState.MISSED if late else DutyState.WAIVED


def _attempted(
    event: EventRecord, before: Sequence[EventRecord], waiting: Sequence[DutyRecord]
) -> Iterator[Settled]:
    """Three attempts at different times of one day and a message: attempted, which is not met."""
    tries = [one for one in (*before, event) if one.kind == "contact" and not one.data["two_way"]]
    day: date = local(event.at).date()
    of_day = [one for one in tries if local(one.at).date() == day]
    times = {local(one.at).replace(second=0, microsecond=0) for one in of_day}
    left = any(one.data["channel"] == "message" for one in of_day)
    if len(times) >= _ATTEMPTS and left:
        for duty in waiting:
            if duty.code == "contact_same_day" and duty.state == DutyState.OPEN:
                yield duty, DutyState.ATTEMPTED
