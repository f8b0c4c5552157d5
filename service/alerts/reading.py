"""The tickets of the ledger that alerts rest on, kept from one look to the next.

Only rows that changed since are read again; a sum over all of them tells when that was not enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from service.alerts.rows import bonds_of, said_of, ticket_of
from service.store import seen
from service.store.seen import Sum
from triage.bonds import Bonds
from triage.rules.calendar import local, midnight

if TYPE_CHECKING:
    from service.store.database import Database, Session
    from service.store.seen import SeenRow
    from triage.surge.tickets import Said, SurgeTicket

# More than any baseline of data/surge.yaml looks back.
_PAST = timedelta(days=400)
# More than the longest story of data/surge.yaml had lasted when the period began.
_SIGNALS = timedelta(days=60)
# Clocks of several processes that write differ, and what is written first may be seen last.
_OVERLAP = timedelta(minutes=10)
Ends = tuple[datetime, datetime, datetime]
"""From when tickets are looked at, from when their signals are, and until when."""


class Reader:
    """Reads the ledger's tickets.

    Parameters
    ----------
    database : Database

    Attributes
    ----------
    tickets : dict of str to SurgeTicket
        By their identifier; one that did not change is the same object as before.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ends: Ends | None = None
        self._forget()

    def read(self, first: date, last: date) -> dict[str, SurgeTicket]:
        """Give the tickets that alerts of a period rest on."""
        ends = ends_of(first, last)
        with self._database.read() as session:
            if self._ends is None or self._ends[0] != ends[0] or self._ends[2] > ends[2]:
                self._forget()
            changed = self._take(session, ends)
            if seen.total(session, ends[0], ends[2]) != self._sum:
                self._forget()
                changed = self._take(session, ends)
            bonds = bonds_of(seen.links(session, ends[0], ends[2]))
        self._make(changed, bonds)
        self._ends = ends
        return self.tickets

    def _forget(self) -> None:
        self.tickets: dict[str, SurgeTicket] = {}
        self._rows: dict[int, SeenRow] = {}
        self._said: dict[int, tuple[Said, ...]] = {}
        self._bonds: tuple[Bonds, Bonds] = (Bonds(), Bonds())
        self._changed_at: datetime | None = None
        self._sum = Sum(0, 0, 0)

    def _take(self, session: Session, ends: Ends) -> list[int]:
        """Read what changed; give the numbers of those rows."""
        since = self._changed_at and self._changed_at - _OVERLAP
        changed, size, idents, versions = [], *self._sum
        for row in seen.seen(session, ends[0], ends[2], changed=since):
            old = self._rows.get(row.id)
            if old != row:
                changed.append(row.id)
                self._rows[row.id] = row
                size, idents = size + (old is None), idents + (row.id if old is None else 0)
                versions += row.version - (0 if old is None else old.version)
            if self._changed_at is None or row.updated_at > self._changed_at:
                self._changed_at = row.updated_at
        self._sum = Sum(size, idents, versions)
        if self._ends is not None and self._ends[1] != ends[1]:
            changed = list(self._rows)
        inside = {ident for ident in changed if self._rows[ident].received_at >= ends[1]}
        for ident in set(changed) - inside:
            self._said.pop(ident, None)
        wanted = sorted(inside - self._said.keys())
        for ident, signals in seen.first_signals(session, wanted):
            self._said[ident] = said_of(signals)
        return changed

    def _make(self, changed: Iterable[int], bonds: tuple[Bonds, Bonds]) -> None:
        """Make tickets of rows that changed, and of those that belong to others than before."""
        moved = (new.other_than(old) for new, old in zip(bonds, self._bonds, strict=True))
        self._bonds = bonds
        for ident in set(changed).union(*moved):
            if (row := self._rows.get(ident)) is not None:
                made = ticket_of(row, self._said.get(ident, ()), *bonds)
                if self.tickets.get(made.id) != made:
                    self.tickets[made.id] = made


def ends_of(first: date, last: date) -> Ends:
    """Give what alerts of a period look at.

    It begins with a month, so that it is the same from one day to the next.
    """
    start, begin = ((first - back).replace(day=1) for back in (_PAST, _SIGNALS))
    return midnight(start), midnight(begin), midnight(last + timedelta(days=1))


def newest_of(database: Database) -> date | None:
    """Give the day of the last receipt."""
    newest = database.ask(seen.newest)
    return None if newest is None else local(newest).date()
