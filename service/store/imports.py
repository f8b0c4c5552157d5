"""Files of tickets: kept sealed until they are taken in, and which tickets came of them.

A ticket that came of a file is told by its own audit entry, which was written with it: there the
request is named `import-N`. So nothing can come between a ticket and where it is from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from service.store.errors import UnknownImport
from service.store.sql import add as add_row
from service.store.sql import changed, table_of
from service.store.tables_desk import Import
from service.store.tables_service import Audit

_T = table_of(Import)
_A = table_of(Audit)
_SKEW = timedelta(minutes=5)
_CUT_OFF = timedelta(days=1)


class ImportState(StrEnum):
    """How far a file came."""

    DRAFT = "draft"  # looked at
    TAKING = "taking"
    TAKEN = "taken"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """A file, without what is in it."""

    id: int
    at: datetime
    who: str
    name: str
    kind: str
    state: ImportState
    until: datetime
    taken_at: datetime | None
    done_at: datetime | None
    undone_at: datetime | None
    counts: Mapping[str, Any]


_SHOWN = select(*(_T.c[f.name] for f in fields(ImportRecord)))


def request_of(import_id: int) -> str:
    """Give the name of the request by which tickets of a file are taken in."""
    return f"import-{import_id}"


def add(
    session: Session,
    *,
    who: str,
    name: str,
    kind: str,
    sealed: bytes,
    at: datetime,
    until: datetime,
) -> int:
    """Keep a file until a moment; give its number. Those whose moment is over go.

    What is in a file whose taking was cut off goes a day later.
    """
    session.execute(delete(_T).where(_T.c.state == ImportState.DRAFT, _T.c.until <= at))
    cut_off = (_T.c.state == ImportState.TAKING, _T.c.until <= at - _CUT_OFF)
    session.execute(update(_T).where(*cut_off).values(sealed=None))
    values = {"who": who, "name": name, "kind": kind, "sealed": sealed, "at": at, "until": until}
    return add_row(session, _T, values | {"state": ImportState.DRAFT, "counts": {}})


def get(session: Session, import_id: int, now: datetime) -> ImportRecord:
    """Give a file.

    Raises
    ------
    UnknownImport
        When there is none, or it was not taken in in its time.
    """
    row = session.execute(_SHOWN.where(_T.c.id == import_id)).one_or_none()
    found = _record(row) if row else None
    if found is None or (found.state is ImportState.DRAFT and found.until <= now):
        raise UnknownImport("there is no such file any more", cure="send it again")
    return found


def sealed(session: Session, import_id: int) -> bytes | None:
    """Give what is in a file, encrypted; None once it was taken in."""
    found: bytes | None = session.execute(select(_T.c.sealed).where(_T.c.id == import_id)).scalar()
    return found


def latest(session: Session, now: datetime, *, limit: int = 20) -> list[ImportRecord]:
    """Give files, newest first."""
    over = (_T.c.state == ImportState.DRAFT) & (_T.c.until <= now)
    rows = session.execute(_SHOWN.where(~over).order_by(_T.c.id.desc()).limit(limit))
    return [_record(row) for row in rows]


def move(
    session: Session, import_id: int, *, came_from: ImportState, to: ImportState, **values: Any
) -> bool:
    """Say how far a file came; False when somebody else was quicker."""
    statement = update(_T).where(_T.c.id == import_id, _T.c.state == came_from)
    return changed(session, statement.values(state=to, **values)) == 1


def drop(session: Session, import_id: int) -> bool:
    """Forget a file that was not taken in."""
    chosen = (_T.c.id == import_id, _T.c.state == ImportState.DRAFT)
    return changed(session, delete(_T).where(*chosen)) == 1


def tickets_of(session: Session, one: ImportRecord) -> list[str]:
    """Give the tickets that came of a file, in the order in which they were stored."""
    if one.taken_at is None:
        return []
    within = (_A.c.at >= one.taken_at - _SKEW, _A.c.at <= (one.done_at or one.until) + _SKEW)
    theirs = (_A.c.what == "ticket.received", _A.c.request_id == request_of(one.id))
    statement = select(_A.c.ticket_id).where(*within, *theirs).order_by(_A.c.id)
    return list(session.execute(statement).scalars())


def _record(row: Any) -> ImportRecord:
    facts = dict(row._mapping)
    return ImportRecord(**facts | {"state": ImportState(facts["state"])})
