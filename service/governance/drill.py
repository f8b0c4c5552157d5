"""Rehearsal of major events: how the chain of steps held in real ones, and what to rehearse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.governance.cases import Book, Case
from service.governance.clocks import clocks, end_of
from service.governance.figures import Cell, Figure, Part, Table, count, listed
from service.governance.major import Tests
from service.governance.volumes import name_of_line
from triage.taxonomy import Taxonomy

_WORD = "演练"
_SHOWN = 3
_BROKEN = ("late", "missed")


def drill(book: Book, tests: Tests, taxonomy: Taxonomy, names: Mapping[str, str]) -> Part:
    """Show the steps of major tickets, the kinds that want rehearsal, and cases to do it with."""
    some = [case for case in book.cases if any(holds(case) for _, holds in tests.values())]
    broken = [case for case in some if _broken(case)]
    held = tuple(f"item:{item.id}" for item in book.items if _WORD in item.title)
    figures = (
        count("drill.broken", "重大事件中有环节逾期或到期未办", broken),
        Figure("drill.items", f"标题写明{_WORD}的事项", len(held), held),
    )
    tables = [listed("处置链", figures)]
    if some:
        tables.append(clocks("drill.step", "重大事件的环节", some, names))
    tables.append(_kinds(some, tests))
    cases = [_case(kind, case, taxonomy, names) for kind, case in _picked(some, tests)]
    if cases:
        heads = ("推演案例", "工单", "受理", "条线", "逾期、未办环节", "哪些环节")
        tables.append(Table(heads, tuple(cases)))
    notes = (
        "环节是规则要求这些工单办理的各限时事项，含人工接手、首次联系、重大报告等；逾期办结与到期未办分列。"
        f"推演案例取每类中逾期、未办环节最多的{_SHOWN}件，供桌面推演，演练安排和结论由人记入事项。",
        "本期没有发生的类别，没有真实事件检验过处置链，更宜演练。",
    )
    return Part("drill", "重大事件处置链与演练", notes, tuple(tables))


def _kinds(some: Sequence[Case], tests: Tests) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for code, (name, holds) in tests.items():
        own = [case for case in some if holds(case)]
        broken = [case for case in own if _broken(case)]
        last = max((case.day for case in own), default=None)
        cells = (
            count(f"drill.kind.{code}", name, own),
            count(f"drill.kind.{code}.broken", name, broken),
        )
        rows.append((name, *cells, "—" if last is None else last.isoformat(), _advice(own, broken)))
    heads = ("类别", "本期发生", "其中有环节逾期、未办", "末次受理", "建议")
    return Table(heads, tuple(rows))


def _advice(own: Sequence[Case], broken: Sequence[Case]) -> str:
    if not own:
        return "本期未发生，宜演练"
    return "环节有断点，宜复盘演练" if broken else "无逾期、未办环节"


def _picked(some: Sequence[Case], tests: Tests) -> list[tuple[str, Case]]:
    """Pick of each kind the cases with the most broken steps, the newest first among equals."""
    found = []
    for name, holds in tests.values():
        own = [case for case in some if holds(case) and _broken(case)]
        own.sort(key=lambda case: (len(_broken(case)), case.ticket.received_at, case.ticket.id))
        found += [(name, case) for case in reversed(own[-_SHOWN:])]
    return found


def _broken(case: Case) -> list[str]:
    return sorted({duty.code for duty in case.duties if end_of(duty) in _BROKEN})


def _case(kind: str, case: Case, taxonomy: Taxonomy, names: Mapping[str, str]) -> tuple[Cell, ...]:
    ident, steps = case.ticket.ticket_id, _broken(case)
    told = Figure(f"drill.case.{ident}", ident, len(steps), (ident,))
    line = name_of_line(case, taxonomy)
    return kind, ident, case.day.isoformat(), line, told, "、".join(names.get(s, s) for s in steps)
