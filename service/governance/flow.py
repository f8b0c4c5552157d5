"""What stands before and beside the handling: the period before, early signs, hops."""

from __future__ import annotations

from dataclasses import replace

from service.governance.cases import Book, Case
from service.governance.figures import (
    Cell,
    Figure,
    Part,
    Table,
    count,
    grouped,
    listed,
    parted,
    ranged,
    share,
)
from service.governance.intervals import grown_between
from service.governance.volumes import by_line, line_of, name_of_line
from triage.taxonomy import Taxonomy

_EARLY = ("help", "inquiry")
_SHOWN = 20
ALARM = 3  # R-ESC-2: so many transfers and none more without the head of complaints


def flow(book: Book, taxonomy: Taxonomy) -> Part:
    """Count against the period before; products; early signs; transfers."""
    whole = count("volume.all", "受理总量", book.cases)
    kinds = grouped("volume.product", book.cases, lambda c: c.ticket.product, str)
    tables = [_trend(book, whole)]
    if kinds:
        rows = tuple((f.name, f, _share(f, whole)) for f in kinds)
        tables.append(Table(("产品", "件数", "占比"), rows, bars=1))
    tables += [*_early(book, taxonomy), *_transfers(book, whole, taxonomy)]
    notes = (
        "前移关口：尚未投诉的咨询、求助中，受理时风险等级为高的，以及后来转为投诉的（含期后）。"
        "转办含受理前已有的次数。",
        "变化的括号内为95%置信区间（两期件数之比）；区间含零的，可能只是偶然波动。",
    )
    return Part("flow", "趋势、前移与流转", notes, tuple(tables))


def _trend(book: Book, whole: Figure) -> Table:
    before = count("volume.before", "上一同等时段受理", book.before)
    value = (len(whole.ids) - len(before.ids)) / len(before.ids) if before.ids else None
    change = Figure("volume.change", "较上一时段变化", value, whole.ids, before.code, unit="share")
    if before.ids and whole.ids:
        low, high = grown_between(len(whole.ids), len(before.ids))
        change = replace(change, low=low, high=high)
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
        ranged("early.followed_rate", "转为投诉的比率", turned, whole),
        count(
            "early.followed_high", "转为投诉的，受理时已为高风险", [c for c in high if c.followed]
        ),
    )
    lines = by_line("early.line", later, taxonomy)
    return [listed("前移关口", figures), *([listed("转为投诉的条线", lines)] if lines else [])]


def _transfers(book: Book, whole: Figure, taxonomy: Taxonomy) -> list[Table]:
    moved = count("transfer.any", "曾转办", [case for case in book.cases if hops(case)])
    often = [case for case in book.cases if hops(case) >= ALARM]
    figures = (
        moved,
        ranged("transfer.rate", "转办率", moved, whole),
        count("transfer.often", f"转办{ALARM}次及以上（预警）", often),
    )
    some = [case for case in book.cases if hops(case)]
    rows: list[tuple[Cell, ...]] = []
    for line, own in parted(some, line_of).items():
        name = name_of_line(own[0], taxonomy)
        of_line = [case for case in book.cases if line_of(case) == line]
        base = count(f"volume.line.{line}", name, of_line)
        part = count(f"transfer.line.{line}", name, own)
        rate = ranged(f"transfer.line.{line}.rate", name, part, base)
        rows.append((name, base, part, rate))
    ends = grouped("transfer.to", some, _last_unit, str)
    tables = [listed("转办", figures)]
    tables += [Table(("转办的条线", "受理", "曾转办", "转办率"), tuple(rows))] if rows else []
    tables += [listed("最后转至", ends)] if ends else []
    return [*tables, *_alarms(often)]


def _alarms(often: list[Case]) -> list[Table]:
    """Show the newest of those transferred too often, with their way and the last reason."""
    rows: list[tuple[Cell, ...]] = []
    for case in reversed(often[-_SHOWN:]):
        moves = [event.data for event in case.of("transfer")]
        way = "→".join(data.get("to_unit") or "—" for data in moves) or "受理前"
        why = (moves[-1].get("reason") or "—") if moves else "—"
        ident = case.ticket.ticket_id
        told = Figure(f"transfer.ticket.{ident}", ident, hops(case), (ident,))
        rows.append((ident, case.day.isoformat(), told, way, why))
    heads = (
        f"转办{ALARM}次及以上（至多{_SHOWN}件）",
        "受理",
        "次数",
        "本系统内去向",
        "最后一次理由",
    )
    return [Table(heads, tuple(rows))] if rows else []


def _last_unit(case: Case) -> str | None:
    moved = case.of("transfer")
    return (moved[-1].data.get("to_unit") or None) if moved else None


def hops(case: Case) -> int:
    """Give how often a ticket was transferred, before the intake and since."""
    return (case.ticket.transfers or 0) + len(case.of("transfer"))


def _share(figure: Figure, whole: Figure) -> Figure:
    return share(f"{figure.code}.share", f"{figure.name}占比", figure, whole)
