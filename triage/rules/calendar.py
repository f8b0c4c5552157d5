"""Days and deadlines in Asia/Shanghai: calendar days, and working days with those made up for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property, lru_cache
from importlib.metadata import version

from triage.errors import InvalidInput
from triage.kept import kept

# China has had one zone and no summer time since 1992: no table of zones is needed.
ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
END_OF_DAY = time(23, 59, 59, tzinfo=ZONE)
# The State Council announces a year's holidays in the November before.
NOTICE_DAYS = 365
WARNING_DAYS = 60
# Of other years only weekends are known: a date far off must not cost time and memory.
_FIRST_YEAR, _YEARS = 2020, 16
_SATURDAY = 5


class Calendar:
    """The calendar of mainland China, from the `holidays` library.

    What a version of the library says of the years is kept: it holds the calendars of all
    countries.
    """

    @cached_property
    def _days(self) -> tuple[frozenset[date], frozenset[date]]:
        """The holidays, and the Saturdays and Sundays that are worked in exchange."""
        off, worked = kept("calendar", (), _announced, also=version("holidays"))
        return _dates(off), _dates(worked)

    @cached_property
    def known_until(self) -> date:
        """Last day whose holidays were officially announced, as far as the library knows.

        Every announced year has Saturdays or Sundays that are worked in exchange; the library
        works out later years from the law alone, without them.
        """
        year = _FIRST_YEAR
        announced = {day.year for day in self._days[1]}
        while year + 1 in announced:
            year += 1
        return date(year, 12, 31)

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work on a day; made-up Saturdays and Sundays are worked."""
        if not 0 <= day.year - _FIRST_YEAR < _YEARS:
            return day.weekday() < _SATURDAY
        off, worked = self._days
        return day in worked if day.weekday() >= _SATURDAY else day not in off

    def working_day_after(self, day: date, count: int) -> date:
        """Give the `count`-th working day after a day; 0 is the day itself, worked or not."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def notice(self, today: date) -> str | None:
        """Say that the calendar runs out, from a year before; `warning: ` in the last 60 days."""
        left = (self.known_until - today).days
        if left > NOTICE_DAYS:
            return None
        kind = "warning" if left <= WARNING_DAYS else "notice"
        return (
            f"{kind}: holidays are officially known until {self.known_until.isoformat()} "
            f"({max(left, 0)} days left); working days after it follow the law alone; "
            "update the package holidays"
        )


def _dates(days: Iterable[str]) -> frozenset[date]:
    return frozenset(map(date.fromisoformat, days))


def _announced() -> list[list[str]]:
    from holidays import country_holidays

    days = country_holidays("CN", years=range(_FIRST_YEAR, _FIRST_YEAR + _YEARS))
    return [sorted(map(date.isoformat, each)) for each in (days, days.weekend_workdays)]


@lru_cache(maxsize=1)
def default_calendar() -> Calendar:
    """Give the one calendar of the process."""
    return Calendar()


def midnight(day: date) -> datetime:
    """Give the first moment of a day in Asia/Shanghai."""
    return datetime.combine(day, time(), ZONE)


def local(moment: datetime) -> datetime:
    """Give a moment in Asia/Shanghai; at the ends of time, where that cannot be, as it is.

    Raises
    ------
    InvalidInput
        When it has no zone.
    """
    if moment.tzinfo is None:
        raise InvalidInput("a moment without a zone", cure="give it one, as +08:00")
    try:
        return moment.astimezone(ZONE)
    except OverflowError:
        return moment


def end_after_days(day: date, count: int) -> datetime:
    """Give the end of the `count`-th calendar day after a day."""
    return datetime.combine(day + timedelta(days=count), END_OF_DAY)


@lru_cache(maxsize=4_096)
def end_after_working_days(day: date, count: int) -> datetime:
    """Give the end of the `count`-th working day after a day."""
    return datetime.combine(default_calendar().working_day_after(day, count), END_OF_DAY)
