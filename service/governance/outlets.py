"""What outlets carry, and in which order tickets came down: departments first, by a reason."""

from __future__ import annotations

from collections.abc import Sequence

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
)
from service.governance.handling import is_leak
from service.governance.steering import LOWER
from triage.rules.calendar import local
from triage.rules.explain import LEVELS

_SHOWN = 20


def outlets(book: Book) -> Part:
    """Count what outlets carry, what should never have come to them, and how it came."""
    cases = book.cases
    down = [case for case in cases if case.sent_to_outlets]
    past = [case for case in book.before if case.sent_to_outlets]
    rows = (
        count(
            "outlet.owned", "现由网点承办", [c for c in cases if c.ticket.owner_level == "outlet"]
        ),
        count("outlet.sent_down", "曾下派网点", down),
        _past("outlet.before", "上一同等时段曾下派网点", book, past),
        count("outlet.barred", "规则不得落地网点", [case for case in cases if case.ticket.barred]),
        count(
            "outlet.leaks", "不得落地而落地（应为零）", [case for case in cases if is_leak(case)]
        ),
    )
    tables = [listed("网点负担", rows), *_carried(book, down), *_order(cases)]
    notes = (
        "先横后纵：首派是受理时规则派给的层级；其后转到支行、网点的，须由人决定并记录理由。"
        "到支行、网点而既非首派、又无下派记录的，逐件核实。",
    )
    return Part("outlet", "网点负担与先横后纵", notes, tuple(tables))


def _carried(book: Book, down: list[Case]) -> list[Table]:
    """Count by the outlet that tickets were last sent down to, beside the span before."""
    past = parted(book.before, last_outlet)
    rows: list[tuple[Cell, ...]] = []
    for unit, own in parted(down, last_outlet).items():
        code = f"outlet.unit.{unit}"
        held = [case for case in own if case.ticket.owner_level == "outlet"]
        rows.append(
            (
                unit,
                count(code, unit, own),
                _past(f"{code}.before", unit, book, past.get(unit, ())),
                count(f"{code}.held", unit, held),
                count(f"{code}.leaks", unit, [case for case in own if is_leak(case)]),
            )
        )
    heads = ("下派网点", "本期", "上期", "现由网点承办", "不得落地而落地")
    return [Table(heads, tuple(rows), bars=1)] if rows else []


def _past(code: str, name: str, book: Book, some: Sequence[Case]) -> Figure:
    """Count of the span before; nothing where nothing of it is known."""
    return count(code, name, some) if book.before else Figure(code, name, None)


def _order(cases: Sequence[Case]) -> list[Table]:
    """Count to which level tickets went first, and what came down from there, and why."""
    first = grouped("order.first", cases, first_level, LEVELS.__getitem__)
    known = count("order.known", "有首派记录", [case for case in cases if first_level(case)])
    across = [case for case in cases if first_level(case) not in (None, *LOWER)]
    whole = count("order.across", "首派部室（含投诉处置办公室、总行）", across)
    sent = [case for case in across if case.of("sent_down")]
    low = [case for case in cases if case.ticket.owner_level in LOWER]
    bare = [case for case in low if not case.of("sent_down") and first_level(case) not in LOWER]
    figures: list[Figure] = [
        known,
        whole,
        ranged("order.across_rate", "首派部室占比", whole, known),
        count("order.sent", "其后下派支行、网点（有记录理由）", sent),
        count("order.low", "现由支行、网点承办", low),
        count("order.bare", "其中非首派且无下派记录（应为零）", bare),
    ]
    tables = [listed("先横后纵", figures), listed("首派层级", first)]
    reasons = _reasons(sent)
    return [*tables, reasons] if reasons.rows else tables


def _reasons(sent: Sequence[Case]) -> Table:
    """Show the newest sendings down with the reasons that people recorded, which are masked."""
    rows: list[tuple[Cell, ...]] = []
    for case in reversed(sent[-_SHOWN:]):
        data, at = case.of("sent_down")[-1].data, case.of("sent_down")[-1].at
        level = LEVELS.get(data.get("to_level") or "", "—")
        day = f"{local(at):%Y-%m-%d}"
        ident = case.ticket.ticket_id
        rows.append((ident, day, level, data.get("to_unit") or "—", data.get("reason") or "—"))
    return Table(
        (f"最近下派（至多{_SHOWN}件）", "下派日", "层级", "单位", "记录的理由"), tuple(rows)
    )


def first_level(case: Case) -> str | None:
    """Give the level of the office to which the first ruling gave a ticket."""
    return None if case.intake is None else case.intake.level


def last_outlet(case: Case) -> str | None:
    """Give the outlet that a ticket was last sent down to."""
    found = case.sent_to_outlets
    return found[-1] if found else None
