"""Duties with a time limit: done in time, done late, missed, of all tickets or of some."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from service.governance.cases import Case
from service.governance.figures import Cell, Figure, Table, count, middle, ranged
from service.store.reporting import DutyRow
from triage.config import data_dir
from triage.rules.rulefile import read_rules
from triage.taxonomy import Taxonomy

_HEADS = (
    "应办",
    "按时",
    "逾期办结",
    "到期未办",
    "尝试未接通",
    "免办",
    "待办",
    "已办或到期",
    "按时率",
    "受理至办结中位数（小时）",
)
_ENDS = ("kept", "late", "missed", "attempted", "waived", "open")
_GRAVITY = ("missed", "late", "attempted", "open", "kept", "waived")
_SETTLED = frozenset(("kept", "late", "missed", "attempted"))
_HOUR = timedelta(hours=1)


class _Owed(NamedTuple):
    """A ticket that a duty was asked of: how it ended, and the hours from receipt if it was met."""

    case: Case
    end: str
    hours: float | None


def duty_names(data: Path | None, taxonomy: Taxonomy) -> dict[str, str]:
    """Name duties by their codes, as the rules file (default `data/rules.yaml`) does."""
    rules = read_rules((data or data_dir()) / "rules.yaml", taxonomy).rules
    return {spec.code: spec.name for rule in rules for spec in rule.effect.duties}


def end_of(duty: DutyRow) -> str:
    """Say how a duty ended: one that was met after its time is `late`, else met is `kept`."""
    if duty.state != "met":
        return duty.state
    in_time = duty.due_at is None or duty.met_at is None or duty.met_at <= duty.due_at
    return "kept" if in_time else "late"


def clocks(code: str, head: str, cases: Sequence[Case], names: Mapping[str, str]) -> Table:
    """Count tickets by what became of each of their duties, the most frequent first.

    Of two rules that ask a ticket for one duty the worse end counts, so that ends add up.
    """
    owed: dict[str, list[_Owed]] = {}
    for case in cases:
        for duty in sorted({duty.code for duty in case.duties}):
            own = [each for each in case.duties if each.code == duty]
            owed.setdefault(duty, []).append(_owed(case, own))
    order = sorted(owed, key=lambda each: (-len(owed[each]), each))
    rows = [_row(code, each, names.get(each, each), owed[each]) for each in order]
    return Table((head, *_HEADS), tuple(rows))


def _owed(case: Case, duties: Sequence[DutyRow]) -> _Owed:
    end = min(map(end_of, duties), key=_GRAVITY.index)
    met = [duty.met_at for duty in duties if duty.met_at is not None]
    over = end in ("kept", "late") and bool(met)
    return _Owed(case, end, (max(met) - case.ticket.received_at) / _HOUR if over else None)


def _row(code: str, duty: str, name: str, owed: Sequence[_Owed]) -> tuple[Cell, ...]:
    def told(ending: str, ends: Collection[str]) -> Figure:
        return count(f"{code}.{ending}.{duty}", name, [e.case for e in owed if e.end in ends])

    ends = {end: told(end, (end,)) for end in _ENDS}
    settled = told("settled", _SETTLED)
    hours = [(each.case, each.hours) for each in owed if each.hours is not None]
    rate = ranged(f"{code}.rate.{duty}", name, ends["kept"], settled)
    taken = middle(f"{code}.hours.{duty}", name, hours, unit="hours")
    return name, told("owed", _ENDS), *ends.values(), settled, rate, taken
