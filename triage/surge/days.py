"""What kind of day it is: complaints follow the week, holidays and the start of the month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from triage.rules.calendar import Calendar

Ints = NDArray[np.int64]

MONDAY, _FRIDAY, _SATURDAY = 0, 4, 5
FREE, RUSH = 7, 8
"""A day off that is no weekend, and the first worked one after three off; 0 to 6 are weekdays."""
_LONG_REST = 3

WORKED, OFF, START = range(3)
"""Kinds by which series differ in their share: worked, off, first days of the month."""


def kind_of(day: date, calendar: Calendar) -> int:
    """Say which day of the week a day is like.

    A weekend day worked in exchange is like Friday.
    """
    weekday = day.weekday()
    if not calendar.is_working_day(day):
        return weekday if weekday >= _SATURDAY else FREE
    before = (calendar.is_working_day(day - timedelta(days=n + 1)) for n in range(_LONG_REST))
    if not any(before):
        return RUSH
    return _FRIDAY if weekday >= _SATURDAY else weekday


def kinds_of(days: Sequence[date], calendar: Calendar, month_start: int) -> tuple[Ints, Ints]:
    """Give the day of the week that each day is like, and its coarse kind."""
    fine = np.array([kind_of(day, calendar) for day in days], dtype=np.int64)
    early = np.array([day.day <= month_start for day in days])
    off = (fine >= _SATURDAY) & (fine != RUSH)
    coarse = np.where(off, OFF, np.where(early, START, WORKED))
    return fine, coarse.astype(np.int64)
