"""Figures against what is aimed at, month by month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from service.governance.cases import Book, Case
from service.governance.figures import Cell, Figure, Part, Table
from triage.errors import ConfigError

Count = Callable[[Book], Part]


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is to be: at least, or at most."""

    figure: str
    least: float | None
    most: float | None

    def met(self, value: float) -> bool:
        """Say whether a value is good enough."""
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    def better(self, value: float, before: float) -> bool:
        """Say whether a value is nearer to what is aimed at than another."""
        return value > before if self.least is not None else value < before


def targets(book: Book, aims: tuple[Target, ...], parts: dict[str, Count]) -> Part:
    """Hold figures against their targets, of the period and of each month of receipt.

    `parts` count a book, by the first word of the codes of their figures.

    Raises
    ------
    ConfigError
        When a target is of a figure that the report does not have.
    """
    kinds = sorted({aim.figure.partition(".")[0] for aim in aims} & parts.keys())
    counts = [parts[kind] for kind in kinds]
    whole = _figures(book, counts)
    _check(aims, whole)
    months: dict[str, list[Case]] = {}
    for case in book.cases:
        months.setdefault(f"{case.day:%Y-%m}", []).append(case)
    by_month = {name: _figures(replace(book, cases=some), counts) for name, some in months.items()}
    rows: list[tuple[Cell, ...]] = []
    for aim in aims:
        told = whole[aim.figure]
        course = [by_month[name][aim.figure] for name in sorted(by_month)]
        rows.append((told.name, _aim(aim, told), told, _met(aim, told), _trend(aim, course)))
    across: list[tuple[Cell, ...]] = [
        (name, *(_monthly(by_month[name][aim.figure], name) for aim in aims))
        for name in sorted(by_month)
    ]
    heads = ("指标", "目标", "本期", "是否达到", "末月较前月")
    tables = [Table(heads, tuple(rows))]
    if across:
        tables.append(Table(("受理月份", *(whole[aim.figure].name for aim in aims)), tuple(across)))
    notes = (
        "目标由本行在 data/governance.yaml 设定；按受理月份统计，近月工单尚在办理，数值还会变化。",
        "率的95%置信区间含目标的，标“尚不能断定”（目标为0或100%的是硬性要求，按实际判断）；"
        "末月与前月的区间相交的，标“无明显变化”。各月只列数值。",
    )
    return Part("target", "目标与趋势", notes, tuple(tables))


def _check(aims: tuple[Target, ...], known: dict[str, Figure]) -> None:
    wrong = [aim.figure for aim in aims if aim.figure not in known]
    if wrong:
        told = f"governance.yaml: targets: the report has no figure {wrong[0]}"
        raise ConfigError(told, cure="name a figure that stands in every report")


def _figures(book: Book, counts: list[Count]) -> dict[str, Figure]:
    return {figure.code: figure for one in counts for figure in one(book).figures()}


def _monthly(figure: Figure, month: str) -> Figure:
    """Give a figure of a month; without its interval, of which a row of months has no room."""
    of = None if figure.of is None else f"{figure.of}（{month}）"
    code = f"target.{figure.code}.{month}"
    return replace(figure, code=code, of=of, low=None, high=None)


def _aim(aim: Target, told: Figure) -> str:
    sign, value = ("不低于", aim.least) if aim.least is not None else ("不高于", aim.most)
    return sign + replace(told, value=value, low=None).shown


def _met(aim: Target, told: Figure) -> str:
    if told.value is None:
        return "无数据"
    bound = aim.most if aim.least is None else aim.least
    inside = None not in (told.low, told.high, bound) and _between(bound, told)
    unsure = "（尚不能断定）" if inside and bound not in (0, 1) else ""
    return ("达到" if aim.met(told.value) else "未达到") + unsure


def _between(bound: float | None, told: Figure) -> bool:
    return (told.low or 0) <= (bound or 0) <= (told.high or 0)


def _trend(aim: Target, course: list[Figure]) -> str:
    known = [figure for figure in course if figure.value is not None]
    if len(known) < 2:
        return "—"
    before, last = known[-2:]
    if last.value == before.value:
        return "持平"
    if last.low is not None and _overlap(last, before):
        return "无明显变化"
    return "改善" if aim.better(last.value or 0, before.value or 0) else "变差"


def _overlap(one: Figure, other: Figure) -> bool:
    return (one.low or 0) <= (other.high or 0) and (other.low or 0) <= (one.high or 0)
