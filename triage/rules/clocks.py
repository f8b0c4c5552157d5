"""Clocks of duties: from when they run, how long, and when somebody is told before the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from triage.rules.calendar import ZONE, end_after_days, end_after_working_days

# What a clock may start at: moments of `triage.rules.facts.Facts`.
RECEIPT = "received_at"
STARTS = (RECEIPT, "agreed_at", "delegated_at", "withdrawn_at")
_SPAN = re.compile(r"(\d{1,4}) (minutes|hours|days|working days)")
_AFTER = re.compile(r"\+(\d{1,3})h")
_AT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_EXACT = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1)}
_DAYS: dict[str, Callable[[date, int], datetime]] = {
    "days": end_after_days,
    "working days": end_after_working_days,
}

Alarm = timedelta | time


@dataclass(frozen=True, slots=True)
class Clock:
    """How long a duty has.

    Attributes
    ----------
    count : int
    unit : str
        `minutes` and `hours` run exactly; `days` and `working days` end at 23:59:59 of a day.
    start : str
        One of `STARTS`.
    alarms : tuple
        Hours after the start, or times of the first day.
    at_risk : timedelta
        With less than this left the duty is at risk from the start.
    """

    count: int
    unit: str
    start: str = RECEIPT
    alarms: tuple[Alarm, ...] = ()
    at_risk: timedelta = timedelta()

    @property
    def ends_with_day(self) -> bool:
        """Whether the time is up at the end of a day."""
        return self.unit in _DAYS

    def due(self, start: datetime) -> datetime | None:
        """Give the moment the time is up; None beyond what a date can hold.

        Parameters
        ----------
        start : datetime
            In Asia/Shanghai, as is the answer.
        """
        try:
            if self.ends_with_day:
                return _DAYS[self.unit](start.date(), self.count)
            return start + self.count * _EXACT[self.unit]
        except OverflowError:
            return None

    def alarms_at(self, start: datetime, due: datetime) -> tuple[datetime, ...]:
        """Give the moments between start and end at which somebody is told."""
        moments = (
            start + alarm
            if isinstance(alarm, timedelta)
            else datetime.combine(start.date(), alarm, ZONE)
            for alarm in self.alarms
        )
        return tuple(sorted(moment for moment in moments if start < moment <= due))


def read_span(text: str) -> tuple[int, str]:
    """Read `15 days`, `1 working days`, `24 hours`, `5 minutes`; ValueError when it is none."""
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError("a time is `N minutes`, `N hours`, `N days` or `N working days`")
    return int(found[1]), found[2]


def read_alarm(text: str) -> Alarm:
    """Read `+2h` (hours after the start) or `17:00` (of the first day); ValueError if neither."""
    if found := _AFTER.fullmatch(text):
        return timedelta(hours=int(found[1]))
    if found := _AT.fullmatch(text):
        return time(int(found[1]), int(found[2]))
    raise ValueError("an alarm is `+2h` or `17:00`")
