"""What stands before and beside the handling: the period before, early signs, hops."""

from __future__ import annotations

from service.governance.cases import Book, Case
from service.governance.figures import Figure, Part, Table, count, grouped, listed, share
from service.governance.volumes import by_line
from triage.taxonomy import Taxonomy

_EARLY = ("help", "inquiry")
ALARM = 3  # R-ESC-2: so many transfers and none more without the head of complaints


def flow(book: Book, taxonomy: Taxonomy) -> Part:
    """Count against the period before; products; early signs; transfers."""
    whole = count("volume.all", "受理总量", book.cases)
    kinds = grouped("volume.product", book.cases, lambda c: c.ticket.product, str)
    tables = [_trend(book, whole)]
    if kinds:
        rows = tuple((f.name, f, _share(f, whole)) for f in kinds)
        tables.append(Table(("产品", "件数", "占比"), rows, bars=1))
    tables += [*_early(book, taxonomy), _transfers(book, whole)]
    notes = (
        "前移关口：尚未投诉的咨询、求助中，受理时风险等级为高的，以及后来转为投诉的（含期后）。"
        "转办含受理前已有的次数。",
    )
    return Part("flow", "趋势、前移与流转", notes, tuple(tables))


def _trend(book: Book, whole: Figure) -> Table:
    before = count("volume.before", "上一同等时段受理", book.before)
    value = (len(whole.ids) - len(before.ids)) / len(before.ids) if before.ids else None
    change = Figure("volume.change", "较上一时段变化", value, whole.ids, before.code, unit="share")
    return listed("趋势", (before, change))


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
    moved = count("transfer.any", "曾转办", [case for case in book.cases if hops(case)])
    often = [case for case in book.cases if hops(case) >= ALARM]
    figures = (
        moved,
        share("transfer.rate", "转办率", moved, whole),
        count("transfer.often", f"转办{ALARM}次及以上（预警）", often),
    )
    return listed("转办", figures)


def hops(case: Case) -> int:
    """Give how often a ticket was transferred, before the intake and since."""
    return (case.ticket.transfers or 0) + len(case.of("transfer"))


def _share(figure: Figure, whole: Figure) -> Figure:
    return share(f"{figure.code}.share", f"{figure.name}占比", figure, whole)
