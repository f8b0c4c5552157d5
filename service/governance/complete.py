"""Whether the ledger is complete, and who is responsible, accountable and consulted for what."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.governance.cases import Book, Case
from service.governance.figures import Cell, Figure, Part, Table, count, listed, parted, share
from service.governance.volumes import name_of_line
from triage.taxonomy import Taxonomy

_CO_LEAST = 2  # R-ESC-1: so many departments beside the one in charge
_NO_UNIT = "未定部门"
_Test = Callable[[Case], bool]
_FIELDS: dict[str, tuple[str, _Test]] = {
    "channel": ("渠道", lambda c: not c.ticket.channel),
    "product": ("产品", lambda c: not c.ticket.product),
    "unit": ("受理机构", lambda c: not c.ticket.unit),
    "visited": ("是否到店", lambda c: c.ticket.visited_branch is None),
    "touchpoint": ("与网点有无触点", lambda c: c.ticket.outlet_touchpoint is None),
    "owner": ("承办部门", lambda c: not c.ticket.owner_unit),
    "accountable": ("责任人", lambda c: not c.accountable),
}


def complete(book: Book, taxonomy: Taxonomy) -> Part:
    """Count what the rows of the ledger lack, by department, and show who has which part."""
    cases = book.cases
    whole = count("volume.all", "受理总量", cases)
    rows: list[tuple[Cell, ...]] = []
    for code, (name, lacks) in _FIELDS.items():
        figure = count(f"ledger.without.{code}", f"缺{name}", [c for c in cases if lacks(c)])
        rows.append((figure.name, figure, share(f"{figure.code}.share", name, figure, whole)))
    now = book.period.as_of
    late = [c for c in cases if c.ticket.next_due is not None and c.ticket.next_due < now]
    stuck = [c for c in cases if c.runs and c.ticket.next_action is None]
    defects = (
        count("ledger.overdue", "下一步已逾期", late),
        count("ledger.stuck", "在办而无下一步（台账缺陷，应为零）", stuck),
    )
    tables = (
        listed("逐笔监测", defects),
        Table(("台账要素", "件数", "占比"), tuple(rows)),
        _departments(book),
        listed("提级工单权责缺项（应为零）", _lifted(cases)),
        _parts(cases, taxonomy),
    )
    notes = (
        "台账应逐笔有下一步，在办而无下一步的为台账缺陷。是否到店、有无触点不明的，按规则不得落地网点。",
        "下一步已逾期的，含已办结而仍有事项未办的（如提示司法确认）。",
        "权责对照按规则的最近一次判定：承办部门负责办理，责任人对结果负责，协办部门参与会商。",
    )
    return Part("ledger", "台账完整与权责", notes, tables)


def _departments(book: Book) -> Table:
    """Count by the department in charge what runs, and what of it nobody is led on by."""
    now = book.period.as_of
    columns: dict[str, tuple[str, _Test]] = {
        "all": ("受理", lambda _: True),
        "open": ("在办", lambda c: c.runs),
        "stuck": ("在办无下一步", lambda c: c.runs and c.ticket.next_action is None),
        "overdue": (
            "下一步已逾期",
            lambda c: c.ticket.next_due is not None and c.ticket.next_due < now,
        ),
        "nobody": ("在办无责任人", lambda c: c.runs and not c.accountable),
        "lacking": ("要素不全", lambda c: any(lacks(c) for _, lacks in _FIELDS.values())),
    }
    rows: list[tuple[Cell, ...]] = []
    for unit, cases in parted(book.cases, _department).items():
        cells = (
            count(f"ledger.department.{unit}.{code}", unit, [c for c in cases if holds(c)])
            for code, (_, holds) in columns.items()
        )
        rows.append((unit, *cells))
    return Table(("部门台账", *(name for name, _ in columns.values())), tuple(rows))


def _lifted(cases: Sequence[Case]) -> list[Figure]:
    lifted = [case for case in cases if "escalated" in case.ticket.flags]
    few = [case for case in lifted if len(_consulted(case)) < _CO_LEAST]
    return [
        count("ledger.lifted.few", f"协办部门不足{_CO_LEAST}个", few),
        count("ledger.lifted.nobody", "没有责任人", [c for c in lifted if not c.accountable]),
    ]


def _parts(cases: Sequence[Case], taxonomy: Taxonomy) -> Table:
    """Show for each line who handles it, who answers for it and who is asked."""

    def part(case: Case) -> tuple[str, str, str]:
        return name_of_line(case, taxonomy), _department(case), case.accountable or "—"

    rows: list[tuple[Cell, ...]] = []
    for key, own in parted(cases, part).items():
        asked = sorted({unit for case in own for unit in _consulted(case)})
        figure = count(f"ledger.part.{'.'.join(key)}", "·".join(key), own)
        rows.append((*key, "、".join(asked) or "—", figure))
    return Table(("条线", "承办部门", "责任人", "协办部门", "件数"), tuple(rows))


def _department(case: Case) -> str:
    return case.ticket.owner_unit or _NO_UNIT


def _consulted(case: Case) -> list[str]:
    """Give the departments beside the one in charge."""
    named = () if case.intake is None else case.intake.departments
    return [unit for unit in named if unit != case.ticket.owner_unit]
