"""Risk alerts: proposed or drafted, approved, sent, read; each step is taken once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, literal, select, update
from sqlalchemy.orm import Session

from service.store.columns import Moment
from service.store.errors import UnknownAlert, WrongState
from service.store.records import Facts
from service.store.records_governance import AlertRecord, AlertState, NewAlert, Receipt
from service.store.sql import add as add_row
from service.store.sql import add_if_new, changed, table_of, values_of
from service.store.tables_governance import Alert, AlertReceipt

_A = table_of(Alert)
_R = table_of(AlertReceipt)
_SHOWN = select(*(_A.c[f.name] for f in fields(AlertRecord) if f.name != "receipts"))
_OPEN = (AlertState.PROPOSED, AlertState.OVER)
_READY = (*_OPEN, AlertState.DRAFT)
_RECEIPTS = select(_R.c.alert_id, *(_R.c[f.name] for f in fields(Receipt)))


def add(
    session: Session,
    new: NewAlert,
    *,
    who: str,
    now: datetime,
    state: AlertState = AlertState.DRAFT,
) -> int:
    """Keep a draft, or what is proposed; give its number."""
    own = {"state": state, "typical": [], "created_at": now, "created_by": who}
    ends: dict[str, Any] = {"approved_at": None, "approved_by": None, "distributed_at": None}
    return add_row(session, _A, {**values_of(new), **own, **ends})


def get(session: Session, alert_id: int) -> AlertRecord:
    """Give an alert with whom it was sent to.

    Raises
    ------
    UnknownAlert
    """
    row = session.execute(_SHOWN.where(_A.c.id == alert_id)).one_or_none()
    if row is None:
        raise UnknownAlert("no alert has this number", cure="see GET /v1/alerts/drafts")
    return _with_receipts(session, [_record(row)])[0]


def page(
    session: Session,
    *,
    before: int | None = None,
    limit: int = 50,
    state: AlertState | None = None,
) -> list[AlertRecord]:
    """Give alerts, newest first; `before` is the number of the last one had."""
    statement = _SHOWN if before is None else _SHOWN.where(_A.c.id < before)
    if state is not None:
        statement = statement.where(_A.c.state == state)
    rows = session.execute(statement.order_by(_A.c.id.desc()).limit(limit))
    return _with_receipts(session, [_record(row) for row in rows])


def approved_between(session: Session, since: datetime, until: datetime) -> list[AlertRecord]:
    """Give the alerts that were approved from a moment on and before another, oldest first."""
    within = (_A.c.approved_at >= since, _A.c.approved_at < until)
    rows = session.execute(_SHOWN.where(*within).order_by(_A.c.id))
    return _with_receipts(session, [_record(row) for row in rows])


def made_by(session: Session, who: str, since: datetime) -> list[AlertRecord]:
    """Give the alerts that somebody made from a moment on, newest first, without receipts."""
    chosen = (_A.c.created_by == who, _A.c.created_at >= since)
    rows = session.execute(_SHOWN.where(*chosen).order_by(_A.c.id.desc()))
    return [_record(row) for row in rows]


def proposed(session: Session) -> int:
    """Count the alerts of events that go on and of which nobody has decided."""
    statement = select(func.count()).where(_A.c.state == AlertState.PROPOSED)
    return int(session.execute(statement).scalar_one())


def renew(session: Session, alert_id: int, new: NewAlert | None, state: AlertState) -> bool:
    """Put what is told by now in the place of what was; False when a person has decided."""
    values = {"state": state, **(values_of(new) if new else {})}
    undecided = (_A.c.id == alert_id, _A.c.state.in_(_OPEN))
    return changed(session, update(_A).where(*undecided).values(**values)) == 1


def dismiss(session: Session, alert_id: int) -> None:
    """Take what was proposed for no event.

    Raises
    ------
    UnknownAlert, WrongState
    """
    _move(session, alert_id, _OPEN, {"state": AlertState.DISMISSED})


def approve(
    session: Session,
    alert_id: int,
    *,
    who: str,
    now: datetime,
    typical: Sequence[str],
    draft: Facts,
) -> None:
    """Approve a draft or what is proposed, with the tickets taken for typical, and its text.

    Raises
    ------
    UnknownAlert, WrongState
    """
    values = {"state": AlertState.APPROVED, "approved_at": now, "approved_by": who}
    _move(session, alert_id, _READY, {**values, "typical": list(typical), "draft": draft})


def distribute(
    session: Session, alert_id: int, recipients: Iterable[str], *, now: datetime
) -> list[str]:
    """Send an approved alert; give who had not been sent it before.

    Raises
    ------
    UnknownAlert, WrongState
    """
    ready = (AlertState.APPROVED, AlertState.DISTRIBUTED)
    first = func.coalesce(_A.c.distributed_at, literal(now, Moment()))
    _move(session, alert_id, ready, {"state": AlertState.DISTRIBUTED, "distributed_at": first})
    row: dict[str, Any] = {"alert_id": alert_id, "sent_at": now, "read_at": None, "read_by": None}
    return [
        name
        for name in dict.fromkeys(recipients)
        if add_if_new(session, _R, {**row, "recipient": name}, "alert_id", "recipient") is not None
    ]


def read(session: Session, alert_id: int, recipient: str, *, who: str, now: datetime) -> bool:
    """Mark an alert as read for somebody whom it was sent to; False when it was before.

    Raises
    ------
    WrongState
        When it was not sent to them.
    """
    theirs = (_R.c.alert_id == alert_id, _R.c.recipient == recipient)
    if session.execute(select(_R.c.id).where(*theirs)).one_or_none() is None:
        raise WrongState("the alert was not sent to this recipient", cure="look at its list")
    fresh = update(_R).where(*theirs, _R.c.read_at.is_(None))
    return changed(session, fresh.values(read_at=now, read_by=who)) == 1


def forget(session: Session, ticket_ids: Collection[str], instead: str) -> None:
    """Take the customers' words out of alerts that rest on some tickets.

    `draft["quotes"]` names the points that quote; who is quoted where is not kept, so all go. Of
    `draft["cases"]`, those that were picked, those of the tickets go.
    """
    gone = set(ticket_ids)
    for ident, found, draft in session.execute(select(_A.c.id, _A.c.found, _A.c.draft)).all():
        if gone.isdisjoint(_behind(found)):
            continue
        quotes = set(draft["quotes"])
        for section in draft["sections"]:
            section["points"] = [
                [name, instead if name in quotes else told] for name, told in section["points"]
            ]
        draft["cases"] = [
            [case, instead if case in gone else told] for case, told in draft.get("cases", ())
        ]
        session.execute(update(_A).where(_A.c.id == ident).values(draft=draft))


def _behind(found: Facts) -> Iterator[str]:
    for surge in found["surges"]:
        yield from surge["tickets"]
    for major in found["major"]:
        yield major["id"]


def _move(
    session: Session, alert_id: int, ready: Sequence[AlertState], values: dict[str, Any]
) -> None:
    known = get(session, alert_id)
    if not changed(
        session, update(_A).where(_A.c.id == alert_id, _A.c.state.in_(ready)).values(**values)
    ):
        raise WrongState(
            f"the alert is {known.state}, not {' or '.join(ready)}", cure="read it again first"
        )


def _with_receipts(session: Session, alerts: list[AlertRecord]) -> list[AlertRecord]:
    found: dict[int, list[Receipt]] = {one.id: [] for one in alerts}
    chosen = _RECEIPTS.where(_R.c.alert_id.in_(list(found))).order_by(_R.c.id)
    for row in session.execute(chosen):
        found[row.alert_id].append(Receipt(*row[1:]))
    return [replace(one, receipts=tuple(found[one.id])) for one in alerts]


def _record(row: Row[Any]) -> AlertRecord:
    facts = dict(row._mapping)
    state, typical = AlertState(facts["state"]), tuple(facts["typical"])
    return AlertRecord(**facts | {"state": state, "typical": typical})
