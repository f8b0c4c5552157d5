"""How many tickets: by line, class, reason, channel, unit, department, week; and repeats."""

from __future__ import annotations

from datetime import timedelta

from service.governance import names
from service.governance.cases import Book, Case
from service.governance.classes import Classes
from service.governance.figures import Figure, Part, Series, Table, count, grouped, listed, share
from service.governance.settings import Settings
from service.governance.standard import NOTES, standard
from triage.rules.calendar import local
from triage.taxonomy import Taxonomy

_NO_LINE = "undecided"


def volumes(book: Book, taxonomy: Taxonomy, classes: Classes) -> Part:
    """Count the tickets of the period in every way that the report shows."""
    cases, whole = book.cases, count("volume.all", "受理总量", book.cases)
    natures = {each.code: each.zh for each in taxonomy.natures}
    by = (
        ("性质", grouped("volume.nature", cases, lambda c: c.ticket.nature, natures.__getitem__)),
        ("业务条线", by_line("volume.line", cases, taxonomy)),
        *standard(cases, classes),
        ("渠道", grouped("volume.channel", cases, lambda c: c.ticket.channel, channel_name)),
        ("受理机构", grouped("volume.unit", cases, lambda c: c.ticket.unit, str)),
        ("承办部门", grouped("volume.department", cases, lambda c: c.ticket.owner_unit, str)),
    )
    tables = [Table(("受理", "件数"), ((whole.name, whole),))]
    tables += [_shares(head, figures, whole) for head, figures in by if figures]
    return Part("volume", "受理情况", NOTES, tuple(tables), (_weeks(cases),))


def by_line(code: str, cases: list[Case], taxonomy: Taxonomy) -> list[Figure]:
    """Count by line; tickets about which the model abstains are a group of their own."""

    def name(line: str) -> str:
        return "未定条线" if line == _NO_LINE else taxonomy.name(line)

    return grouped(code, cases, line_of, name)


def name_of_line(case: Case, taxonomy: Taxonomy) -> str:
    """Name the line of a ticket."""
    line = line_of(case)
    return "未定条线" if line == _NO_LINE else taxonomy.name(line)


def line_of(case: Case) -> str:
    """Give the line of a ticket."""
    row = case.ticket
    return _NO_LINE if row.abstained or row.line is None else row.line


def channel_name(channel: str) -> str:
    """Name a channel."""
    return names.CHANNELS.get(channel, channel)


def repeats(book: Book, taxonomy: Taxonomy, settings: Settings) -> Part:
    """Count repeats, where they are, and what had become of the earlier ticket."""
    again = [case for case in book.cases if case.repeats]
    whole = count("volume.all", "受理总量", book.cases)
    all_of = count("repeat.all", "重复投诉（同一客户同一事项，90日内）", again)
    often = count(
        "repeat.often",
        f"高频重复（{settings.often_days}日内第{settings.often_tickets}件及以上）",
        [case for case in again if _often(case, settings)],
    )
    rate = share("repeat.rate", "重复率", all_of, whole)
    lines = by_line("repeat.line", again, taxonomy)
    causes = grouped("repeat.cause", again, lambda c: cause(c, book), names.CAUSES.__getitem__)
    tables = [listed("重复投诉", (all_of, rate, often))]
    for head, figures in (("重复投诉的条线", lines), ("重复的根源", causes)):
        if figures:
            tables.append(_shares(head, figures, all_of))
    note = "根源按最近一次前件在本件受理前的办理情况判断，供溯源整改核实。"
    return Part("repeat", "重复投诉与根源", (note,), tuple(tables))


def cause(case: Case, book: Book) -> str:
    """Say how the newest earlier ticket stood when this one came in."""
    last = max(case.repeats, key=lambda each: (each.other_received_at, each.other_id))
    known = [e for e in book.earlier.get(last.other_id, ()) if e.at < case.ticket.received_at]
    earlier = Case(case.ticket, tuple(known))
    if earlier.decided_at is not None:
        refused = [e for e in earlier.of("outcome") if e.data.get("accepted") is False]
        return "not_accepted" if refused else "answered"
    return "not_contacted" if earlier.contacted_at is None else "not_answered"


def _often(case: Case, settings: Settings) -> bool:
    since = case.ticket.received_at - timedelta(days=settings.often_days)
    earlier = [each for each in case.repeats if each.other_received_at >= since]
    return len(earlier) + 1 >= settings.often_tickets


def _shares(head: str, figures: list[Figure], whole: Figure) -> Table:
    rows = [(f.name, f, share(f"{f.code}.share", f"{f.name}占比", f, whole)) for f in figures]
    return Table((head, "件数", "占比"), tuple(rows), bars=1)


def _weeks(cases: list[Case]) -> Series:
    def week(case: Case) -> str:
        day = local(case.ticket.received_at).date()
        return (day - timedelta(days=day.weekday())).isoformat()

    figures = grouped("volume.week", cases, week, str)
    return Series("每周受理量", tuple(sorted((f.name, f) for f in figures)))
