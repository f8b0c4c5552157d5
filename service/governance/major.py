"""Major tickets: why they are, how soon they were taken up, how high, in time or not, and now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from service.governance import names
from service.governance.cases import Book, Case
from service.governance.figures import Cell, Figure, Part, Table, count, grouped, listed, middle
from service.governance.handling import days_allowed, days_taken, is_owed
from service.governance.settings import Settings
from service.governance.steering import LOWER
from service.governance.volumes import by_line, line_of
from triage.rules.explain import LEVELS
from triage.surge.settings import MajorRule, load_settings
from triage.taxonomy import Taxonomy

_TIMES = {"kept": "按期", "late": "超期", "waits": "未到期"}
_HEADS = (
    "工单",
    "受理",
    "原因",
    "条线",
    "受理机构",
    "首次联系（小时）",
    "承办层级",
    "时限",
    "现状",
)
Tests = dict[str, tuple[str, Callable[[Case], bool]]]


def major_rule(data: Path | None) -> MajorRule:
    """Give what makes a single ticket a major one, as alerts have it."""
    return load_settings(data and data / "surge.yaml").major


def major(book: Book, tests: Tests, settings: Settings, taxonomy: Taxonomy) -> Part:
    """Count major tickets by why they are, how they were handled, and list them."""
    some = [case for case in book.cases if any(holds(case) for _, holds in tests.values())]
    times = {case.ticket.id: _in_time(case, book, settings) for case in some}
    tables = [_causes(tests, some, times), listed("重大事件的处置", _handled(book, some))]
    tables += [listed(head, figures) for head, figures in _groups(some, taxonomy) if figures]
    shown = [
        _row(case, tests, taxonomy, _TIMES[times[case.ticket.id]])
        for case in reversed(some[-settings.shown_ids :])
    ]
    if shown:
        tables.append(Table(_HEADS, tuple(shown)))
    notes = (
        "重大的判定与风险提示相同（data/surge.yaml）；信号以受理时的判定为准，一件可有多个原因。",
        "超期：有到期未办的事项，或投诉答复超过期限（含经批准延长）。提级依规则判定。",
        f"逐件列示最近的{settings.shown_ids}件，新的在前；全部编号见清单。",
    )
    return Part("major", "重大投诉事件", notes, tuple(tables))


def tests_of(rule: MajorRule, taxonomy: Taxonomy) -> Tests:
    """Give what makes a ticket a major one: a name and a condition by the code of each kind."""
    life = {signal.code for signal in taxonomy.signals if signal.tier in rule.tiers}
    told = set(rule.signals)
    return {
        "life": ("人身安全信号", lambda c: bool(c.signals & life)),
        "media": (
            "媒体来件或曝光信号",
            lambda c: c.ticket.channel in rule.channels or bool(c.signals & told),
        ),
        "group": (
            f"{rule.group}人以上到场",
            lambda c: (
                (c.ticket.group_size or 0) >= rule.group and c.ticket.channel in rule.group_channels
            ),
        ),
        "amount": (
            f"涉及金额{rule.amount_cny:,.0f}元以上",
            lambda c: (c.ticket.amount_cny or 0) >= rule.amount_cny,
        ),
    }


def _causes(tests: Tests, some: Sequence[Case], times: dict[int, str]) -> Table:
    rows = [_cause("all", "重大投诉事件", some, times)]
    for code, (name, holds) in tests.items():
        rows.append(_cause(code, name, [case for case in some if holds(case)], times))
    heads = ("件数", "当日联系", "未联系上", "提级", *_TIMES.values(), "后升级")
    return Table(("重大", *heads), tuple(rows))


def _cause(code: str, name: str, some: Sequence[Case], times: dict[int, str]) -> tuple[Cell, ...]:
    columns = (
        ("same_day", [case for case in some if case.same_day]),
        ("uncontacted", [case for case in some if case.contacted_at is None]),
        ("lifted", [case for case in some if "escalated" in case.ticket.flags]),
        *((end, [case for case in some if times[case.ticket.id] == end]) for end in _TIMES),
        ("escalated", [case for case in some if case.escalated_on]),
    )
    cells = [count(f"major.{code}.{end}", name, own) for end, own in columns]
    return name, count(f"major.{code}", name, some), *cells


def _handled(book: Book, some: Sequence[Case]) -> list[Figure]:
    spoken = [(case, hours) for case in some if (hours := case.contact_hours) is not None]
    lifted = [case for case in some if "escalated" in case.ticket.flags]
    low = [case for case in lifted if case.ticket.owner_level in LOWER]
    named = {ident for item in book.about for ident in item.tickets}
    bare = [case for case in some if case.ticket.ticket_id not in named]
    return [
        middle("major.contact_hours", "首次联系用时中位数（小时）", spoken, unit="hours"),
        count("major.below", "提级后仍在支行、网点承办（应为零）", low),
        count("major.without_item", "尚未立整改、督导、问责等事项", bare),
    ]


def _groups(some: list[Case], taxonomy: Taxonomy) -> list[tuple[str, list[Figure]]]:
    levels = grouped("major.level", some, lambda c: c.ticket.owner_level, LEVELS.__getitem__)
    states = grouped("major.state", some, lambda c: c.ticket.state, names.STATES.__getitem__)
    found = grouped("major.found", some, lambda c: c.root_cause, names.ROOT_CAUSES.__getitem__)
    return [
        ("重大事件现承办层级", levels),
        ("重大事件现状", states),
        ("重大事件条线", by_line("major.line", some, taxonomy)),
        ("重大事件查明的原因", found),
    ]


def _row(case: Case, tests: Tests, taxonomy: Taxonomy, time: str) -> tuple[Cell, ...]:
    row, line = case.ticket, line_of(case)
    code = f"major.ticket.{row.ticket_id}.contact_hours"
    level = LEVELS.get(row.owner_level or "", "—")
    lifted = "（应提级）" if row.owner_level in LOWER else "（提级）"
    return (
        row.ticket_id,
        case.day.isoformat(),
        "、".join(name for name, holds in tests.values() if holds(case)),
        taxonomy.name(line) if line in taxonomy.line_codes else "未定条线",
        row.unit or "—",
        Figure(code, row.ticket_id, case.contact_hours, (row.ticket_id,), unit="hours"),
        level + (lifted if "escalated" in row.flags else ""),
        time,
        names.STATES[row.state] + ("，已升级" if case.escalated_on else ""),
    )


def _in_time(case: Case, book: Book, settings: Settings) -> str:
    """Say `late`, `waits` while it is open and nothing is late, else `kept`."""
    over = is_owed(case) and days_taken(case, book) > days_allowed(case, settings)
    if case.missed or over:
        return "late"
    return "waits" if case.runs and case.decided_at is None else "kept"
