"""Events that nobody asked for, kept as proposed alerts: one for each, as long as it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from service.alerts.acts import ACTOR, behind, draft_json
from service.ledger.notices import Kind, post
from service.store import alerts, audit, seen
from service.store.database import Session
from service.store.records import Facts
from service.store.records_governance import AlertRecord, AlertState, NewAlert

if TYPE_CHECKING:
    from service.alerts.finding import Findings

# More than any story lasts, with all the days on which it may flare up again.
_PAST = timedelta(days=400)
_UNDECIDED = (AlertState.PROPOSED, AlertState.OVER)


def propose(session: Session, found: Sequence[Findings], now: datetime, *, same: float) -> int:
    """Keep events that are new, renew those that are known, and close those that are over.

    What a person has approved or dismissed stays as it is, and is not proposed again: a further
    alert of the event is when the event is told again.

    Parameters
    ----------
    session : Session
    found : sequence of Findings
        Each of one event.
    now : datetime
    same : float
        As of `pair`.

    Returns
    -------
    int
        How many are new.
    """
    known = alerts.made_by(session, ACTOR.who, now - _PAST)
    pairs = pair(known, [_surge(each.body) for each in found], same=same)
    new = 0
    for each in found:
        surge = _surge(each.body)
        alert = pairs.get(surge["id"])
        if alert is not None and not (alert.state not in _UNDECIDED and _told_again(alert, surge)):
            _renew(session, alert, each, now)
        elif surge["closed"] is None:  # what was over before anybody saw it is not proposed
            _add(session, each, now)
            new += 1
    told = {alert.id for alert in pairs.values()}
    for alert in known:
        if alert.id not in told and alert.state is AlertState.PROPOSED:
            _move(session, alert, None, AlertState.OVER, now)
    return new


def outdated(session: Session, found: Sequence[Findings]) -> bool:
    """Tell whether a ticket that is quoted was erased since it was read."""
    return any(
        ident not in each.erased
        for each in found
        for ident in seen.erased(session, sorted(behind(each.body)))
    )


def pair(
    known: Sequence[AlertRecord], found: Sequence[Facts], *, same: float
) -> dict[str, AlertRecord]:
    """Give the alert of each event that has one, by the event's identifier.

    An identifier alone does not tell: a ticket that comes late may move the day on which an event
    is told. Neither does a series, for a wider one may take its place: then a share `same` of the
    tickets tells.
    """
    free, pairs = list(known), dict[str, AlertRecord]()
    for is_same in (_same_story, _same_series, partial(_same_tickets, share=same)):
        for surge in found:
            if surge["id"] in pairs:
                continue
            match = next((each for each in free if is_same(_surge(each.found), surge)), None)
            if match is not None:
                pairs[surge["id"]] = match
                # An event may have earlier alerts that were decided: they are none of another.
                free = [each for each in free if not _same_event(each, match)]
    return pairs


def _same_event(one: AlertRecord, other: AlertRecord) -> bool:
    return one is other or _same_story(_surge(one.found), _surge(other.found))


def _told_again(alert: AlertRecord, surge: Facts) -> bool:
    """Tell whether an event was told again after what its alert tells."""
    return bool(max(surge["again"], default="") > alert.until)


def _same_story(one: Facts, other: Facts) -> bool:
    return one["id"] == other["id"] and _same_series(one, other)


def _same_series(one: Facts, other: Facts) -> bool:
    near = one["since"] <= other["last"] and other["since"] <= one["last"]
    return bool(near and one["series"]["fields"] == other["series"]["fields"])


def _same_tickets(one: Facts, other: Facts, share: float) -> bool:
    if not (one["series"]["fields"] and other["series"]["fields"]):
        return False  # all tickets hold those of any event
    first, second = set(one["tickets"]), set(other["tickets"])
    return len(first & second) >= share * max(1, min(len(first), len(second)))


def _add(session: Session, found: Findings, now: datetime) -> None:
    new = _kept(found)
    ident = alerts.add(session, new, who=ACTOR.who, now=now, state=AlertState.PROPOSED)
    audit.note(session, ACTOR, "alert.proposed", at=now, data={"alert": ident})
    _post(session, ident, _surge(found.body), now)


def _post(session: Session, ident: int, surge: Facts, now: datetime) -> None:
    fields = surge["series"]["fields"]
    # Which product or unit, and which words, is what somebody wrote: the alert itself tells it.
    facts = {name: fields[name] for name in ("line", "subline", "channel") if name in fields}
    facts |= {name: surge[name] for name in ("since", "count", "expected", "growth")}
    facts |= {"alert": ident, "fields": list(fields), "again": max(surge["again"], default=None)}
    post(session, Kind.ALERT_PROPOSED, facts=facts, now=now)


def _renew(session: Session, alert: AlertRecord, found: Findings, now: datetime) -> None:
    surge = _surge(found.body)
    over = surge["closed"] is not None
    if not (over and alert.state is AlertState.OVER):
        state = AlertState.OVER if over else AlertState.PROPOSED
        _move(session, alert, _kept(found), state, now)
    if not over and alert.state in _UNDECIDED and _told_again(alert, surge):
        _post(session, alert.id, surge, now)


def _move(
    session: Session, alert: AlertRecord, new: NewAlert | None, state: AlertState, now: datetime
) -> None:
    if alerts.renew(session, alert.id, new, state) and state is not alert.state:
        audit.note(session, ACTOR, f"alert.{state}", at=now, data={"alert": alert.id})


def _kept(found: Findings) -> NewAlert:
    draft, body = found.draft, found.body
    return NewAlert(body["since"], body["until"], draft.title, body, draft_json(draft, body))


def _surge(found: Facts) -> Facts:
    surge: Facts = found["surges"][0]
    return surge
