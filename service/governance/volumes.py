"""How many tickets: by line, class, reason, channel, unit, department, week; and repeats."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from service.governance import names
from service.governance.cases import Book, Case
from service.governance.classes import Classes
from service.governance.figures import (
    Cell,
    Figure,
    Part,
    Series,
    Table,
    count,
    grouped,
    listed,
    parted,
    ranged,
    share,
)
from service.governance.settings import Settings
from service.governance.standard import NOTES, standard
from service.store.reporting import EventRow
from triage.records import channel_name
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


def repeats(book: Book, taxonomy: Taxonomy, settings: Settings) -> Part:
    """Count repeats, where they are, and what had become of the earlier ticket."""
    again = [case for case in book.cases if case.repeats]
    all_of = count("repeat.all", "重复投诉（同一客户同一事项，90日内）", again)
    whole = count("volume.all", "受理总量", book.cases)
    often = count(
        "repeat.often",
        f"高频重复（{settings.often_days}日内第{settings.often_tickets}件及以上）",
        [case for case in again if _often(case, settings)],
    )
    moved = [c for c in again if all(r.other_channel != c.ticket.channel for r in c.repeats)]
    figures = (
        all_of,
        ranged("repeat.rate", "重复率", all_of, whole),
        often,
        count("repeat.other_channel", "其中换渠道再投诉（升级投诉）", moved),
    )
    tables = [listed("重复投诉", figures), _grounds(book.cases, all_of, whole)]
    causes = grouped("repeat.cause", again, lambda c: cause(c, book), names.CAUSES.__getitem__)
    found = grouped("repeat.found", again, lambda c: c.root_cause, names.ROOT_CAUSES.__getitem__)
    for head, some in (
        ("重复投诉的条线", by_line("repeat.line", again, taxonomy)),
        ("重复的根源", causes),
        ("重复投诉办理人查明的原因", found),
    ):
        if some:
            tables.append(_shares(head, some, all_of))
    tables.append(_said_by_line(book.cases, taxonomy))
    notes = (
        "根源按最近一次前件在本件受理前的办理情况判断，供溯源整改核实。",
        "重复投诉、重复率只计台账中能关联到前件的；来件未带客户标识的无法关联，只能依受理登记和客户自述，"
        "因此另列依据。提级和比照信访（R-ESC-1）三种依据都算，件数会多于台账关联的重复投诉。",
    )
    return Part("repeat", "重复投诉与根源", notes, tuple(tables))


def _grounds(cases: list[Case], linked: Figure, whole: Figure) -> Table:
    """Count what says that a ticket is a repeat: the ledger, the intake, the customer."""
    any_of = count("repeat.any", "任一依据", [case for case in cases if case.again])
    figures = (
        count("repeat.recorded", "受理时登记90日内曾投诉", [c for c in cases if c.told_before]),
        count("repeat.said", "诉求文本称曾反映", [c for c in cases if "repeat" in c.signals]),
        any_of,
        ranged("repeat.any_rate", "重复率（任一依据）", any_of, whole),
    )
    rows = (("台账关联", linked), *((figure.name, figure) for figure in figures))
    return Table(("认定重复的依据", "数值"), rows)


def _said_by_line(cases: list[Case], taxonomy: Taxonomy) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for line, own in parted(cases, line_of).items():
        name = name_of_line(own[0], taxonomy)
        whole = count(f"volume.line.{line}", name, own)
        any_of = count(f"repeat.any.{line}", name, [case for case in own if case.again])
        rows.append((name, whole, any_of, ranged(f"repeat.any_rate.{line}", name, any_of, whole)))
    return Table(("任一依据重复的条线", "受理", "重复", "占该条线"), tuple(rows))


def cause(case: Case, book: Book) -> str:
    """Say how the newest earlier ticket stood when this one came in."""
    last = max(case.repeats, key=lambda each: (each.other_received_at, each.other_id))
    return stood(case, book.earlier.get(last.other_id, ()), case.ticket.received_at)


def stood(case: Case, events: Iterable[EventRow], at: datetime) -> str:
    """Say how far a ticket was at a moment, by what had happened to it; names.CAUSES tells how."""
    then = Case(case.ticket, tuple(event for event in events if event.at < at))
    if then.decided_at is not None:
        refused = [e for e in then.of("outcome") if e.data.get("accepted") is False]
        return "not_accepted" if refused else "answered"
    return "not_contacted" if then.contacted_at is None else "not_answered"


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
