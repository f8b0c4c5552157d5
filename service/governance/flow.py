"""What stands before and beside the handling: the period before, early signs, major ones, hops."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from service.governance.cases import Book, Case
from service.governance.figures import Figure, Part, Table, count, grouped, listed, share
from service.governance.volumes import by_line
from triage.surge.settings import MajorRule, load_settings
from triage.taxonomy import Taxonomy

_EARLY = ("help", "inquiry")
_ALARM = 3  # R-ESC-2: so many transfers and none more without the head of complaints


def major_rule(data: Path | None) -> MajorRule:
    """Give what makes a single ticket a major one, as alerts have it."""
    return load_settings(data and data / "surge.yaml").major


def flow(book: Book, rule: MajorRule, taxonomy: Taxonomy) -> Part:
    """Count against the period before; products; early signs; major tickets; transfers."""
    whole = count("volume.all", "受理总量", book.cases)
    products = grouped("volume.product", book.cases, lambda c: c.ticket.product, str)
    tables = [_trend(book, whole)]
    if products:
        rows = tuple((f.name, f, _share(f, whole)) for f in products)
        tables.append(Table(("产品（供业务准入审查）", "件数", "占比"), rows, bars=1))
    tables += [_majors(book, rule, taxonomy), *_early(book, taxonomy), _transfers(book, whole)]
    notes = (
        "重大的判定与风险提示相同（data/surge.yaml）；信号以受理时的判定为准。",
        "前移关口：尚未投诉的咨询、求助中，受理时风险等级为高的，以及后来转为投诉的（含期后）。"
        "转办含受理前已有的次数。",
    )
    return Part("flow", "趋势、重大与流转", notes, tuple(tables))


def _trend(book: Book, whole: Figure) -> Table:
    before = count("volume.before", "上一同等时段受理", book.before)
    value = (len(whole.ids) - len(before.ids)) / len(before.ids) if before.ids else None
    change = Figure("volume.change", "较上一时段变化", value, whole.ids, before.code, unit="share")
    return listed("趋势", (before, change))


def _majors(book: Book, rule: MajorRule, taxonomy: Taxonomy) -> Table:
    life = {signal.code for signal in taxonomy.signals if signal.tier in rule.tiers}
    tests: tuple[tuple[str, str, Callable[[Case], bool]], ...] = (
        ("life", "人身安全信号", lambda c: bool(c.signals & life)),
        ("media", "媒体来件或曝光信号", lambda c: _media(c, rule)),
        ("group", f"{rule.group}人以上到场", lambda c: _group(c, rule)),
        ("amount", f"涉及金额{rule.amount_cny:,.0f}元以上", lambda c: _amount(c, rule)),
    )
    rows = [
        count(f"major.{code}", name, [case for case in book.cases if holds(case)])
        for code, name, holds in tests
    ]
    some = [case for case in book.cases if any(holds(case) for _, _, holds in tests)]
    figures = (count("major.all", "重大投诉事件", some), *rows)
    return Table(("重大", "件数"), tuple((figure.name, figure) for figure in figures))


def _early(book: Book, taxonomy: Taxonomy) -> list[Table]:
    asked = [case for case in book.cases if case.ticket.nature in _EARLY]
    high = [case for case in asked if case.intake is not None and case.intake.band == "high"]
    up = [case for case in asked if case.escalated_on]
    later = [case for case in asked if case.followed]
    whole = count("early.all", "咨询、求助", asked)
    turned = count("early.followed", "其中同一客户同一事项后来投诉", later)
    figures = (
        whole,
        count("early.high", "其中受理时高风险", high),
        count("early.escalated", "其中后来升级", up),
        turned,
        share("early.followed_rate", "转为投诉的比率", turned, whole),
        count(
            "early.followed_high", "转为投诉的，受理时已为高风险", [c for c in high if c.followed]
        ),
    )
    lines = by_line("early.line", later, taxonomy)
    return [listed("前移关口", figures), *([listed("转为投诉的条线", lines)] if lines else [])]


def _transfers(book: Book, whole: Figure) -> Table:
    hops = [(case, (case.ticket.transfers or 0) + len(case.of("transfer"))) for case in book.cases]
    moved = count("transfer.any", "曾转办", [case for case, times in hops if times])
    often = [case for case, times in hops if times >= _ALARM]
    figures = (
        moved,
        share("transfer.rate", "转办率", moved, whole),
        count("transfer.often", f"转办{_ALARM}次及以上（预警）", often),
    )
    return listed("转办", figures)


def _media(case: Case, rule: MajorRule) -> bool:
    return case.ticket.channel in rule.channels or bool(case.signals & set(rule.signals))


def _group(case: Case, rule: MajorRule) -> bool:
    return (
        case.ticket.group_size or 0
    ) >= rule.group and case.ticket.channel in rule.group_channels


def _amount(case: Case, rule: MajorRule) -> bool:
    amount = case.ticket.amount_cny
    return amount is not None and amount >= rule.amount_cny


def _share(figure: Figure, whole: Figure) -> Figure:
    return share(f"{figure.code}.share", f"{figure.name}占比", figure, whole)
