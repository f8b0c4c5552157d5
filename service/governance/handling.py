"""How tickets were handled: regulator items and time."""

from __future__ import annotations

from collections.abc import Mapping

from service.governance import names
from service.governance.cases import Book, Case
from service.governance.clocks import clocks
from service.governance.figures import Figure, Part, Table, count, grouped, listed, middle, ranged
from service.governance.settings import Settings
from service.governance.volumes import stood
from triage.rules.calendar import local

_EVENING = 17  # o'clock in Shanghai: the alarm of R-REG-1 after which few hours are left
_REVIEW = "conversion_review"


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
        ranged("regulator.conversion_rate", "引导件落单率", turned, guides),
        count("regulator.converted_uncontacted", "落单件中当日未联系上", slow),
        count("regulator.formal_after_guided", "正式件中同一事项曾为引导件", followed),
        met,
        ranged("regulator.same_day_rate", "监管件当日联系率", met, whole),
        count("regulator.attempted", "当日多次尝试未接通（不计为已联系）", tried),
        *_evening(sent),
    )
    notes = (
        "当日联系指受理当日（自然日）有双向沟通记录；尝试未接通单列，不计入。",
        "落单原因按引导件落单前的办理情况判断，供逐件复盘；括号内为95%置信区间（Wilson法），"
        "件数少时区间很宽，不宜据以比较。",
    )
    return Part("regulator", "监管件", notes, (listed("监管件", rows), *_conversions(converted)))


def _evening(sent: list[Case]) -> list[Figure]:
    """Count what came late in the day, and what of it was still contacted on that day."""
    late = [case for case in sent if local(case.ticket.received_at).hour >= _EVENING]
    met = [case for case in late if case.same_day]
    return [
        count("regulator.evening", f"{_EVENING}时后受理", late),
        count("regulator.evening_met", "其中当日联系", met),
    ]


def _conversions(converted: list[Case]) -> list[Table]:
    """Say how guided tickets stood when they became formal ones, and what people found."""
    ends = [(case, case.of("conversion")[0].at) for case in converted]
    days = [(case, (local(at).date() - case.day).days * 1.0) for case, at in ends]
    before = {case.ticket.id: stood(case, case.events, at) for case, at in ends}
    owed = [c for c in converted if not any(d.code == _REVIEW and d.met_at for d in c.duties)]
    figures = [
        middle("regulator.conversion_days", "受理到落单的日数（中位数）", days),
        count("regulator.unreviewed", "尚未复盘", owed),
        *grouped(
            "regulator.cause", converted, lambda c: before[c.ticket.id], names.STOOD.__getitem__
        ),
        *grouped(
            "regulator.found", converted, lambda c: c.root_cause, names.ROOT_CAUSES.__getitem__
        ),
    ]
    return [listed("落单原因", figures)] if converted else []


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
        ranged("time.on_time_rate", "按期答复率", on_time, due),
        *(
            count(
                f"time.extended_{end}", f"延长至{end}日", [c for c in owed if c.allowed_days == end]
            )
            for end in settings.timeliness_days[1:]
        ),
    ]


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
