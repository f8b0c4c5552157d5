"""What became of tickets: escalations and what preceded them, with and without mediation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from service.governance import names
from service.governance.cases import Book, Case
from service.governance.figures import (
    Cell,
    Figure,
    Part,
    Table,
    count,
    grouped,
    listed,
    middle,
    ranged,
    share,
)
from service.governance.intervals import newcombe
from service.governance.settings import Settings
from service.governance.volumes import line_of
from triage.rules.calendar import midnight
from triage.taxonomy import Taxonomy

_SIGNALS = 8


def escalations(book: Book, settings: Settings, taxonomy: Taxonomy) -> Part:
    """Count escalations by kind, and what had happened before them, beside all other tickets."""
    up = [case for case in book.cases if case.escalated_on]
    others = [case for case in book.cases if not case.escalated_on]
    whole = count("volume.all", "受理总量", book.cases)
    all_up = count("escalation.all", "升级工单", up)
    kinds = grouped("escalation.kind", up, _first_kind, names.ESCALATIONS.__getitem__)
    waited = [(case, float((day - case.day).days)) for case in up if (day := case.escalated_on)]
    rows = [
        all_up,
        ranged("escalation.rate", "升级率", all_up, whole),
        count("escalation.sued", "被诉（首次或其后）", [case for case in up if case.sued]),
        middle("escalation.days", "受理到升级的日数（中位数）", waited),
    ]
    rest = count("escalation.none", "未升级工单", others)
    tables = [
        listed("升级", rows),
        listed("首次升级的去向", kinds),
        _preceded((up, all_up), (others, rest), settings),
        *_signals(up, all_up, taxonomy),
    ]
    notes = (
        "前因只说明先后，不说明因果；升级工单只看升级之前的情况，未升级工单看全程。",
        "括号内为95%置信区间（Wilson法）；升级工单少时区间很宽，区间相交的不宜据以断言前因。",
    )
    return Part("escalation", "升级与前因", notes, tuple(tables))


def effect(book: Book, settings: Settings) -> Part:
    """Compare escalation with and without mediation, on the lines where it is to be offered."""
    eligible = [c for c in book.cases if line_of(c) in settings.mediation_lines]
    early = [case for case in eligible if _before_mediation(case)]
    mediated = [c for c in eligible if c.accepted_on and not _before_mediation(c)]
    plain = [case for case in eligible if not case.acts]
    arms = (
        count("effect.with", "同意调解", mediated),
        count("effect.without", "未进入调解", plain),
    )
    ends: tuple[tuple[str, str, Callable[[Case], bool]], ...] = (
        ("escalated", "升级", lambda c: c.escalated_on is not None),
        ("sued", "被诉", lambda c: c.sued),
    )
    whole = listed("协商还款、息费、催收条线", arms)
    rows = tuple(_beside(arms, (mediated, plain), *end) for end in ends)
    heads = ("结果", "同意调解", "比率", "未进入调解", "比率", "两者之差（百分点）")
    left = listed("不计入", [count("effect.excluded", "升级在先、不计入同意调解", early)])
    notes = (
        "这不是实验：是否调解由人选择，进入调解的工单本来就可能不同；未升级到同意调解之日的工单才计入"
        "同意调解，本身也会使其升级率偏低。不能据此说调解减少了升级多少。",
        "括号内为95%置信区间（率用Wilson法，差用Newcombe法）；差为同意调解减未进入调解，区间含零的，"
        "看不出差别。",
    )
    return Part("effect", "调解与升级、被诉（对照）", notes, (whole, Table(heads, rows), left))


def satisfaction(book: Book) -> Part:
    """Count whether customers accepted what was decided, and how content they were."""
    told = [(case, accepted(case)) for case in book.cases]
    yes = count("satisfaction.accepted", "接受处理结果", [c for c, said in told if said is True])
    no = count("satisfaction.refused", "不接受处理结果", [c for c, said in told if said is False])
    asked = count("satisfaction.asked", "表态工单", [c for c, said in told if said is not None])
    scores = [(c, float(score)) for c in book.cases if (score := _score(c)) is not None]
    mean = sum(score for _, score in scores) / len(scores) if scores else None
    ids = tuple(case.ticket.ticket_id for case, _ in scores)
    rows = (
        asked,
        yes,
        no,
        ranged("satisfaction.rate", "客户接受率", yes, asked),
        Figure("satisfaction.score", "满意度均分（1至5）", mean, ids, unit="score"),
    )
    note = "以客户最后一次表态为准；未表态的不计入，接受率和满意度只说明表态的客户。"
    return Part("satisfaction", "客户评价", (note,), (listed("客户评价", rows),))


def preceding(case: Case, settings: Settings) -> set[str]:
    """Say what preceded the escalation of a ticket, or its whole course if it did not escalate."""
    end = case.escalated_on
    limit = midnight(end) if end else None

    def earlier(at: datetime) -> bool:
        return limit is None or at < limit

    contacted, decided = case.contacted_at, case.decided_at
    due = case.ticket.received_at + timedelta(hours=settings.late_contact_hours)
    found = {
        "repeat": case.again,
        "high": case.intake is not None and case.intake.band == "high",
        "late_contact": (contacted is None or contacted > due) and earlier(due),
        "transferred": any(earlier(event.at) for event in case.of("transfer")),
        "missed": any(duty.due_at and earlier(duty.due_at) for duty in case.missed),
        "undecided": decided is None or not earlier(decided),
    }
    return {name for name, there in found.items() if there}


def _preceded(
    up: tuple[list[Case], Figure], rest: tuple[list[Case], Figure], settings: Settings
) -> Table:
    rows: list[tuple[str | Figure, ...]] = []
    arms = [(arm, [(case, preceding(case, settings)) for case in arm[0]]) for arm in (up, rest)]
    for code, name in names.BEFORE.items():
        cells: list[str | Figure] = [name]
        for (_, whole), seen in arms:
            side = whole.code.rpartition(".")[2]
            part = count(f"before.{code}.{side}", name, [c for c, found in seen if code in found])
            cells += [part, ranged(f"before.{code}.{side}.share", f"{name}占比", part, whole)]
        rows.append(tuple(cells))
    return Table(("前因", "升级", "占升级", "未升级", "占未升级"), tuple(rows))


def _signals(up: list[Case], whole: Figure, taxonomy: Taxonomy) -> list[Table]:
    seen = Counter(code for case in up if case.intake for code in case.intake.signals)
    top = sorted(seen, key=lambda code: (-seen[code], code))[:_SIGNALS]
    if not top:
        return []
    rows = []
    for code in top:
        some = [case for case in up if case.intake and code in case.intake.signals]
        part = count(f"before.signal.{code}", taxonomy.name(code), some)
        rows.append((part.name, part, share(f"{part.code}.share", f"{part.name}占比", part, whole)))
    return [Table(("升级工单受理时的信号", "件数", "占升级"), tuple(rows), bars=1)]


def _before_mediation(case: Case) -> bool:
    day, up = case.accepted_on, case.escalated_on
    return day is not None and up is not None and up <= day


def _beside(
    wholes: tuple[Figure, Figure],
    arms: tuple[list[Case], list[Case]],
    code: str,
    name: str,
    holds: Callable[[Case], bool],
) -> tuple[Cell, ...]:
    """Put an end of both arms beside each other: count and rate of each, and the difference."""
    told: list[tuple[Figure, Figure]] = []
    for whole, arm in zip(wholes, arms, strict=True):
        part = count(f"{whole.code}.{code}", f"{whole.name}后{name}", [c for c in arm if holds(c)])
        rate = ranged(f"{part.code}_rate", f"{whole.name}的{name}率", part, whole)
        told.append((part, rate))
    return name, *told[0], *told[1], _gap(code, name, wholes, told)


def _gap(
    code: str,
    name: str,
    wholes: tuple[Figure, Figure],
    told: list[tuple[Figure, Figure]],
) -> Figure:
    (one, first), (other, second) = told
    named = f"effect.difference.{code}", f"{name}率之差（同意调解减未进入调解）"
    ids = (*one.ids, *other.ids)
    if first.value is None or second.value is None:
        return Figure(*named, None, ids, unit="points")
    pairs = zip((one, other), wholes, strict=True)
    low, high = newcombe(*((len(part.ids), len(whole.ids)) for part, whole in pairs))
    return Figure(*named, first.value - second.value, ids, None, low, high, unit="points")


def _first_kind(case: Case) -> str:
    return case.escalations[0][1]


def accepted(case: Case) -> bool | None:
    """Say whether the customer accepted the decision, the last time that it was said."""
    told = [e.data["accepted"] for e in case.of("outcome") if e.data.get("accepted") is not None]
    return bool(told[-1]) if told else None


def _score(case: Case) -> int | None:
    told = [e.data["satisfaction"] for e in case.of("outcome") if e.data.get("satisfaction")]
    return int(told[-1]) if told else None
