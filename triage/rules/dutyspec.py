"""Duties as a rules file describes them, and as they are owed from a moment on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from triage.records import Duty
from triage.rules.clocks import RECEIPT, STARTS, Clock, read_alarm, read_span
from triage.rules.places import Place

_T = TypeVar("_T")
_MOST_DAYS = 4_096
_NEEDED = ("code", "name", "within")
_MORE = ("start", "alarms", "at_risk", "target", "checklist")


@dataclass(frozen=True, slots=True)
class DutySpec:
    """A duty before its clock runs.

    Attributes
    ----------
    code, name : str
    clock : Clock
    target : bool
        The time is an aim of the bank, not a limit of the law.
    checklist : tuple of str
        What is to be looked at.
    """

    code: str
    name: str
    clock: Clock
    target: bool
    checklist: tuple[str, ...]

    def blank(self, rule: str, basis: str, mark: str) -> Duty:
        """Give the duty without times."""
        return Duty(
            code=self.code,
            due_at=None,
            basis=basis,
            name=self.name,
            rule=rule,
            mark=mark,
            target=self.target,
            checklist=self.checklist,
        )


class Owed:
    """A duty of one rule, given its times again and again.

    Parameters
    ----------
    spec : DutySpec
    blank : Duty
        Without times; see `DutySpec.blank`.
    """

    __slots__ = ("_by_day", "blank", "from_receipt", "spec")

    def __init__(self, spec: DutySpec, blank: Duty) -> None:
        self.spec = spec
        self.blank = blank
        self.from_receipt = spec.clock.start == RECEIPT
        # Most clocks end with a day: what they give depends on the day of the start alone.
        whole_days = spec.clock.ends_with_day and not (spec.clock.alarms or spec.clock.at_risk)
        self._by_day: dict[date, Duty] | None = {} if whole_days else None

    def timed(self, start: datetime, now: datetime) -> Duty:
        """Give the duty with its times, for a clock that starts at `start` (Asia/Shanghai).

        `at_risk` is judged by the later of start and now; both have zones.
        """
        if self._by_day is None:
            return self._timed(start, now)
        day = start.date()
        duty = self._by_day.get(day)
        if duty is None:
            if len(self._by_day) >= _MOST_DAYS:
                self._by_day.clear()
            duty = self._by_day[day] = self._timed(start, now)
        return duty

    def _timed(self, start: datetime, now: datetime) -> Duty:
        clock = self.spec.clock
        due = clock.due(start)
        if due is None:
            return self.blank
        alarms = clock.alarms_at(start, due) if clock.alarms else ()
        at_risk = bool(clock.at_risk) and due - max(start, now) < clock.at_risk
        return self.blank._replace(due_at=due, alarms=alarms, at_risk=at_risk)


def read_duty(place: Place) -> DutySpec:
    """Read a duty of a rules file; ConfigError names the line."""
    entries = place.mapping((*_NEEDED, *_MORE), needed=_NEEDED)
    risk = entries.get("at_risk")
    start = entries.get("start")
    target = entries.get("target")
    checklist = entries.get("checklist")
    alarms = entries["alarms"].items() if "alarms" in entries else []
    count, unit = _read(read_span, entries["within"])
    clock = Clock(
        count,
        unit,
        start.one_of(STARTS, "start") if start else RECEIPT,
        tuple(_read(read_alarm, alarm) for alarm in alarms),
        _length(risk) if risk else timedelta(),
    )
    return DutySpec(
        code=entries["code"].text(),
        name=entries["name"].text(),
        clock=clock,
        target=target.flag() if target else False,
        checklist=checklist.texts() if checklist else (),
    )


def _length(place: Place) -> timedelta:
    count, unit = _read(read_span, place)
    if unit == "working days":
        place.fail("minutes, hours or days are meant")
    return timedelta(**{unit: count})


def _read(read: Callable[[str], _T], place: Place) -> _T:
    try:
        return read(place.text())
    except ValueError as exc:
        place.fail(str(exc))
