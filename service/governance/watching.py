"""What is watched and worked on: units, outlets, departments, items, typical cases."""

from __future__ import annotations

from collections.abc import Callable

from service.governance import names
from service.governance.cases import Book, Case
from service.governance.figures import Cell, Figure, Part, Table, count, parted
from service.governance.intervals import grown_by_chance
from service.governance.outlets import last_outlet
from service.governance.settings import Settings
from service.store.records_governance import ItemKind, ItemRecord
from triage.rules.calendar import local

_LISTED = ("编号", "类别", "事项", "机构", "责任单位", "限期", "状态", "佐证")
_STANDING = ("本期新立", "本期销号", "期末在办", "其中逾期")
_NO_UNIT = "未指明机构"
_DEPARTMENTS = 3
Key = Callable[[Case], str | None]
Place = Callable[[str | None], str | None]


def watch_lists(book: Book, settings: Settings) -> Part:
    """List units of receipt, outlets and departments that are to be looked after."""
    lists: tuple[tuple[tuple[str, str], Key], ...] = (
        (("unit", "重点机构（受理）"), lambda case: case.ticket.unit),
        (("outlet", "重点网点（下派）"), last_outlet),
        (("department", "重点承办部门"), lambda case: case.ticket.owner_unit),
    )
    tables = [watched(book, settings, *each, lambda unit: unit) for each in lists]
    rule = settings.watch
    notes = (
        f"列入条件：本期不少于{rule.least}件，且增长显著，或重复率、升级率达到设定值且不少于"
        f"{rule.least_cases}件。增长按两期件数的精确比较（P小于{rule.growth_p:g}）。名单供督导，不用于考核。",
        f"联管单位：上级机构（设定了层级的）、督导事项的责任单位和承办其工单最多的{_DEPARTMENTS}个部门，"
        "供联管联治时明确共同责任。",
    )
    shown = tuple(table for table in tables if table.rows)
    if not shown:
        notes = (notes[0], "本期没有达到列入条件的单位。")
    return Part("watch", "重点关注名单", notes, shown)


def watched(
    book: Book, settings: Settings, named: tuple[str, str], key: Key, place: Place
) -> Table:
    """List those that are watched of what a key gives.

    `named` is the middle of their code and a head; `place` gives the one that an item's unit is of.
    """
    code, head = named
    now, before = parted(book.cases, key), parted(book.before, key)
    rows: list[tuple[Cell, ...]] = []
    for unit, cases in now.items():
        why = reasons(cases, len(before.get(unit, ())), settings)
        if not why:
            continue
        columns = (
            ("tickets", cases),
            ("before", before.get(unit, [])),
            ("repeats", [case for case in cases if case.repeats]),
            ("escalated", [case for case in cases if case.escalated_on]),
            ("missed", [case for case in cases if case.missed]),
        )
        cells = [count(f"watch.{code}.{unit}.{name}", unit, some) for name, some in columns]
        told = [item for item in _supervised(book) if place(item.unit) == unit]
        cells.append(_items(f"watch.{code}.{unit}.items", unit, told))
        upper = settings.units.above.get(unit)
        rows.append((unit, *cells, "、".join(why), _joint(unit, upper, cases, told)))
    heads = (head, "本期", "上期", "重复", "升级", "到期未办", "督导事项", "原因", "联管单位")
    return Table(heads, tuple(rows))


def _joint(unit: str, upper: str | None, cases: list[Case], told: list[ItemRecord]) -> str:
    """Name who answers jointly for a watched unit: the one above, supervisors, departments."""
    most = list(parted(cases, lambda c: c.ticket.owner_unit))[:_DEPARTMENTS]
    named = [*filter(None, [upper]), *(item.owner for item in told), *most]
    return "、".join(each for each in dict.fromkeys(named) if each != unit) or "—"


