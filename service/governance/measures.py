"""Measures before and after they took effect, as control charts of weekly counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import sqrt

from service.governance.cases import Book, Case
from service.governance.figures import Cell, Figure, Part, Series, Table, count
from service.governance.intervals import below_mean
from service.governance.settings import Settings
from service.store.records_governance import ItemRecord

_RUN = 8  # weeks below the centre are a run, where chance makes one seldom enough
_CHANCE = 1 / 256  # as 8 tosses of a coin; of a low mean more weeks than half lie below it
_HEADS = (
    *("措施", "生效前件数", "生效前周均", "生效后件数", "生效后周均"),
    *("低于下限的周数", "高于上限的周数", "最长连续低于中心线（周）", "提示"),
)
_Weeks = dict[date, list[Case]]


def measures(book: Book, settings: Settings) -> Part:
    """Show measures before and after they took effect, as control charts of weekly counts."""
    by_id = {item.id: item for item in book.items}
    shown = [_measure(by_id[ident], book, settings) for ident in sorted(book.measured)]
    rows = tuple(row for row, _ in shown)
    notes: tuple[str, ...] = (
        f"控制图：以措施生效前{settings.measure_weeks}周的周均件数为中心线，上下限为中心线±3倍其平方根，"
        "只计整周。",
        f"超限，或连续{_RUN}周及以上低于中心线且偶然出现的可能低于1/256（泊松分布），才提示变化；"
        "周均少于9件时下限为零，只能看连续，周均很低时须连续更久。"
        "提示不等于措施有效，仍须排除季节、业务量和其他原因。",
    )
    if not rows:
        how = "立整改事项时写明生效日和条线或机构，即按周对照。"
        notes = (f"本期没有可对照的措施：{how}",)
    tables = (Table(_HEADS, rows),) if rows else ()
    return Part("measure", "措施前后", notes, tables, tuple(series for _, series in shown))


def _measure(item: ItemRecord, book: Book, settings: Settings) -> tuple[tuple[Cell, ...], Series]:
    change = date.fromisoformat(item.effective_on or "")
    weeks = _weeks(book.measured[item.id], change, book.period.until, settings.measure_weeks)
    code, name = f"measure.{item.id}", item.title
    points = tuple(
        (week.isoformat(), count(f"{code}.week.{week.isoformat()}", name, some))
        for week, some in weeks.items()
    )
    early = [some for week, some in weeks.items() if week < change]
    late = [some for week, some in weeks.items() if week >= change]
    before, after = (
        count(f"{code}.{end}", name, [case for some in side for case in some])
        for end, side in (("before", early), ("after", late))
    )
    level = len(before.ids) / len(early) if early else 0.0
    low, high = max(0.0, level - 3 * sqrt(level)), level + 3 * sqrt(level)
    below = _spell(f"{code}.weeks_below", name, [some for some in late if len(some) < low])
    above = _spell(f"{code}.weeks_above", name, [some for some in late if len(some) > high])
    run = _spell(f"{code}.run_below", name, _longest(late, level))
    row: tuple[Cell, ...] = (
        name,
        before,
        _mean(f"{code}.before_mean", name, before, len(early)),
        after,
        _mean(f"{code}.after_mean", name, after, len(late)),
        *(below, above, run),
        _hint(len(late), below, above, run if _seldom(run, level) else None),
    )
    return row, Series(name, points, level, low, high, change.isoformat())


def _longest(weeks: Sequence[list[Case]], level: float) -> list[list[Case]]:
    """Give the longest run of weeks below the centre, the first of those of one length."""
    best: list[list[Case]] = []
    run: list[list[Case]] = []
    for some in weeks:
        run = [*run, some] if len(some) < level else []
        best = run if len(run) > len(best) else best
    return best


def _spell(code: str, name: str, weeks: Sequence[list[Case]]) -> Figure:
    """Count weeks; the tickets behind it are those of these weeks."""
    ids = tuple(case.ticket.ticket_id for some in weeks for case in some)
    return Figure(code, name, len(weeks), ids)


def _seldom(run: Figure, level: float) -> bool:
    """Say whether chance alone makes a run of so many weeks too seldom to be it."""
    weeks = run.value or 0
    return weeks >= _RUN and level > 0 and below_mean(level) ** weeks < _CHANCE


def _hint(weeks: int, below: Figure, above: Figure, run: Figure | None) -> str:
    told = []
    if below.value:
        told.append("有周低于下限")
    if above.value:
        told.append("有周高于上限")
    if run is not None:
        told.append(f"连续{run.value:.0f}周低于中心线")
    if told:
        return "、".join(told)
    return "看不出变化" if weeks >= _RUN else f"生效后仅{weeks}个整周，尚看不出"


def _weeks(cases: list[Case], change: date, until: date, before: int) -> _Weeks:
    """Part cases by whole weeks, counted from the day of a change, so many of them before it."""
    weeks: _Weeks = {}
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
