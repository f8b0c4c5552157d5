"""What is lifted and who answers for it: petition-grade handling, care for staff, risk, owners."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from service.governance import names
from service.governance.cases import Book, Case
from service.governance.figures import (
    Cell,
    Part,
    Table,
    count,
    grouped,
    listed,
    parted,
    ranged,
    share,
)
from service.governance.surveys import Survey, surveyed
from triage.rules.explain import LEVELS
from triage.taxonomy import Taxonomy

LOWER = ("outlet", "sub_branch")
_NOTICE, _VIOLENCE, _FORCE = "petition_notice", "violence", 10  # persons
_FLAGS = (
    ("petition", "petition_grade", "比照重大信访办理"),
    ("repeat", "repeat", "其中重复投诉"),
    ("difficult", "difficult", "其中疑难复杂"),
    ("media", "media_watch", "舆情监测"),
)


def grade(book: Book) -> Part:
    """Count what was lifted to the branch or handled like a petition, and how it goes on."""
    cases = book.cases
    whole = count("volume.all", "受理总量", cases)
    lifted = _flagged(cases, "escalated")
    up = count("grade.escalated", "提级至分行", lifted)
    low = [case for case in lifted if case.ticket.owner_level in LOWER]
    changed = [case for case in lifted if _levels(case)]
    figures = [up, share("grade.escalated_rate", "提级率", up, whole)]
    figures += [count(f"grade.{code}", name, _flagged(cases, f)) for code, f, name in _FLAGS]
    figures += [
        count("grade.below", "提级后仍在支行、网点承办（应为零）", low),
        count("grade.changed", "提级工单中有承办层级变更记录", changed),
    ]
    levels = grouped("grade.to", lifted, _last_level, LEVELS.__getitem__)
    tables = [listed("提级与比照信访", figures), _notices(cases)]
    if levels:
        tables.append(listed("最近一次变更至", levels))
    note = "提级、比照重大信访依规则判定（R-ESC-1）；应为零的项目须逐件核实。"
    return Part("grade", "提级与比照重大信访", (note,), tuple(tables))


def staff(book: Book, taxonomy: Taxonomy, surveys: Sequence[Survey]) -> Part:
    """Count what strains those who deal with customers, what is done for them, how they feel."""
    hard = [case for case in book.cases if _VIOLENCE in case.signals]
    crowd = [case for case in book.cases if (case.ticket.group_size or 0) >= _FORCE]
    face = [case for case in hard if case.ticket.channel in ("branch", "petition")]
    figures = [
        count("staff.violence", f"{taxonomy.name(_VIOLENCE)}信号", hard),
        count("staff.in_person", "其中当面（网点、信访）", face),
        count("staff.crowd", f"{_FORCE}人以上来访或联名", crowd),
    ]
    cared = [item for item in book.about if item.kind.value == "staff_care"]
    named = {ident for item in cared for ident in item.tickets}
    without = [case for case in hard if case.ticket.ticket_id not in named]
    figures.append(count("staff.uncared", "尚无员工关爱事项的", without))
    tables = [listed("员工支持", figures)]
    units = grouped("staff.unit", hard, lambda case: case.ticket.unit, str)
    if units:
        tables.append(listed("涉及机构", units))
    known = [survey for survey in surveys if survey.on <= book.period.until]
    tables += [surveyed(known)] if known else []
    notes = (
        "供安排现场支援和心理疏导，不用于考核员工；信号以受理时的判定为准。",
        "员工满意度只取本行自己的调查（data/governance.yaml 的 staff_surveys），系统不推算；没有填"
        "写的不列。满意率按收回的问卷计，收回率低的不能代表全体。",
    )
    return Part("staff", "员工支持与满意度", notes, tuple(tables))


def risk(book: Book) -> Part:
    """Count bands at intake, and how much of what escalated was among the riskiest tenth."""
    cases = [case for case in book.cases if case.intake is not None]
    rows: list[tuple[Cell, ...]] = []
    for code, name in names.BANDS.items():
        own = [case for case in cases if case.intake and case.intake.band == code]
        band = count(f"risk.band.{code}", f"风险{name}", own)
        up = count(f"risk.escalated.{code}", f"风险{name}后升级", _escalated(own))
        rows.append((f"风险{name}", band, up, ranged(f"{up.code}.rate", "升级率", up, band)))
    scored = [case for case in cases if _risk(case) is not None]
    scored.sort(key=lambda case: (-(_risk(case) or 0.0), case.ticket.id))
    top = scored[: -(-len(scored) // 10)]
    all_up = count("risk.escalated", "有评分且升级", _escalated(scored))
    first = count("risk.top_escalated", "其中受理时评分居前10%", _escalated(top))
    figures = [
        count("risk.scored", "有风险评分", scored),
        all_up,
        first,
        ranged("risk.recall", "受理时评分前10%覆盖的升级", first, all_up),
    ]
    tables = (Table(("受理时风险", "件数", "后升级", "升级率"), tuple(rows), 1),)
    note = "评分用于排序和提醒，不据以关闭或拒绝工单。"
    return Part("risk", "风险监测", (note,), (*tables, listed("风险评分", figures)))


def accountables(book: Book) -> Part:
    """List who answers for tickets, with what stands open and late with each."""
    columns: tuple[tuple[str, Callable[[Case], bool]], ...] = (
        ("tickets", lambda _: True),
        ("open", lambda c: c.runs),
        ("missed", lambda c: bool(c.missed)),
        ("regulator", lambda c: c.regulator),
        ("repeats", lambda c: bool(c.repeats)),
        ("escalated", lambda c: c.escalated_on is not None),
    )
    rows: list[tuple[Cell, ...]] = []
    for who, own in parted(book.cases, lambda c: c.accountable).items():
        cells = [
            count(f"accountable.{who}.{code}", who, [case for case in own if holds(case)])
            for code, holds in columns
        ]
        rows.append((who, *cells))
    heads = ("责任人", "受理", "在办", "到期未办", "监管件", "重复", "升级")
    note = "责任人依规则文件按条线和机构确定，以最近一次判定为准；供一把手和部室负责人掌握。"
    table = Table(heads, tuple(rows), 1 if rows else None)
    return Part("accountable", "责任人情况", (note,), (table,))


def _notices(cases: Sequence[Case]) -> Table:
    owed = [(case, {d.state for d in case.duties if d.code == _NOTICE}) for case in cases]
    owed = [(case, states) for case, states in owed if states]
    rows = (
        count("grade.notice", "应按信访要求告知（15日）", [case for case, _ in owed]),
        count("grade.notice_met", "已告知", [case for case, states in owed if "met" in states]),
        count("grade.notice_missed", "到期未告知", [c for c, states in owed if "missed" in states]),
        count("grade.notice_open", "未到期", [c for c, states in owed if "open" in states]),
    )
    return listed("比照信访告知", rows)


def _flagged(cases: Sequence[Case], flag: str) -> list[Case]:
    told = [case for case in cases if flag in case.ticket.flags]
    if flag in ("repeat", "difficult"):
        return [case for case in told if "petition_grade" in case.ticket.flags]
    return told


def _levels(case: Case) -> list[str]:
    moved = (*case.of("transfer"), *case.of("sent_down"))
    told = [event.data["to_level"] for event in sorted(moved, key=lambda event: event.at)]
    return [level for level in told if level]  # old erasures left it empty


def _last_level(case: Case) -> str | None:
    found = _levels(case)
    return found[-1] if found else None


def _escalated(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.escalated_on is not None]


def _risk(case: Case) -> float | None:
    return None if case.intake is None else case.intake.risk
