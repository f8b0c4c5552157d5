"""Tickets handled like major petitions: who leads each, what was told, heard and reviewed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.governance import names
from service.governance.cases import Book, Case
from service.governance.figures import Cell, Part, Table, count, listed, parted
from service.governance.outcomes import accepted
from service.governance.volumes import name_of_line
from service.store.records_governance import ItemKind
from triage.taxonomy import Taxonomy

FLAG, NOTICE = "petition_grade", "petition_notice"
_NOTICES = {"missed": "到期未告知", "open": "未到期", "met": "已告知", "attempted": "尝试未接通"}
_HEADS = {
    "open": "在办",
    "untold": "到期未告知",
    "heard": "立听证审议",
    "unheard": "疑难未立",
    "unhappy": "不认可、重办",
    "reviewed": "立复查",
    "unreviewed": "不认可未立复查",
}
_SHOWN = 30
_NOBODY = "未定包案领导"
_Test = Callable[[Case], bool]
_Kept = dict[str, str]


def petition(book: Book, taxonomy: Taxonomy) -> Part:
    """Count by the leader in charge how such tickets go on, and show their trail."""
    grave = [case for case in book.cases if FLAG in case.ticket.flags]
    heard, seen = _kept(book, ItemKind.HEARING), _kept(book, ItemKind.REVIEW)
    tests = _tests(heard, seen)
    whole = count("grade.petition", "比照重大信访办理", grave)
    figures = [whole] + [
        count(f"petition.{code}", name, [case for case in grave if holds(case)])
        for code, (name, holds) in tests.items()
    ]
    tables = [listed("比照信访办理", figures), _leaders(grave, tests)]
    trail = sorted(grave, key=lambda case: (not case.runs, -case.ticket.id))[:_SHOWN]
    rows = [_trail(case, taxonomy, heard, seen) for case in trail]
    heads = ("工单", "受理", "条线", "包案领导", "告知", "听证审议", "复查", "现状")
    tables += [Table(heads, tuple(rows))] if rows else []
    notes = (
        "包案领导是规则对提级工单确定的责任人。听证审议、复查在事项中立项，写明涉及工单、责任单位、限期，"
        "附佐证才能销号；是否举行、是否复查由人决定。",
        f"逐件列示至多{_SHOWN}件，在办的在前；全部编号见清单。",
    )
    return Part("petition", "比照信访办理进程", notes, tuple(tables))


def _tests(heard: _Kept, seen: _Kept) -> dict[str, tuple[str, _Test]]:
    def unhappy(case: Case) -> bool:
        return accepted(case) is False or bool(case.of("reopened"))

    return {
        "leaderless": ("没有包案领导（应为零）", lambda c: not c.accountable),
        "open": ("在办", lambda c: c.runs),
        "untold": (
            "到期未告知",
            lambda c: any(d.code == NOTICE and d.state == "missed" for d in c.duties),
        ),
        "heard": ("已立听证审议事项", lambda c: c.ticket.ticket_id in heard),
        "unheard": (
            "疑难复杂而未立听证审议事项",
            lambda c: "difficult" in c.ticket.flags and c.ticket.ticket_id not in heard,
        ),
        "unhappy": ("客户不接受结果或办结后重新受理", unhappy),
        "reviewed": ("已立复查事项", lambda c: c.ticket.ticket_id in seen),
        "unreviewed": (
            "不接受或重新受理而未立复查事项",
            lambda c: unhappy(c) and c.ticket.ticket_id not in seen,
        ),
    }


def _leaders(grave: Sequence[Case], tests: dict[str, tuple[str, _Test]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for who, own in parted(grave, lambda c: c.accountable or _NOBODY).items():
        cells = (
            count(f"petition.{who}.{code}", who, [case for case in own if tests[code][1](case)])
            for code in _HEADS
        )
        rows.append((who, count(f"petition.{who}.all", who, own), *cells))
    return Table(("包案领导", "件数", *_HEADS.values()), tuple(rows))


def _kept(book: Book, kind: ItemKind) -> _Kept:
    """Say how the newest item of a kind that names a ticket stands, by the ticket."""
    return {
        ident: names.ITEM_STATES[item.state]
        for item in book.about
        if item.kind is kind
        for ident in item.tickets
    }


def _trail(case: Case, taxonomy: Taxonomy, heard: _Kept, seen: _Kept) -> tuple[Cell, ...]:
    states = {duty.state for duty in case.duties if duty.code == NOTICE}
    told = next((name for state, name in _NOTICES.items() if state in states), "—")
    ident = case.ticket.ticket_id
    return (
        ident,
        case.day.isoformat(),
        name_of_line(case, taxonomy),
        case.accountable or _NOBODY,
        told,
        heard.get(ident, "—"),
        seen.get(ident, "—"),
        names.STATES[case.ticket.state],
    )
