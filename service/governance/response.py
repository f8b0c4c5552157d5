"""How soon tickets are taken up: into the ledger, by people, to the customer."""

from __future__ import annotations

from datetime import timedelta

from service.governance.cases import Book, Case
from service.governance.figures import Cell, Part, Table, count, listed, middle, parted, ranged
from service.governance.settings import Settings
from triage.records import channel_name
from triage.rules.calendar import local

_OWED = ("complaint", "help", "inquiry")  # who asks something of the bank
_OF_THE_CUSTOMER = ("message", "withdrawal", "conversion")
_HOUR = timedelta(hours=1)


def response(book: Book, settings: Settings) -> Part:
    """Count how soon tickets stood in the ledger, were acted on, and customers were spoken with."""
    cases = book.cases
    entered = [(c, (c.ticket.created_at - c.ticket.received_at) / _HOUR) for c in cases]
    late = [c for c in cases if local(c.ticket.created_at).date() > c.day]
    acted = [(case, hours) for case in cases if (hours := _acted(case)) is not None]
    idle = [case for case in cases if case.runs and _acted(case) is None]
    figures = (
        middle("response.entered_hours", "受理到入账用时中位数（小时）", entered, unit="hours"),
        count("response.entered_late", "受理次日及以后才入账", late),
        middle("response.acted_hours", "受理到首次处置用时中位数（小时）", acted, unit="hours"),
        count("response.idle", "在办而尚无任何处置", idle),
    )
    notes = (
        "入账指写入本系统台账；首次处置指联系、转办、分派、调解等任何由行方记录的动作。待办队列按人身安全、"
        "期限和风险排序，见工作台。",
        f"渠道对照只计投诉、求助、咨询；超过{settings.late_contact_hours:g}小时含至今未联系的。"
        "括号内为95%置信区间（Wilson法）。",
    )
    tables = (listed("接诉即办", figures), _channels(book, settings))
    return Part("response", "接诉即办与快速响应", notes, tables)


def _acted(case: Case) -> float | None:
    """Give the hours until somebody of the bank did anything about a ticket."""
    told = [event.at for event in case.events if event.kind not in _OF_THE_CUSTOMER]
    return (min(told) - case.ticket.received_at) / _HOUR if told else None


def _channels(book: Book, settings: Settings) -> Table:
    limit = settings.late_contact_hours
    owed = [case for case in book.cases if case.ticket.nature in _OWED]
    rows: list[tuple[Cell, ...]] = []
    for channel, own in parted(owed, lambda case: case.ticket.channel).items():
        code, name = f"response.channel.{channel}", channel_name(channel)
        whole = count(code, name, own)
        met = count(f"{code}.same_day", name, [case for case in own if case.same_day])
        slow = [case for case in own if _slow(case, book, limit)]
        spoken = [(case, hours) for case in own if (hours := case.contact_hours) is not None]
        rows.append(
            (
                name,
                whole,
                met,
                ranged(f"{code}.same_day_rate", name, met, whole),
                middle(f"{code}.hours", name, spoken, unit="hours"),
                count(f"{code}.slow", name, slow),
            )
        )
    heads = ("渠道", "件数", "当日联系", "当日联系率", "首次联系中位数（小时）")
    return Table((*heads, f"首次联系超过{limit:g}小时"), tuple(rows))


def _slow(case: Case, book: Book, limit: float) -> bool:
    hours = case.contact_hours
    if hours is None:
        hours = (book.period.as_of - case.ticket.received_at) / _HOUR
    return hours > limit
