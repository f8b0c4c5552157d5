"""When somebody is reminded of a duty, to the minute, in Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watch_fakes import PACE, china

from service.ledger.nudges import OVERDUE, latest, next_at, steps
from service.store.records import DutyRecord, DutyState

SECOND = timedelta(seconds=1)


def _duty(
    opened_at: datetime, due_at: datetime | None, alarms: tuple[datetime, ...] = ()
) -> DutyRecord:
    return DutyRecord(
        *(1, 1, "T-1", "reply", "R-1", "", opened_at, due_at, DutyState.OPEN, None, (), alarms)
    )


def _plan(opened_at: datetime, due_at: datetime, *alarms: datetime) -> list[tuple[datetime, str]]:
    return [(step.at, step.level) for step in steps(_duty(opened_at, due_at, alarms), PACE)]


def test_three_days_one_day_the_day_and_overdue() -> None:
    assert _plan(china(2026, 11, 23, 10), china(2026, 12, 8, 23, 59, 59)) == [
        (china(2026, 12, 5, 8, 30), "three_days"),
        (china(2026, 12, 7, 8, 30), "one_day"),
        (china(2026, 12, 8, 8, 30), "due_day"),
        (china(2026, 12, 9), OVERDUE),
    ]


@pytest.mark.parametrize(
    ("due", "first"),
    [
        (china(2026, 3, 1, 23, 59, 59), china(2026, 2, 26, 8, 30)),
        (china(2028, 3, 1, 23, 59, 59), china(2028, 2, 27, 8, 30)),  # a leap year
        (china(2027, 1, 2, 23, 59, 59), china(2026, 12, 30, 8, 30)),
        (china(2026, 7, 31, 23, 59, 59), china(2026, 7, 28, 8, 30)),
    ],
)
def test_months_and_years_end(due: datetime, first: datetime) -> None:
    assert _plan(china(2025, 1, 1), due)[0] == (first, "three_days")


def test_the_zone_has_no_summer_time_and_the_zone_of_the_store_is_no_matter() -> None:
    opened = china(2026, 3, 1)
    for month in (3, 4, 10, 11):
        due = china(2026, month, 30, 23, 59, 59)
        assert steps(_duty(opened, due), PACE) == steps(_duty(opened, due.astimezone(UTC)), PACE)
        assert {at.utcoffset() for at, _ in _plan(opened, due)} == {timedelta(hours=8)}
    # 17:00 UTC is the next day in China already.
    late = _plan(opened, datetime(2026, 5, 31, 17, tzinfo=UTC))
    assert late[-2] == (china(2026, 6, 1), "due_day")


def test_what_is_due_before_the_morning_is_told_of_from_midnight() -> None:
    assert _plan(china(2026, 11, 20), china(2026, 11, 25, 2))[-2:] == [
        (china(2026, 11, 25), "due_day"),
        (china(2026, 11, 25, 2, 0, 1), OVERDUE),
    ]


def test_of_a_duty_that_arises_late_only_what_is_ahead_and_its_day_at_once() -> None:
    opened = china(2026, 11, 23, 10)
    assert [level for _, level in _plan(opened, china(2026, 11, 24, 23, 59, 59))] == [
        *("due_day", OVERDUE)
    ]
    plan = steps(_duty(opened, opened + timedelta(minutes=5)), PACE)
    assert latest(plan, opened) == (china(2026, 11, 23, 8, 30), "due_day")
    assert next_at(plan, opened) == china(2026, 11, 23, 10, 5, 1)


def test_alarms_of_a_duty_come_between() -> None:
    received = china(2026, 11, 23, 9, 15)
    alarms = [received + timedelta(hours=2), china(2026, 11, 23, 17), china(2026, 11, 23, 20)]
    assert _plan(received, china(2026, 11, 23, 23, 59, 59), *alarms) == [
        (china(2026, 11, 23, 8, 30), "due_day"),
        (china(2026, 11, 23, 11, 15), "alarm 2026-11-23T11:15+08:00"),
        (china(2026, 11, 23, 17), "alarm 2026-11-23T17:00+08:00"),
        (china(2026, 11, 23, 20), "alarm 2026-11-23T20:00+08:00"),
        (china(2026, 11, 24), OVERDUE),
    ]


def test_a_duty_without_an_end_has_no_steps() -> None:
    assert steps(_duty(china(2026, 1, 1), None), PACE) == []
    assert latest([], china(2026, 1, 1)) is None
    assert next_at([], china(2026, 1, 1)) is None


MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(opened=MOMENTS, due=MOMENTS, alarms=st.lists(MOMENTS, max_size=3), now=MOMENTS)
def test_any_clock_at_any_moment(
    opened: datetime, due: datetime, alarms: list[datetime], now: datetime
) -> None:
    plan = steps(_duty(opened, due, tuple(alarms)), PACE)
    assert plan == sorted(plan)
    last, following = latest(plan, now), next_at(plan, now)
    assert last is None or last.at <= now
    assert following is None or following > now
    if last and last.level == OVERDUE:
        assert following is None
        assert now >= due + SECOND
    # Whoever looks at every step says each of them, in order.
    assert [latest(plan, step.at) for step in plan][-1:] == plan[-1:]
