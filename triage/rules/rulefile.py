"""A rules file as records: read, checked, and refused with the line named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from triage.rules.conditions import ALWAYS, Compiler, Condition
from triage.rules.dutyspec import DutySpec, read_duty
from triage.rules.facts import SENT_DOWN
from triage.rules.places import Place, read_places
from triage.taxonomy import Taxonomy

LEVELS = ("outlet", "sub_branch", "branch_department", "disposal_office", "head_office")
# How well a basis is proven: V read in the law, V2 in a secondary source, P the bank's own rule.
# What nobody has read is no basis, and is refused.
MARKS = ("V", "V2", "P")
OWN_RULE = "本行规则"
_EFFECTS = (
    "level_at_least",
    "send_to",
    "bar",
    "departments",
    "departments_at_least",
    "accountable",
    "flags",
    "duties",
    "stop",
)


@dataclass(frozen=True)
class Effect:
    """What a rule does when it fires; see docs/rules.md."""

    level_at_least: str | None = None
    send_to: str | None = None
    bar: str | None = None
    departments: tuple[str, ...] = ()
    departments_at_least: int = 0
    accountable: str | None = None
    flags: tuple[str, ...] = ()
    duties: tuple[DutySpec, ...] = ()
    stop: tuple[str, ...] = ()

    @cached_property
    def told(self) -> Mapping[str, Any]:
        """What it does, for JSON; duties by their codes."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        told["duties"] = [duty.code for duty in self.duties]
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; in force from `valid_from` to `valid_to`, both included."""

    id: str
    name: str
    mark: str
    basis: str
    valid_from: date
    valid_to: date | None
    condition: Condition
    effect: Effect

    def holds_on(self, day: date) -> bool:
        """Tell whether the rule is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Department:
    """Who handles what a condition describes; the first that fits is taken."""

    condition: Condition
    unit: str
    partners: tuple[str, ...]
    accountable: str
    level: str


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A whole rules file.

    Attributes
    ----------
    version : str
        The file's own, and the beginning of a sha256 over the file and the lines that are barred.
    effective : date
        Stands in for the day of receipt where that is not known.
    possible_share : float
        A line at least this probable is not excluded.
    offices : mapping
        Name of the unit of each level.
    co_departments : tuple of str
        Asked in turn where a rule wants more departments than there are.
    barred : tuple of str
        Lines that no outlet may handle, by the taxonomy.
    """

    version: str
    effective: date
    possible_share: float
    offices: Mapping[str, str]
    co_departments: tuple[str, ...]
    departments: tuple[Department, ...]
    rules: tuple[Rule, ...]
    barred: tuple[str, ...]

    @property
    def accountables(self) -> tuple[str, ...]:
        """Who may answer for a ticket, in the order of the file."""
        named = [desk.accountable for desk in self.departments]
        named += [rule.effect.accountable for rule in self.rules if rule.effect.accountable]
        return tuple(dict.fromkeys(named))


def read_rules(path: Path, taxonomy: Taxonomy) -> RuleFile:
    """Read and check a rules file.

    Raises
    ------
    ConfigError
        Naming file and line.
    """
    keys = tuple(field.name for field in fields(RuleFile) if field.name != "barred")
    entries = read_places(path).mapping(keys, needed=keys)
    compiler = Compiler(taxonomy)
    digest = hashlib.sha256(path.read_bytes() + " ".join(taxonomy.barred).encode()).hexdigest()
    needed = tuple(level for level in LEVELS if level != LEVELS[2])
    offices = entries["offices"].mapping(needed, needed=needed)
    found = RuleFile(
        version=f"{entries['version'].text()}+{digest[:8]}",
        effective=entries["effective"].day(),
        possible_share=entries["possible_share"].number(0.01, 1),
        offices={level: place.text() for level, place in offices.items()},
        co_departments=entries["co_departments"].texts(),
        departments=tuple(_department(p, compiler) for p in entries["departments"].items()),
        rules=tuple(_rule(place, compiler) for place in entries["rules"].items()),
        barred=taxonomy.barred,
    )
    _check(found, entries)
    return found


def _department(place: Place, compiler: Compiler) -> Department:
    keys = ("when", "unit", "with", "accountable", "level")
    entries = place.mapping(keys, needed=("unit", "accountable"))
    level = entries["level"].one_of(LEVELS, "level") if "level" in entries else LEVELS[2]
    return Department(
        condition=compiler.compile(entries["when"]) if "when" in entries else ALWAYS,
        unit=entries["unit"].text(),
        partners=entries["with"].texts() if "with" in entries else (),
        accountable=entries["accountable"].text(),
        level=level,
    )


def _rule(place: Place, compiler: Compiler) -> Rule:
    needed = ("id", "name", "mark", "basis", "valid_from", "then")
    entries = place.mapping((*needed, "valid_to", "when"), needed=needed)
    mark, basis = entries["mark"].one_of(MARKS, "mark"), entries["basis"].text()
    if (mark == "P") != basis.startswith(OWN_RULE):
        entries["basis"].fail(f"a basis begins with {OWN_RULE} where its mark is P, and only there")
    start = entries["valid_from"].day()
    end = entries["valid_to"].day() if "valid_to" in entries else None
    if end is not None and end < start:
        entries["valid_to"].fail("valid_to is before valid_from")
    return Rule(
        id=entries["id"].text(),
        name=entries["name"].text(),
        mark=mark,
        basis=basis,
        valid_from=start,
        valid_to=end,
        condition=compiler.compile(entries["when"]) if "when" in entries else ALWAYS,
        effect=_effect(entries["then"]),
    )


def _effect(place: Place) -> Effect:
    entries = place.mapping(_EFFECTS)
    if not entries:
        place.fail("a rule without effect")
    level, send = entries.get("level_at_least"), entries.get("send_to")
    least = entries.get("departments_at_least")
    texts = {
        key: entries[key].texts() for key in ("departments", "flags", "stop") if key in entries
    }
    names = {key: entries[key].text() for key in ("bar", "accountable") if key in entries}
    return Effect(
        level_at_least=level.one_of(LEVELS, "level") if level else None,
        send_to=send.one_of(SENT_DOWN, "level") if send else None,
        departments_at_least=int(least.number(1, 9)) if least else 0,
        duties=tuple(read_duty(p) for p in entries["duties"].items())
        if "duties" in entries
        else (),
        bar=names.get("bar"),
        accountable=names.get("accountable"),
        departments=texts.get("departments", ()),
        flags=texts.get("flags", ()),
        stop=texts.get("stop", ()),
    )


def _check(found: RuleFile, entries: dict[str, Place]) -> None:
    open_ended = [department.condition is ALWAYS for department in found.departments]
    if open_ended != [False] * (len(open_ended) - 1) + [True]:
        entries["departments"].fail("the last department, and no other, has no `when`")
    most = max((rule.effect.departments_at_least for rule in found.rules), default=0)
    if len(set(found.co_departments)) < most:
        entries["co_departments"].fail(f"a rule wants {most} departments: name as many")
    known = {duty.code for rule in found.rules for duty in rule.effect.duties}
    for place in entries["rules"].items():
        then = place.value["then"].value
        for stop in then["stop"].items() if "stop" in then else ():
            stop.one_of(sorted(known), "duty")
