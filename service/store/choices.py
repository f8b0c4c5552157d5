"""What people set for themselves at the desk."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.store.records_review import Choices, View
from service.store.sql import add_if_new, table_of
from service.store.tables_review import Choice

_T = table_of(Choice)


def of(session: Session, who: str) -> Choices:
    """Give what somebody chose; what he did not choose is as usual."""
    data = session.execute(select(_T.c.data).where(_T.c.who == who)).scalar()
    if data is None:
        return Choices()
    views = tuple(View(one["name"], one["query"]) for one in data["views"])
    return Choices(data["keys"], views, data["goal"])


def keep(session: Session, who: str, choices: Choices) -> None:
    """Keep what somebody chose, in place of what he chose before."""
    views = [{"name": one.name, "query": one.query} for one in choices.views]
    data = {"keys": dict(choices.keys), "views": views, "goal": choices.goal}
    if add_if_new(session, _T, {"who": who, "data": data}, "who", give="who") is None:
        session.execute(update(_T).where(_T.c.who == who).values(data=data))
