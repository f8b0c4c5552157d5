"""What is watched and worked on: units, measures before and after, items, typical cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from math import sqrt

from service.governance import names
from service.governance.cases import Book, Case
from service.governance.figures import Cell, Figure, Part, Series, Table, count, parted
from service.governance.intervals import poisson_tail
from service.governance.settings import Settings
from service.store.records_governance import ItemKind, ItemRecord
from service.store.reporting import TicketRow
from triage.rules.calendar import local

_LEAST_MEAN = 0.5  # of a unit that had no ticket before: something must be expected
_LISTED = ("编号", "类别", "事项", "机构", "责任单位", "限期", "状态", "佐证")
_STANDING = ("本期新立", "本期销号", "期末在办", "其中逾期")
_NO_UNIT = "未指明机构"
Key = Callable[[TicketRow], str | None]
Place = Callable[[str | None], str | None]


def watch_lists(book: Book, settings: Settings) -> Part:
    """List the units of receipt, and the departments, that are to be looked after."""
    lists: tuple[tuple[tuple[str, str], Key], ...] = (
        (("unit", "重点机构（受理）"), lambda row: row.unit),
        (("department", "重点承办部门"), lambda row: row.owner_unit),
    )
    tables = [watched(book, settings, *each, lambda unit: unit) for each in lists]
    note = (
        f"列入条件：本期不少于{settings.watch.least}件，且增长显著、重复率或升级率达到设定值。"
        "名单供督导，不用于考核。"
    )
    return Part("watch", "重点关注名单", (note,), tuple(table for table in tables if table.rows))


def watched(
    book: Book, settings: Settings, named: tuple[str, str], key: Key, place: Place
) -> Table:
    """List those that are watched of what a key gives.

    `named` is the middle of their code and a head; `place` gives the one that an item's unit is of.
    """
    code, head = named
    now, before = (parted(some, lambda c: key(c.ticket)) for some in (book.cases, book.before))
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
        rows.append((unit, *cells, "、".join(why)))
    heads = (head, "本期", "上期", "重复", "升级", "到期未办", "督导事项", "原因")
    return Table(heads, tuple(rows))


def reasons(cases: list[Case], before: int, settings: Settings) -> list[str]:
    """Say why a unit is watched; nothing when it is not."""
    rule, size = settings.watch, len(cases)
    if size < rule.least:
        return []
    found = []
    if size > before and poisson_tail(size, max(float(before), _LEAST_MEAN)) < rule.growth_p:
        found.append("增长显著")
    if sum(bool(case.repeats) for case in cases) / size >= rule.repeat_share:
        found.append("重复率高")
    if sum(case.escalated_on is not None for case in cases) / size >= rule.escalated_share:
        found.append("升级率高")
    return found


def measures(book: Book, settings: Settings) -> Part:
    """Show measures before and after they took effect, as control charts of weekly counts."""
    by_id = {item.id: item for item in book.items}
    shown = [_measure(by_id[ident], book, settings) for ident in sorted(book.measured)]
    rows: list[tuple[Cell, ...]] = [row for row, _ in shown]
    notes = (
        f"控制图：以措施生效前{settings.measure_weeks}周的周均件数为中心线，上下限为中心线±3倍其平方根；"
        "超限或连续偏离才提示变化，仍须排除季节和其他原因。",
    )
    heads = ("措施", "生效前件数", "生效前周均", "生效后件数", "生效后周均", "低于下限的周数")
    tables = (Table(heads, tuple(rows)),) if rows else ()
    return Part("measure", "措施前后", notes, tables, tuple(series for _, series in shown))


def _measure(item: ItemRecord, book: Book, settings: Settings) -> tuple[tuple[Cell, ...], Series]:
    change = date.fromisoformat(item.effective_on or "")
    weeks = _weeks(book.measured[item.id], change, book.period.until, settings.measure_weeks)
    code = f"measure.{item.id}"
    points = tuple(
        (week.isoformat(), count(f"{code}.week.{week.isoformat()}", item.title, some))
        for week, some in weeks.items()
    )
    early = [case for week, some in weeks.items() if week < change for case in some]
    late = [case for week, some in weeks.items() if week >= change for case in some]
    old = sum(week < change for week in weeks)
    level = len(early) / old if old else 0.0
    low, high = max(0.0, level - 3 * sqrt(level)), level + 3 * sqrt(level)
    below = [c for week, some in weeks.items() if week >= change and len(some) < low for c in some]
    weeks_below = sum(week >= change and len(some) < low for week, some in weeks.items())
    before, after = (
        count(f"{code}.before", item.title, early),
        count(f"{code}.after", item.title, late),
    )
    row: tuple[Cell, ...] = (
        item.title,
        before,
        _mean(f"{code}.before_mean", item.title, before, old),
        after,
        _mean(f"{code}.after_mean", item.title, after, len(weeks) - old),
        Figure(
            f"{code}.weeks_below",
            item.title,
            weeks_below,
            tuple(case.ticket.ticket_id for case in below),
        ),
    )
    return row, Series(item.title, points, level, low, high, change.isoformat())


def _weeks(cases: list[Case], change: date, until: date, before: int) -> dict[date, list[Case]]:
    """Part cases by whole weeks, counted from the day of a change, so many of them before it."""
    weeks: dict[date, list[Case]] = {}
    start = change - timedelta(weeks=before)
    while start + timedelta(days=6) <= until:
        weeks[start] = []
        start += timedelta(days=7)
    for case in cases:
        week = change + timedelta(days=7 * ((case.day - change).days // 7))
        if week in weeks:
            weeks[week].append(case)
    return weeks


def _mean(code: str, name: str, total: Figure, weeks: int) -> Figure:
    value = (total.value or 0) / weeks if weeks else None
    return Figure(code, name, value, total.ids, of=total.code, unit="score")


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
    state = "已销号" if item.state == "closed" else "在办"
    kind = names.KINDS[item.kind.value]
    told = (str(item.id), kind, item.title, item.unit or "", item.owner, item.due_on)
    return *told, state, item.evidence or ""


def _items(code: str, name: str, some: list[ItemRecord]) -> Figure:
    return Figure(code, name, len(some), tuple(f"item:{item.id}" for item in some))
