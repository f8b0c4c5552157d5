"""Units and departments beside each other: the figures that commendation is talked over with."""

from __future__ import annotations

from collections.abc import Callable

from service.governance.cases import Book, Case
from service.governance.figures import Cell, Figure, Part, Table, count, listed, middle, ranged
from service.governance.flow import ALARM, hops
from service.governance.handling import days_taken, is_leak, is_owed
from service.governance.mediation import is_settled
from service.governance.outcomes import accepted
from service.governance.settings import Settings
from service.governance.volumes import name_of_line
from triage.taxonomy import Taxonomy

_ALL = "本行合计"
_RATES = {
    "repeat_rate": ("repeats", "tickets"),
    "escalated_rate": ("escalated", "tickets"),
    "same_day_rate": ("same_day", "regulator"),
    "within_rate": ("within", "due"),
    "accepted_rate": ("accepted", "asked"),
}
_TABLES = (
    {
        "tickets": "受理",
        "repeats": "重复",
        "repeat_rate": "重复率",
        "escalated": "升级",
        "escalated_rate": "升级率",
        "sued": "被诉",
    },
    {
        "regulator": "监管件",
        "same_day": "当日联系",
        "same_day_rate": "当日联系率",
        "converted": "引导落单",
        "contact_hours": "首次联系中位数（小时）",
    },
    {
        "due": "已答复或已过{days}日",
        "within": "{days}日内答复",
        "within_rate": "{days}日内答复率",
        "missed": "到期未办",
        "transfers": "转办{alarm}次及以上",
        "leaks": "不得落地而落地",
    },
    {
        "offered": "提出调解",
        "settled": "调解成功",
        "asked": "表态",
        "accepted": "接受",
        "refused": "不接受",
        "accepted_rate": "接受率",
    },
)
_Key = Callable[[Case], str | None]
Marks = dict[int, set[str]]


def ranking(book: Book, settings: Settings, taxonomy: Taxonomy) -> Part:
    """Put units, departments and lines beside each other where they have enough tickets."""
    marks = marks_of(book, settings)
    keys: tuple[tuple[str, str, _Key], ...] = (
        ("unit", "受理机构", lambda case: case.ticket.unit),
        ("department", "承办部门", lambda case: case.ticket.owner_unit),
        ("line", "专业条线", lambda case: name_of_line(case, taxonomy)),
    )
    tables: list[Table] = []
    for code, head, key in keys:
        tables += beside(book, settings, marks, (code, head), key)
    notes = (
        "供评选表彰、经验交流时由人研究，不是奖惩依据，系统不打总分、不排名次；按受理件数列示。",
        f"只列本期不少于{settings.ranking_least}件的单位；括号内为95%置信区间（Wilson法），"
        "区间相交的，不宜据此分高下。各单位受理的业务和客户不同，数值不可直接相比。",
        "投诉少、重复少也可能是没有记录：须与“检查督导与隐患”一并看。",
    )
    return Part("ranking", "单位指标对照", notes, tuple(tables))


def marks_of(book: Book, settings: Settings) -> Marks:
    """Say of each ticket in which of the counts it is."""
    days = settings.timeliness_days[0]
    tests: dict[str, Callable[[Case], bool]] = {
        "tickets": lambda _: True,
        "repeats": lambda c: bool(c.repeats),
        "escalated": lambda c: c.escalated_on is not None,
        "sued": lambda c: c.sued,
        "leaks": is_leak,
        "transfers": lambda c: hops(c) >= ALARM,
        "regulator": lambda c: c.regulator,
        "same_day": lambda c: c.regulator and c.same_day,
        "converted": lambda c: c.ticket.channel == "regulator_guided" and bool(c.of("conversion")),
        "due": lambda c: is_owed(c) and (c.decided_at is not None or days_taken(c, book) > days),
        "within": lambda c: is_owed(c) and c.decided_at is not None and days_taken(c, book) <= days,
        "missed": lambda c: bool(c.missed),
        "offered": lambda c: bool(c.acts),
        "settled": is_settled,
        "asked": lambda c: accepted(c) is not None,
        "accepted": lambda c: accepted(c) is True,
        "refused": lambda c: accepted(c) is False,
    }
    return {c.ticket.id: {code for code, holds in tests.items() if holds(c)} for c in book.cases}


def beside(
    book: Book, settings: Settings, marks: Marks, named: tuple[str, str], key: _Key
) -> list[Table]:
    """Put those beside each other that a key gives; `named` is the end of their code and a head."""
    code, head = named
    by: dict[str, list[Case]] = {}
    for case in book.cases:
        by.setdefault(key(case) or "", []).append(case)
    kept = [unit for unit, some in by.items() if unit and len(some) >= settings.ranking_least]
    kept.sort(key=lambda unit: (-len(by[unit]), unit))
    rest = [case for case in book.cases if (key(case) or "") not in kept]
    told = {_ALL: _figures("ranking.all", _ALL, book.cases, marks)}
    told |= {unit: _figures(f"ranking.{code}.{unit}", unit, by[unit], marks) for unit in kept}
    words = {"alarm": ALARM, "days": settings.timeliness_days[0]}
    tables = []
    for columns in _TABLES:
        rows: list[tuple[Cell, ...]] = [
            (unit, *(own[each] for each in columns)) for unit, own in told.items()
        ]
        heads = (head, *(name.format(**words) for name in columns.values()))
        tables.append(Table(heads, tuple(rows)))
    left = count(f"ranking.{code}.rest", f"未列入的{head}的工单", rest)
    return [*tables, listed(f"不足{settings.ranking_least}件或未填{head}", (left,))]


def _figures(code: str, name: str, cases: list[Case], marks: Marks) -> dict[str, Figure]:
    """Give the figures of a unit by the ends of their codes."""
    counted = sorted({end for columns in _TABLES for end in columns} - {*_RATES, "contact_hours"})
    told = {
        end: count(f"{code}.{end}", name, [c for c in cases if end in marks[c.ticket.id]])
        for end in counted
    }
    for end, (part, whole) in _RATES.items():
        told[end] = ranged(f"{code}.{end}", name, told[part], told[whole])
    owed = [case for case in cases if is_owed(case)]
    spoken = [(c, hours) for c in owed if (hours := c.contact_hours) is not None]
    told["contact_hours"] = middle(f"{code}.contact_hours", name, spoken, unit="hours")
    return told
