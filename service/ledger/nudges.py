"""When somebody is reminded of a duty: a pure function of its clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import NamedTuple

from service.ledger.pace import Pace
from service.store.records import DutyRecord
from triage.rules.calendar import ZONE, local

OVERDUE = "overdue"
# What is due at 23:59:59 may be done until that second is over.
_SECOND = timedelta(seconds=1)
_MIDNIGHT = time(tzinfo=ZONE)


class Step(NamedTuple):
    """A moment at which somebody is told, and what: a level of `Pace.nudges`, an alarm, overdue."""

    at: datetime
    level: str


def steps(duty: DutyRecord, pace: Pace) -> list[Step]:
    """Give the steps of a duty in order of time; none when it has no end."""
    if duty.due_at is None:
        return []
    due = local(duty.due_at)
    found = [*_levels(duty, due, pace), *_alarms(duty, due)]
    with suppress(OverflowError):  # at the end of time nothing is overdue
        found.append(Step(due + _SECOND, OVERDUE))
    return sorted(found)


def latest(found: list[Step], now: datetime) -> Step | None:
    """Give the last step whose time has come: whoever was away is told the newest alone."""
    return next((step for step in reversed(found) if step.at <= now), None)


def next_at(found: list[Step], now: datetime) -> datetime | None:
    """Give when the next step comes."""
    return next((step.at for step in found if step.at > now), None)


def _levels(duty: DutyRecord, due: datetime, pace: Pace) -> Iterator[Step]:
    for level, days in pace.nudges.items():
        with suppress(OverflowError):  # before the beginning of time
            day = due.date() - timedelta(days=days)
            at = datetime.combine(day, pace.nudge_at, ZONE)
            if at >= due:  # due before the morning: then from midnight on
                at = datetime.combine(day, _MIDNIGHT)
            # A duty that arose later than that was not forgotten; but today's is told of at once.
            if at > duty.opened_at or days == 0:
                yield Step(at, level)


def _alarms(duty: DutyRecord, due: datetime) -> Iterator[Step]:
    for alarm in duty.alarms:
        if alarm <= due:
            at = local(alarm)
            yield Step(at, f"alarm {at.isoformat(timespec='minutes')}")
