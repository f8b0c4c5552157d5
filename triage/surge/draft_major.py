"""Major tickets (重大) in the draft of a risk alert: a table of all, then each by itself."""

from __future__ import annotations

from collections.abc import Sequence

from triage.records import channel_name
from triage.rules.rulebook import Rulebook
from triage.surge.advice import Advice, advise_one
from triage.surge.major import Major
from triage.surge.sections import QUOTED, Section
from triage.surge.tickets import SurgeTicket
from triage.surge.wording import around, day_name, homes_of, sentences
from triage.taxonomy import Taxonomy, join_leaf

_HEADS = ("工单", "日期", "业务", "机构", "列为重大的原因")
_UNKNOWN = "业务待人工确定"


def major_sections(
    majors: Sequence[Major], taxonomy: Taxonomy, rulebook: Rulebook
) -> list[Section]:
    """Write what is told of the major tickets of a period."""
    if not majors:
        return [Section("重大", 2, ("本期没有重大事项。",))]
    rows = (_HEADS, *(_row(each, taxonomy) for each in majors))
    told = f"共{len(majors)}件。重大投诉逐件列出，不与预期件数比较。"
    advised = [advise_one(each.ticket, rulebook) for each in majors]
    each_one = (
        _section(place, each, advice, taxonomy)
        for place, (each, advice) in enumerate(zip(majors, advised, strict=True), 1)
    )
    bases = dict.fromkeys((duty.name, duty.basis) for advice in advised for duty in advice.duties)
    listed = Section("重大事项所涉规则的依据", 3, points=tuple(bases))
    return [Section("重大", 2, (told,), rows=rows), *each_one, listed]


def _row(found: Major, taxonomy: Taxonomy) -> tuple[str, ...]:
    ticket = found.ticket
    line = taxonomy.name(ticket.line) if ticket.line else _UNKNOWN
    day = ticket.received.isoformat()
    return ticket.id, day, line, ticket.unit or "", "、".join(found.why)


def _section(place: int, found: Major, advice: Advice, taxonomy: Taxonomy) -> Section:
    ticket = found.ticket
    points = [
        ("涉及工单", ticket.id),
        ("情况", f"{day_name(ticket.received)}收到；{'、'.join(found.why)}"),
        ("分布", _where(ticket, taxonomy)),
        (QUOTED, _quote(found)),
        ("可能原因（待核实）", _cause(ticket, taxonomy)),
        ("规则要求", _asked(advice)),
    ]
    name = taxonomy.name(ticket.line) if ticket.line else _UNKNOWN
    heading = f"{place}. {'、'.join(found.why)}（{name}）"
    return Section(heading, 3, points=tuple((head, told) for head, told in points if told))


def _where(ticket: SurgeTicket, taxonomy: Taxonomy) -> str:
    leaf = taxonomy.name(join_leaf(ticket.line, ticket.subline)) if ticket.line else _UNKNOWN
    told = [f"业务：{leaf}"]
    told += [f"机构：{ticket.unit}"] if ticket.unit else []
    told += [f"渠道：{channel_name(ticket.channel)}"] if ticket.channel else []
    told += [f"产品：{ticket.product}"] if ticket.product else []
    return "；".join(told)


def _quote(found: Major) -> str:
    """Quote the sentences that make it a major one; the beginning where no words do."""
    ticket = found.ticket
    said = sentences(ticket.text, (each for each in ticket.said if each.code in found.codes))
    quotes = said or ((around(ticket.text, ()),) if ticket.text else ())
    return "；".join(f"“{each}”" for each in quotes)


def _cause(ticket: SurgeTicket, taxonomy: Taxonomy) -> str:
    line = next((each for each in taxonomy.lines if each.code == ticket.line), None)
    if line is None:
        return "系统未能判定业务类别，须人工核实"
    return f"归入{line.zh}（{line.definition}），对应{homes_of(line)}"


def _asked(advice: Advice) -> str:
    head = f"责任人：{advice.accountable}。" if advice.accountable else ""
    return advice.units + head + "；".join(f"{each.name}（{each.limit}）" for each in advice.duties)
