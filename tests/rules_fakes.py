"""Tickets and rules files made by hand, for the tests of rules."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from triage.records import Context, LineScore
from triage.rules.facts import NO_HISTORY, History, Reading
from triage.rules.rulebook import Rulebook
from triage.rules.ruling import Ruling
from triage.taxonomy import load_taxonomy

NOON = datetime.fromisoformat("2026-11-25T12:00:00+08:00")  # a Wednesday

HEAD = """version: "1"
effective: 2026-01-01
possible_share: 0.1
offices: {outlet: 网点, sub_branch: 支行, disposal_office: 投诉处置办公室, head_office: 总行}
co_departments: [甲部, 乙部, 丙部]
departments:
  - {when: {line: fraud}, unit: 风险部, accountable: 风险部主任}
  - {unit: 综合部, level: outlet, accountable: 主任}
rules:
"""
RULE = """  - id: X-1
    name: 一条
    mark: P
    basis: 本行规则：测试
    valid_from: 2020-01-01
    when: {nature: complaint}
    then: {flags: [seen]}
"""


@lru_cache(maxsize=1)
def shipped() -> Rulebook:
    """The rules of `data/rules.yaml`."""
    return Rulebook.load()


def book(folder: Path, rules: str = RULE, *, head: str = HEAD) -> Rulebook:
    """A rulebook of a file made by hand."""
    path = folder / "rules.yaml"
    path.write_text(head + rules, encoding="utf-8")
    return Rulebook.load(path, load_taxonomy())


def reading(
    line: str | None = "deposit_payment",
    subline: str | None = None,
    *signals: str,
    secondary: tuple[str, ...] = (),
    alternatives: tuple[LineScore, ...] = (),
    nature: str = "complaint",
) -> Reading:
    """What was read of a narrative; without a line it abstains."""
    return Reading(
        line=line,
        subline=subline,
        secondary=secondary,
        alternatives=alternatives,
        probability=1.0 - sum(score.probability for score in alternatives) if line else 0.3,
        abstained=line is None,
        nature=nature,
        signals=frozenset(signals),
        band="low",
    )


def ruled(
    read: Reading | None = None,
    history: History = NO_HISTORY,
    *,
    now: datetime | None = None,
    rules: Rulebook | None = None,
    **context: Any,
) -> Ruling:
    """The shipped rules applied; received on a Wednesday noon, at an outlet that was visited."""
    given = {"received_at": NOON, "visited_branch": True, "outlet_touchpoint": True} | context
    used = rules or shipped()
    return used.apply(used.facts(read or reading(), Context(**given), history), now)


def due(ruling: Ruling) -> dict[str, str | None]:
    """Duties and their due times."""
    return {d.code: d.due_at.isoformat() if d.due_at else None for d in ruling.duties}


def fired(ruling: Ruling) -> set[str]:
    """Ids of the rules that fired."""
    return {rule.id for rule in ruling.rules}
