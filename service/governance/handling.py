"""How tickets were handled: regulator items, time, mediation, outlets."""

from __future__ import annotations

from collections.abc import Mapping

from service.governance.cases import Book, Case
from service.governance.clocks import clocks
from service.governance.figures import Figure, Part, Table, count, grouped, listed, middle, share
from service.governance.settings import Settings
from service.governance.volumes import by_line, line_of
from triage.rules.calendar import local
from triage.taxonomy import Taxonomy


def regulator(book: Book) -> Part:
    """Count what regulators sent: guided, formal, converted; contacted on the same day or not."""
    sent = [case for case in book.cases if case.regulator]
    guided = [case for case in sent if case.ticket.channel == "regulator_guided"]
    formal = [case for case in sent if case.ticket.channel == "regulator_formal"]
    converted = [case for case in guided if case.of("conversion")]
    followed = [c for c in formal if any(_guided(r.other_channel) for r in c.repeats)]
    tried = [c for c in sent if not c.same_day and _attempted(c)]
    whole = count("regulator.all", "监管件合计", sent)
    guides = count("regulator.guided", "监管引导", guided)
    turned = count("regulator.converted", "引导件落单为正式件", converted)
    slow = [case for case in converted if not case.same_day]
    met = count("regulator.same_day", "当日联系客户（双向沟通）", [c for c in sent if c.same_day])
    rows = (
        whole,
        guides,
        count("regulator.formal", "监管正式", formal),
        turned,
        share("regulator.conversion_rate", "落单率", turned, guides),
        count("regulator.converted_uncontacted", "落单件中当日未联系上", slow),
        count("regulator.formal_after_guided", "正式件中同一事项曾为引导件", followed),
        met,
        share("regulator.same_day_rate", "当日联系率", met, whole),
        count("regulator.attempted", "当日多次尝试未接通（不计为已联系）", tried),
    )
    note = "当日联系指受理当日（自然日）有双向沟通记录；尝试未接通单列，不计入。"
    return Part("regulator", "监管件", (note,), (listed("监管件", rows),))


def timeliness(book: Book, settings: Settings, duties: Mapping[str, str]) -> Part:
    """Count how soon customers were told the decision, what is late, and every timed duty."""
    owed = [case for case in book.cases if is_owed(case)]
    days = {case.ticket.id: days_taken(case, book) for case in owed}
    spoken = [(c, hours) for c in owed if (hours := c.contact_hours) is not None]
    replied = [(c, float(days[c.ticket.id])) for c in owed if c.decided_at is not None]
    figures = [
        count("time.all", "应办结投诉（不含撤诉）", owed),
        *_within(owed, days, settings),
        *_on_time(owed, days, settings),
        middle("time.contact_hours", "首次联系用时中位数（小时）", spoken, unit="hours"),
        middle("time.decision_days", "答复用时中位数（日）", replied),
        count("duty.missed", "有到期未办事项的工单", [c for c in book.cases if c.missed]),
    ]
    notes = (
        "期限依银保监会令2020年第3号第十八条；日从严按自然日计；延长须有批准记录。",
        "限时事项：期限后才办的列逾期办结；按时率是按时占已办和到期未办的，尝试未接通不算按时。",
    )
    timed = clocks("duty", "限时事项", book.cases, duties)
    return Part("time", "处理时效", notes, (listed("处理时效", figures), timed))


def _within(owed: list[Case], days: dict[int, int], settings: Settings) -> list[Figure]:
    """Count what was answered by the steps of days in which it was."""
    figures, least = [], -1
    decided = [case for case in owed if case.decided_at is not None]
    for end in settings.timeliness_days:
        some = [case for case in decided if least < days[case.ticket.id] <= end]
        figures.append(count(f"time.within_{end}", f"{least + 1}至{end}日内答复", some))
        least = end
    late = [case for case in decided if days[case.ticket.id] > least]
    return [*figures, count(f"time.over_{least}", f"超过{least}日答复", late)]


def _on_time(owed: list[Case], days: dict[int, int], settings: Settings) -> list[Figure]:
    """Count what is within the days allowed, with what was granted."""
    over = [case for case in owed if days[case.ticket.id] > days_allowed(case, settings)]
    late = {case.ticket.id for case in over}
    waits = [case for case in over if case.decided_at is None]
    decided = [case for case in owed if case.decided_at is not None]
    kept = [case for case in decided if case.ticket.id not in late]
    soon = [c for c in owed if c.decided_at is None and c.ticket.id not in late]
    due = count("time.due", "已答复或已到期", [*decided, *waits])
    on_time = count("time.on_time", "期限内答复（含经批准延长）", kept)
    return [
        count("time.open_within", "未答复、未到期", soon),
        count("time.open_over", "未答复、已超期", waits),
        due,
        on_time,
        share("time.on_time_rate", "按期答复率", on_time, due),
        *(
            count(
                f"time.extended_{end}", f"延长至{end}日", [c for c in owed if c.allowed_days == end]
            )
            for end in settings.timeliness_days[1:]
        ),
    ]


