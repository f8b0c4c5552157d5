"""What is to be put right, supervised or taught: opened with an owner, closed with evidence."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, or_, select, update
from sqlalchemy.orm import Session

from service.store.errors import UnknownItem, WrongState
from service.store.records_governance import ItemKind, ItemRecord, NewItem
from service.store.sql import add as add_row
from service.store.sql import changed, table_of, values_of
from service.store.tables_governance import Item

_T = table_of(Item)
_SHOWN = select(*(_T.c[f.name] for f in fields(ItemRecord)))
OPEN, CLOSED = "open", "closed"


def add(session: Session, new: NewItem, *, who: str, now: datetime) -> int:
    """Open an item; give its number."""
    values = {**values_of(new), "tickets": list(new.tickets)}
    ends: dict[str, Any] = {"closed_at": None, "closed_by": None, "evidence": None}
    own: dict[str, Any] = {"state": OPEN, "opened_at": now, "opened_by": who}
    return add_row(session, _T, {**values, **own, **ends})


def get(session: Session, item_id: int) -> ItemRecord:
    """Give an item.

    Raises
    ------
    UnknownItem
    """
    row = session.execute(_SHOWN.where(_T.c.id == item_id)).one_or_none()
    if row is None:
        raise UnknownItem("no item has this number", cure="see GET /v1/items")
    return _record(row)


def page(
    session: Session,
    *,
    kind: ItemKind | None = None,
    state: str | None = None,
    overdue_on: str | None = None,
    alert_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[ItemRecord]:
    """Give items, newest first; `before` is the number of the last one had.

    With a day in `overdue_on` only the open ones that were due before it.
    """
    wanted = [
        (kind, _T.c.kind == kind),
        (state, _T.c.state == state),
        (overdue_on, and_(_T.c.state == OPEN, _T.c.due_on < (overdue_on or ""))),
        (alert_id, _T.c.alert_id == alert_id),
        (before, _T.c.id < (before or 0)),
    ]
    chosen = _SHOWN.where(*(clause for given, clause in wanted if given is not None))
    rows = session.execute(chosen.order_by(_T.c.id.desc()).limit(limit))
    return [_record(row) for row in rows]


def counts(session: Session, day: str) -> tuple[int, int]:
    """Give how many are open, and how many of those were due before a day."""
    late = func.count().filter(_T.c.due_on < day)
    found = session.execute(select(func.count(), late).where(_T.c.state == OPEN)).one()
    return int(found[0]), int(found[1])


def of_period(session: Session, since: datetime, until: datetime) -> list[ItemRecord]:
    """Give the items opened before the end of a period and not closed before it began."""
    alive = or_(_T.c.closed_at.is_(None), _T.c.closed_at >= since)
    rows = session.execute(_SHOWN.where(_T.c.opened_at < until, alive).order_by(_T.c.id))
    return [_record(row) for row in rows]


def close(session: Session, item_id: int, *, evidence: str, who: str, now: datetime) -> None:
    """Close an open item with the evidence that it was done.

    Raises
    ------
    UnknownItem, WrongState
    """
    values = {"state": CLOSED, "closed_at": now, "closed_by": who, "evidence": evidence}
    ready = update(_T).where(_T.c.id == item_id, _T.c.state == OPEN)
    if not changed(session, ready.values(**values)):
        known = get(session, item_id)
        raise WrongState(f"the item is {known.state}", cure="open another one")


def _record(row: Row[Any]) -> ItemRecord:
    facts = dict(row._mapping)
    kind, tickets = ItemKind(facts["kind"]), tuple(facts["tickets"])
    return ItemRecord(**facts | {"kind": kind, "tickets": tickets})
