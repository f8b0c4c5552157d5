"""Searches for alerts that were asked for and what came of them, for every process."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, and_, delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from service.store.sql import add_if_new, changed, table_of
from service.store.tables_governance import Search

_T: Table = table_of(Search)
_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is searched: days, both within, by some rules, which are told by a digest."""

    rules: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a search: `found` in the ledger with this mark, or why it `failed`."""

    mark: str | None
    found: Any
    failed: str | None = None


def want(session: Session, sought: Sought, now: datetime) -> int:
    """Ask for a search that begins from now on; give the number of the question."""
    values = _values(sought) | {"wanted": 0, "answered": 0, "wanted_at": now}
    add_if_new(session, _T, values, "rules", "since", "until", give="wanted")
    asked = update(_T).where(_is(sought)).values(wanted=_T.c.wanted + 1, wanted_at=now)
    session.execute(asked)
    return int(session.execute(select(_T.c.wanted).where(_is(sought))).scalar_one())


def answer_of(session: Session, sought: Sought, number: int = 0) -> Answer | None:
    """Give the last answer, if it is one to a question of this number or a later one."""
    columns = (_T.c[field.name] for field in fields(Answer))
    chosen = select(*columns).where(_is(sought), _T.c.answered >= number)
    row = session.execute(chosen).one_or_none()
    return None if row is None else Answer(*row)


def waiting(session: Session, rules: str) -> tuple[Sought, int] | None:
    """Give what is to be searched next by these rules, and the number of its last question."""
    columns = (_T.c[field.name] for field in fields(Sought))
    chosen = select(*columns, _T.c.wanted).where(_T.c.rules == rules, _T.c.wanted > _T.c.answered)
    row = session.execute(chosen.order_by(_T.c.wanted_at).limit(1)).one_or_none()
    return None if row is None else (Sought(*row[:-1]), int(row[-1]))


def keep(session: Session, sought: Sought, number: int, answer: Answer, now: datetime) -> bool:
    """Answer all questions up to one, and forget what nobody has asked for since yesterday."""
    values = {field.name: getattr(answer, field.name) for field in fields(Answer)}
    fresh = update(_T).where(_is(sought), _T.c.answered < number)
    session.execute(delete(_T).where(_T.c.wanted_at < now - _KEPT))
    return changed(session, fresh.values(answered=number, **values)) == 1


def forget(session: Session) -> None:
    """Take away what was found: it quotes customers, and one of them is erased."""
    session.execute(update(_T).values(mark=None, found=None))


def _values(sought: Sought) -> dict[str, Any]:
    return {field.name: getattr(sought, field.name) for field in fields(Sought)}


def _is(sought: Sought) -> ColumnElement[bool]:
    return and_(*(_T.c[name] == value for name, value in _values(sought).items()))
