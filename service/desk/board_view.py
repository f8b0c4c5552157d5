"""What the board shows, taken together from the store: figures of a span of days, and trends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from service.desk.shares import Share
from service.store import board, overview, queue
from service.store.board import Kept, Overridden, Span, Volume
from service.store.database import Session
from service.store.matters import SAME_DAY
from service.store.overview import Look, Tally
from service.store.records import Filters
from service.store.records_review import Asked
from triage.rules.calendar import local, midnight

SPANS = (7, 30, 90, 365)
_BARS = 14
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the trend: tickets received, in the high band, repeats, verdicts, contacts.

    `week` holds the contacts of the seven days that end with it: of one day they are too few.
    """

    day: date
    total: int
    high: int
    repeats: int
    reviewed: int
    contacts: Kept
    week: Kept


@dataclass(frozen=True, slots=True)
class BoardView:
    """All figures of the board; those of `before` are of as many days before it."""

    at: datetime
    since: date
    until: date
    days: list[Day]
    total: int
    before: int
    lines: list[Volume]
    units: list[Volume]
    bands: list[Volume]
    kept: list[Kept]
    contact: Kept
    repeats: int
    guided: int
    converted: int
    leaks: int
    overridden: list[Overridden]
    now: Tally
    waiting: int

    @property
    def today(self) -> Day:
        """The last day."""
        return self.days[-1]

    @property
    def decided(self) -> Kept:
        """All duties but the contact of the same day together."""
        return _together("", [one for one in self.kept if one.name != SAME_DAY])

    @property
    def reviewed(self) -> Share:
        """How many verdicts gave another line, of all."""
        changed = sum(one.line_changed for one in self.overridden)
        return Share(changed, sum(one.total for one in self.overridden))

    @property
    def high(self) -> int:
        """Tickets in the high band."""
        return sum(one.total for one in self.bands if one.name == "high")


def board_view(session: Session, asked: Asked, *, days: int) -> BoardView:
    """Read the figures of the last days, today too."""
    now = asked.now
    until = local(now).date()
    since = until - timedelta(days=days - 1)
    span = Span(midnight(since), midnight(until + timedelta(days=1)), now)
    earlier = Span(span.since - timedelta(days=days), span.since, now)
    kept, (guided, converted) = board.kept(session, span), board.guided(session, span)
    return BoardView(
        at=now,
        since=since,
        until=until,
        days=_trend(session, span, since, days),
        total=board.total(session, span),
        before=board.total(session, earlier),
        lines=board.volume(session, span, "line")[:_BARS],
        units=board.volume(session, span, "unit")[:_BARS],
        bands=board.volume(session, span, "band"),
        kept=kept,
        contact=next((one for one in kept if one.name == SAME_DAY), Kept(SAME_DAY, 0, 0)),
        repeats=board.repeats(session, span),
        guided=guided,
        converted=converted,
        leaks=board.leaking(session, span),
        overridden=board.overridden(session, span),
        now=overview.count(session, Look(Filters(), now)),
        waiting=sum(queue.counts(session, asked).values()),
    )


def _trend(session: Session, span: Span, since: date, days: int) -> list[Day]:
    received, reviewed = (
        _by_name(board.volume(session, span)),
        _by_name(board.reviewed(session, span)),
    )
    contacts = {one.name: one for one in board.contacts(session, span)}
    found: list[Day] = []
    for day in (since + timedelta(days=number) for number in range(days)):
        name = day.isoformat()
        volume, owed = received.get(name, Volume(name, 0)), contacts.get(name, Kept(name, 0, 0))
        found.append(
            Day(
                day,
                volume.total,
                volume.high,
                volume.repeats,
                reviewed[name].total if name in reviewed else 0,
                owed,
                _together(name, [*(one.contacts for one in found[-_WEEK + 1 :]), owed]),
            )
        )
    return found


def _together(name: str, some: Sequence[Kept]) -> Kept:
    return Kept(name, sum(one.total for one in some), sum(one.in_time for one in some))


def _by_name(volumes: Iterable[Volume]) -> Mapping[str, Volume]:
    return {one.name: one for one in volumes if one.name is not None}
