"""Where repeats are looked for, and which were found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Integer, Row, TextClause, bindparam, select, text
from sqlalchemy.orm import Session

from service.store.records import Candidate, Link
from service.store.sql import add_if_new, add_numbers, table_of
from service.store.tables import Complaint, Repeat, RepeatKey

_C = table_of(Complaint)
_K = table_of(RepeatKey)
_R = table_of(Repeat)
_CANDIDATE = (
    *("id", "ticket_id", "received_at", "customer_ref", "product"),
    *("line", "amount_cny", "masked_text", "sketch"),
)
_SHOWN = select(*(_C.c[name] for name in _CANDIDATE)).where(
    _C.c.erased_at.is_(None), _C.c.received_at >= bindparam("since")
)
# Made once: to build a statement takes longer than to run it.
_THESE = _SHOWN.where(_C.c.id.in_(bindparam("idents", expanding=True)))
_OF_CUSTOMER = (
    _SHOWN.where(_C.c.customer_ref == bindparam("customer_ref"))
    .order_by(_C.c.received_at.desc())
    .limit(bindparam("most", type_=Integer()))
)
# Each is looked up once, however many tickets a customer or a template has.
_HELD = (
    "WITH asked(value) AS (VALUES {}) SELECT value FROM asked"
    " WHERE EXISTS (SELECT 1 FROM {} WHERE {} = value)"
)
_TOGETHER = 64


def add_keys(session: Session, keys: Iterable[tuple[int, Sequence[int]]]) -> None:
    """Keep the bands of tickets' sketches (64-bit numbers, signed or not)."""
    rows: list[tuple[int, ...]] = [
        (band, complaint_id)
        for complaint_id, bands in keys
        for band in {_signed(each) for each in bands}
    ]
    add_numbers(session, _K, ("band", "complaint_id"), rows)


@dataclass(frozen=True, slots=True)
class Met:
    """Of what was asked for, the customers and the bands that have tickets."""

    customers: frozenset[str]
    bands: frozenset[int]

    def shares(self, bands: Iterable[int]) -> bool:
        """Tell whether any of these bands has tickets."""
        return not self.bands.isdisjoint(map(_signed, bands))


def met(session: Session, customers: Iterable[str], bands: Iterable[int]) -> Met:
    """Tell which customers and bands have tickets: most new tickets repeat nothing."""
    return Met(
        frozenset(_held(session, _C.c.customer_ref, list(set(customers)))),
        frozenset(_held(session, _K.c.band, list(set(map(_signed, bands))))),
    )


def _held(session: Session, column: Column[Any], asked: list[Any]) -> Iterator[Any]:
    for start in range(0, len(asked), _TOGETHER):
        some = asked[start : start + _TOGETHER]
        values = {f"v{place}": value for place, value in enumerate(some)}
        yield from session.execute(_held_of(column, len(some)), values).scalars()


@cache
def _held_of(column: Column[Any], many: int) -> TextClause:
    asked = ", ".join(f"(:v{place})" for place in range(many))
    return text(_HELD.format(asked, column.table, column.name))


def sharing(
    session: Session,
    bands: Sequence[int],
    *,
    since: datetime,
    per_band: int = 40,
    most: int = 60,
) -> list[Candidate]:
    """Give tickets that share bands, those that share most first.

    Of each band only the newest `per_band` are looked at, and of all only `most` are read, so
    that a template that thousands send costs no more than any other ticket.
    """
    wanted = sorted({_signed(band) for band in bands})
    if not wanted:
        return []
    values = {f"b{place}": band for place, band in enumerate(wanted)}
    found = session.execute(_newest(len(wanted)), {**values, "most": per_band}).scalars()
    shared = Counter(found)
    best = sorted(shared, key=lambda ident: (-shared[ident], -ident))[:most]
    if not best:
        return []
    rows = session.execute(_THESE, {"idents": best, "since": since})
    candidates = [_candidate(row, shared[row.id]) for row in rows]
    return sorted(candidates, key=lambda found: (-found.shared, -found.id))


@cache
def _newest(bands: int) -> TextClause:
    # Written out: built from parts, so long a statement takes longer to build than to run.
    one = (
        "SELECT complaint_id FROM (SELECT complaint_id FROM repeat_keys WHERE band = :b{}"
        " ORDER BY complaint_id DESC LIMIT :most) AS q{}"
    )
    return text(" UNION ALL ".join(one.format(place, place) for place in range(bands)))


def of_customer(
    session: Session, customer_ref: str, *, since: datetime, most: int = 60
) -> list[Candidate]:
    """Give the newest tickets of a customer."""
    values = {"customer_ref": customer_ref, "since": since, "most": most}
    return [_candidate(row) for row in session.execute(_OF_CUSTOMER, values)]


def link(
    session: Session, complaint_id: int, other_id: int, *, kind: str, score: float, at: datetime
) -> bool:
    """Note that a ticket repeats an earlier one (`customer`, `template`); once for each kind."""
    values = {"complaint_id": complaint_id, "other_id": other_id, "kind": kind}
    values |= {"score": score, "at": at}
    return add_if_new(session, _R, values, "complaint_id", "other_id", "kind") is not None


def links(session: Session, complaint_id: int) -> list[Link]:
    """Give what a ticket repeats and what repeats it, in the order in which it was found."""
    new, old = _C.alias(), _C.alias()
    statement = (
        select(
            *(_R.c.complaint_id, _R.c.other_id, new.c.ticket_id, old.c.ticket_id),
            *(_R.c.kind, _R.c.score, _R.c.at),
        )
        .join(new, new.c.id == _R.c.complaint_id)
        .join(old, old.c.id == _R.c.other_id)
        .where((_R.c.complaint_id == complaint_id) | (_R.c.other_id == complaint_id))
        .order_by(_R.c.id)
    )
    return [Link(*row) for row in session.execute(statement)]


def _candidate(row: Row[Any], shared: int = 0) -> Candidate:
    return Candidate(**row._mapping, shared=shared)


def _signed(band: int) -> int:
    # Databases know signed numbers only.
    return band - 2**64 if band >= 2**63 else band