def mediation(book: Book, settings: Settings, taxonomy: Taxonomy, province: int | None) -> Part:
    """Count mediation: offered, accepted, settled; by line, and of the province if it is known."""
    touched = [case for case in book.cases if case.acts]
    offered = count("mediation.offered", "提出调解", touched)
    accepted = count("mediation.accepted", "同意调解", [c for c in touched if c.accepted_on])
    settled_cases = [case for case in touched if is_settled(case)]
    settled = count("mediation.settled", "调解成功", settled_cases)
    refused = [case for case in touched if "refused" in case.acts and not is_settled(case)]
    confirmed = [case for case in touched if "confirmed" in case.acts]
    delegated = [case for case in touched if "delegated" in case.acts]
    focus = [case for case in settled_cases if line_of(case) in settings.mediation_lines]
    focused = count("mediation.focus", "其中协商还款、息费、催收", focus)
    rows = [
        offered,
        accepted,
        share("mediation.accepted_rate", "同意率", accepted, offered),
        settled,
        share("mediation.settled_rate", "成功率", settled, offered),
        count("mediation.refused", "客户拒绝（不再调解）", refused),
        count("mediation.delegated", "委派调解（诉调对接）", delegated),
        count("mediation.confirmed", "司法确认", confirmed),
        focused,
        share("mediation.focus_rate", "重点条线占比", focused, settled),
    ]
    if province:
        name, value = f"占全省调解（{province}笔）", len(settled_cases) / province
        rows.append(Figure("mediation.province", name, value, settled.ids, unit="share"))
    return Part(
        "mediation",
        "多元化解",
        ("按本期受理的工单统计；调解以客户自愿为前提，明确拒绝即停止（人民调解法第十七条）。",),
        (listed("调解", rows), _lines(book, touched, settled_cases, taxonomy), *_stations(touched)),
    )


def outlets(book: Book) -> Part:
    """Count what outlets carry, and what should never have come to them."""
    cases = book.cases
    own = [case for case in cases if case.ticket.owner_level == "outlet"]
    down = [case for case in cases if case.sent_to_outlets]
    barred = [case for case in cases if case.ticket.barred]
    leaks = [case for case in cases if is_leak(case)]
    rows = (
        count("outlet.owned", "现由网点承办", own),
        count("outlet.sent_down", "曾下派网点", down),
        count("outlet.barred", "规则不得落地网点", barred),
        count("outlet.leaks", "不得落地而落地（应为零）", leaks),
    )
    carried = grouped("outlet.unit", down, lambda c: c.sent_to_outlets[-1], str)
    tables = [listed("网点负担", rows)]
    if carried:
        tables.append(listed("下派网点", carried))
    return Part("outlet", "网点负担与落地", (), tuple(tables))


def _lines(book: Book, touched: list[Case], settled: list[Case], taxonomy: Taxonomy) -> Table:
    offers = {f.code: f for f in by_line("mediation.offered.line", touched, taxonomy)}
    ends = {f.code: f for f in by_line("mediation.settled.line", settled, taxonomy)}
    rows = []
    for whole in by_line("volume.line", book.cases, taxonomy):
        line = whole.code.removeprefix("volume.line.")
        made = offers.get(f"mediation.offered.line.{line}")
        if made is None:
            continue
        none = count(f"mediation.settled.line.{line}", whole.name, ())
        ended = ends.get(f"mediation.settled.line.{line}", none)
        of_line = share(f"mediation.share.line.{line}", f"{whole.name}成功占受理", ended, whole)
        rows.append((whole.name, made, ended, of_line))
    return Table(("条线", "提出", "成功", "成功占该条线受理"), tuple(rows), bars=1)


def _stations(touched: list[Case]) -> list[Table]:
    """Count by the mediation station that was named last."""

    def station(case: Case) -> str | None:
        named = [event.data.get("station") for event in case.of("mediation")]
        return next((each for each in reversed(named) if each), None)

    figures = grouped("mediation.station", touched, station, str)
    return [listed("金融调解工作站", figures)] if figures else []


def is_settled(case: Case) -> bool:
    """Say whether mediation came to an agreement."""
    return bool(case.acts & {"agreed", "confirmed"})


def is_leak(case: Case) -> bool:
    """Say whether a ticket that rules bar from outlets came to one."""
    there = case.sent_to_outlets or case.ticket.owner_level == "outlet"
    return bool(case.ticket.barred and there)


def is_owed(case: Case) -> bool:
    """Say whether a ticket is a complaint that is to be answered in time."""
    return case.ticket.nature == "complaint" and not case.withdrawn


def days_allowed(case: Case, settings: Settings) -> int:
    """Give the days in which a ticket is to be answered, with what was granted."""
    return case.allowed_days or settings.timeliness_days[0]


def days_taken(case: Case, book: Book) -> int:
    """Give the days until a ticket was answered, or until now."""
    end = case.decided_at or book.period.as_of
    return (local(end).date() - case.day).days


def _attempted(case: Case) -> bool:
    return any(d.code == "contact_same_day" and d.state == "attempted" for d in case.duties)


def _guided(channel: str | None) -> bool:
    return channel == "regulator_guided"
