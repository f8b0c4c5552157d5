"""Duties with a time limit: done in time, done late, missed, of all tickets or of some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from service.governance.cases import Case
from service.governance.figures import Cell, Figure, Table, count, middle, share
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
    "办结用时中位数（小时）",
)
_ENDS = ("kept", "late", "missed", "attempted", "waived", "open")
_SETTLED = frozenset(("kept", "late", "missed", "attempted"))
_HOUR = timedelta(hours=1)


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
    """Count tickets by what became of each of their duties, the most frequent first."""
    owed: dict[str, list[tuple[Case, DutyRow]]] = {}
    for case in cases:
        for duty in case.duties:
            owed.setdefault(duty.code, []).append((case, duty))
    order = sorted(owed, key=lambda each: (-len(owed[each]), each))
    rows = [_row(code, each, names.get(each, each), owed[each]) for each in order]
    return Table((head, *_HEADS), tuple(rows))


def _row(code: str, duty: str, name: str, owed: Sequence[tuple[Case, DutyRow]]) -> tuple[Cell, ...]:
    def told(end: str, some: Sequence[Case]) -> Figure:
        return count(f"{code}.{end}.{duty}", name, {case.ticket.id: case for case in some}.values())

    ends = {end: told(end, [c for c, each in owed if end_of(each) == end]) for end in _ENDS}
    settled = told("settled", [case for case, each in owed if end_of(each) in _SETTLED])
    hours = [
        (case, (each.met_at - case.ticket.received_at) / _HOUR)
        for case, each in owed
        if each.state == "met" and each.met_at is not None
    ]
    rate = share(f"{code}.rate.{duty}", name, ends["kept"], settled)
    taken = middle(f"{code}.hours.{duty}", name, hours, unit="hours")
    return name, told("owed", [case for case, _ in owed]), *ends.values(), settled, rate, taken
