"""What the bank's own surveys say of how content its staff is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from service.governance.figures import Cell, Figure, Table
from triage.errors import ConfigError
from triage.intervals import wilson

_SHOWN = 8
_CURE = "write on, asked, answered and content; each number up to the one before it"


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey: its day, and how many were asked, answered, and were content."""

    on: date
    asked: int
    answered: int
    content: int


def surveys_of(raw: Any) -> tuple[Survey, ...]:
    """Read `staff_surveys` of the settings, the oldest first.

    Raises
    ------
    ConfigError
        When a survey lacks a field, has another, more answered than were asked or more were
        content than answered, or two are of one day.
    """
    found = [_survey(each) for each in raw or ()]
    found.sort(key=lambda survey: survey.on)
    if len({survey.on for survey in found}) < len(found):
        raise _refused("two surveys are of one day")
    return tuple(found)


def surveyed(surveys: Sequence[Survey]) -> Table:
    """Show the newest surveys, with the share that answered and that was content of those."""
    rows: list[tuple[Cell, ...]] = []
    for survey in reversed(surveys[-_SHOWN:]):
        day = survey.on.isoformat()
        code, name = f"staff.survey.{day}", f"{day}员工调查"
        asked = Figure(f"{code}.asked", name, survey.asked)
        answered = Figure(f"{code}.answered", name, survey.answered)
        content = Figure(f"{code}.content", name, survey.content)
        back = _share(f"{code}.answered_rate", name, answered, asked)
        rate = _share(f"{code}.content_rate", name, content, answered)
        rows.append((day, asked, answered, back, content, rate))
    return Table(("员工满意度调查", "发放", "收回", "收回率", "满意", "满意率"), tuple(rows))


def _share(code: str, name: str, part: Figure, whole: Figure) -> Figure:
    if not whole.value:
        return Figure(code, name, None, of=whole.code, unit="share")
    low, high = wilson(part.value or 0, whole.value)
    value = (part.value or 0) / whole.value
    return Figure(code, name, value, of=whole.code, low=low, high=high, unit="share")


def _survey(raw: Any) -> Survey:
    if not isinstance(raw, Mapping) or set(raw) != {"on", "asked", "answered", "content"}:
        raise _refused(f"{raw!r} is no survey")
    on, sizes = raw["on"], [raw["asked"], raw["answered"], raw["content"]]
    if type(on) is not date or not all(type(size) is int for size in sizes):
        raise _refused(f"{raw!r}: a day and whole numbers are meant")
    if not sizes[0] >= sizes[1] >= sizes[2] >= 0:
        raise _refused(f"{on}: more answered than were asked, or more were content than answered")
    return Survey(on, *sizes)


def _refused(told: str) -> ConfigError:
    return ConfigError(f"governance.yaml: staff_surveys: {told}", cure=_CURE)
