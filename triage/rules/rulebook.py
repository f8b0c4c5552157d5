"""The rules in force on a day, applied to the facts of a ticket."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from triage.config import data_dir
from triage.records import Assessment, Context, Duty, Owner
from triage.rules.bars import outlet_bars
from triage.rules.calendar import default_calendar, local
from triage.rules.dutyspec import Owed
from triage.rules.facts import NO_HISTORY, Facts, History, Reading
from triage.rules.groups import Group, grouped
from triage.rules.rulefile import LEVELS, Department, Effect, Rule, RuleFile, read_rules
from triage.rules.ruling import Plan, Ruling
from triage.taxonomy import Taxonomy, load_taxonomy

_RANK = {level: rank for rank, level in enumerate(LEVELS)}
_OUTLET, _SUB_BRANCH, _DEPARTMENT = LEVELS[:3]
# The same rules fire again and again; odd tickets must not fill the memory.
_MOST_PLANS = 50_000


class Rulebook:
    """A rules file, ready to be applied; safe to be used by several threads.

    Parameters
    ----------
    file : RuleFile
    """

    def __init__(self, file: RuleFile) -> None:
        self.file = file
        self.version = file.version
        self._changes = _changes(file.rules)
        rules = list(enumerate(file.rules))
        self._in_force = [
            grouped([(place, rule.condition) for place, rule in rules if rule.holds_on(day)])
            for day in (date.min, *self._changes)
        ]
        desks = [(number, desk.condition) for number, desk in enumerate(file.departments)]
        self._desks = Group(sorted({f for _, c in desks for f in c.fields}), desks)
        self._owed = [
            [Owed(spec, spec.blank(rule.id, rule.basis, rule.mark)) for spec in rule.effect.duties]
            for rule in file.rules
        ]
        self._plans: dict[tuple[Any, ...], Plan] = {}
        self._timeless: dict[Facts, Ruling] = {}

    @classmethod
    def load(cls, path: Path | None = None, taxonomy: Taxonomy | None = None) -> Rulebook:
        """Read and check a rules file (default `data/rules.yaml`).

        Raises
        ------
        ConfigError
            Naming file and line.
        """
        return cls(read_rules(path or data_dir() / "rules.yaml", taxonomy or load_taxonomy()))

    def warm(self) -> None:
        """Build the calendar, so that the first ticket with a time does not wait for it."""
        default_calendar().is_working_day(self.file.effective)

    def judge(
        self,
        assessment: Assessment,
        context: Context,
        history: History = NO_HISTORY,
        *,
        now: datetime | None = None,
    ) -> Ruling:
        """Apply the rules to an assessed ticket; see `apply`."""
        return self.apply(self.facts(Reading.of(assessment), context, history), now)

    def facts(self, read: Reading, context: Context, history: History = NO_HISTORY) -> Facts:
        """Gather the facts of a ticket."""
        return Facts.of(read, context, history, possible_share=self.file.possible_share)

    def apply(self, facts: Facts, now: datetime | None = None) -> Ruling:
        """Apply the rules in force on the day of receipt.

        Parameters
        ----------
        facts : Facts
        now : datetime with a zone, optional
            Stands in for a missing moment of receipt, and `at_risk` is judged by it. Without
            either, duties have no due time and the rules of the file's `effective` are applied.

        Raises
        ------
        InvalidInput
            When a moment has no zone.
        """
        if facts.received_at is not None or now is not None:
            return self._apply(facts, now)
        # Files are often scored without times: the same facts have the same ruling.
        ruling = self._timeless.get(facts)
        if ruling is None:
            if len(self._timeless) >= _MOST_PLANS:
                self._timeless.clear()
            ruling = self._timeless[facts] = self._apply(facts, None)
        return ruling

    def _apply(self, facts: Facts, now: datetime | None) -> Ruling:
        begun, now = facts.received_at or now, local(now) if now else None
        start = local(begun) if begun else None
        period = bisect_right(self._changes, start.date() if start else self.file.effective)
        fired: list[int] = []
        for group in self._in_force[period]:
            fired += group.holding(facts)
        desk, bars = self._desks.holding(facts)[0], outlet_bars(facts, self.file.barred)
        key = desk, bars, *sorted(fired)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plan(self.file.departments[desk], bars, sorted(fired))
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            self._plans[key] = plan
        return self._dated(plan, facts, start, now or start)

    def _dated(
        self, plan: Plan, facts: Facts, start: datetime | None, now: datetime | None
    ) -> Ruling:
        owner, duties, flags = plan.owner, plan.blanks, plan.flags
        if plan.own_unit and facts.unit:
            owner = replace(owner, unit=facts.unit)
        if start is not None and now is not None:
            duties = tuple(
                [
                    owed.timed(start, now) if owed.from_receipt else _later(owed, facts, now)
                    for owed in plan.duties
                ]
            )
            if any([duty.at_risk for duty in duties]):  # noqa: C419 - a list is faster here
                flags = (*flags, "at_risk")
        return Ruling(
            owner=owner,
            duties=duties,
            departments=owner.departments,
            accountable=owner.accountable or "",
            flags=flags,
            rules=plan.rules,
            facts=facts,
            version=self.version,
        )

    def _plan(self, desk: Department, bars: Sequence[str], fired: Sequence[int]) -> Plan:
        rules = tuple(self.file.rules[place] for place in fired)
        effects = [rule.effect for rule in rules]
        stopped = {code for effect in effects for code in effect.stop}
        duties: dict[str, Owed] = {}
        for owed in (owed for place in fired for owed in self._owed[place]):
            if owed.spec.code not in stopped:
                duties.setdefault(owed.spec.code, owed)
        owner = self._owner(desk, bars, effects)
        return Plan(
            owner=owner,
            own_unit=owner.level in (_OUTLET, _SUB_BRANCH),
            duties=tuple(duties.values()),
            blanks=tuple(owed.blank for owed in duties.values()),
            flags=tuple(dict.fromkeys(flag for effect in effects for flag in effect.flags)),
            rules=rules,
        )

    def _owner(self, desk: Department, bars: Sequence[str], effects: Sequence[Effect]) -> Owner:
        why = tuple(dict.fromkeys([*(e.bar for e in effects if e.bar), *bars]))
        level = _level(desk.level, effects)
        if why and _RANK[level] < _RANK[_DEPARTMENT]:
            # Owners are made here alone: no file can get past it.
            level = _DEPARTMENT
        accountable = [effect.accountable for effect in effects if effect.accountable]
        return Owner(
            level=level,
            unit=desk.unit if level == _DEPARTMENT else self.file.offices[level],
            barred_from_outlet=bool(why),
            why=why,
            departments=self._departments(desk, effects),
            accountable=[*accountable, desk.accountable][0],
        )

    def _departments(self, lead: Department, effects: Sequence[Effect]) -> tuple[str, ...]:
        more = [unit for effect in effects for unit in effect.departments]
        units = dict.fromkeys([lead.unit, *lead.partners, *more])
        least = max([effect.departments_at_least for effect in effects], default=0)
        for unit in self.file.co_departments:
            if len(units) >= least:
                break
            units[unit] = None
        return tuple(units)


def _level(level: str, effects: Sequence[Effect]) -> str:
    sent = [effect.send_to for effect in effects if effect.send_to]
    floors = [effect.level_at_least for effect in effects if effect.level_at_least]
    return max([min([level, *sent], key=_RANK.__getitem__), *floors], key=_RANK.__getitem__)


def _later(owed: Owed, facts: Facts, now: datetime) -> Duty:
    start: datetime | None = getattr(facts, owed.spec.clock.start)
    return owed.blank if start is None else owed.timed(local(start), now)


def _changes(rules: Sequence[Rule]) -> list[date]:
    """Days on which the set of rules in force changes."""
    starts = {rule.valid_from for rule in rules}
    ends = {r.valid_to + timedelta(days=1) for r in rules if r.valid_to and r.valid_to < date.max}
    return sorted(starts | ends)