def reasons(cases: list[Case], before: int, settings: Settings) -> list[str]:
    """Say why a unit is watched; nothing when it is not."""
    rule, size = settings.watch, len(cases)
    if size < rule.least:
        return []
    again = sum(bool(case.repeats) for case in cases)
    up = sum(case.escalated_on is not None for case in cases)
    found = ["增长显著"] if grown_by_chance(size, before) < rule.growth_p else []
    if again >= rule.least_cases and again / size >= rule.repeat_share:
        found.append("重复率高")
    if up >= rule.least_cases and up / size >= rule.escalated_share:
        found.append("升级率高")
    return found


def tasks(book: Book) -> Part:
    """List items of the period with owner, day due and evidence, and count how they stand."""
    rows = [
        _stand(book, f"item.{kind}", name, [i for i in book.items if i.kind.value == kind])
        for kind, name in names.KINDS.items()
    ]
    tables = [Table(("事项", *_STANDING), tuple(rows))]
    units: dict[str, list[ItemRecord]] = {}
    for item in _supervised(book):
        units.setdefault(item.unit or _NO_UNIT, []).append(item)
    if units:
        by_unit = [_stand(book, f"item.unit.{u}", u, units[u]) for u in sorted(units)]
        tables.append(Table(("督导的机构", *_STANDING), tuple(by_unit)))
    listed = tuple(_item_row(item) for item in book.items)
    if listed:
        tables.append(Table(_LISTED, listed))
    return Part("item", "整改、督导与培训", (), tuple(tables))


def typical(book: Book, settings: Settings) -> Part:
    """Quote the typical cases that people picked when they approved the alerts of the period."""
    quotes = []
    for alert in book.alerts:
        for ident in alert.typical:
            text = " ".join(book.texts.get(ident, "").split())
            cut = text[: settings.quoted] + ("…" if len(text) > settings.quoted else "")
            quotes.append((f"{ident}（风险提示{alert.id}号）", cut))
    ids = tuple(dict.fromkeys(i for alert in book.alerts for i in alert.typical))
    sent = tuple(f"alert:{alert.id}" for alert in book.alerts)
    given = tuple(f"alert:{alert.id}" for alert in book.alerts if alert.receipts)
    unread = [a for a in book.alerts if any(each.read_at is None for each in a.receipts)]
    waits = tuple(f"alert:{alert.id}" for alert in unread)
    rows = (
        ("本期审批的风险提示", Figure("alert.approved", "本期审批的风险提示", len(sent), sent)),
        ("其中已下发", Figure("alert.sent", "已下发的风险提示", len(given), given)),
        ("其中尚有未读回执", Figure("alert.unread", "尚有未读回执的风险提示", len(waits), waits)),
        ("典型案例", Figure("alert.typical", "典型案例", len(ids), ids)),
    )
    note = "典型案例由审批人在风险提示中确定，文字已脱敏。"
    table = Table(("风险提示与典型案例", "数值"), rows)
    return Part("typical", "典型案例", (note,), (table,), quotes=tuple(quotes))


def _supervised(book: Book) -> list[ItemRecord]:
    return [item for item in book.items if item.kind is ItemKind.SUPERVISION]


def _stand(book: Book, code: str, name: str, known: list[ItemRecord]) -> tuple[Cell, ...]:
    today = local(book.period.as_of).date().isoformat()
    opened = [item for item in known if item.opened_at >= book.period.start]
    closed = [i for i in known if i.closed_at is not None and i.closed_at < book.period.end]
    still = [item for item in known if item not in closed]
    late = [item for item in still if item.due_on < today]
    columns = (("opened", opened), ("closed", closed), ("open", still), ("overdue", late))
    return name, *(_items(f"{code}.{end}", name, some) for end, some in columns)


def _item_row(item: ItemRecord) -> tuple[Cell, ...]:
    state = names.ITEM_STATES[item.state]
    kind = names.KINDS[item.kind.value]
    told = (str(item.id), kind, item.title, item.unit or "", item.owner, item.due_on)
    return *told, state, item.evidence or ""


def _items(code: str, name: str, some: list[ItemRecord]) -> Figure:
    return Figure(code, name, len(some), tuple(f"item:{item.id}" for item in some))
