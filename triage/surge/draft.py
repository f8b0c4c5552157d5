"""The draft of a risk alert (风险提示), in Chinese, for a person to approve.

Made of sections that any format can show; it quotes masked text only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from triage.records import channel_name
from triage.rules.rulebook import Rulebook
from triage.surge.advice import Advice, advise, most
from triage.surge.alerts import Alerts
from triage.surge.draft_major import major_sections
from triage.surge.sections import DRAFT, QUOTED, SUGGESTED, TYPICAL, WARNING, Draft, Section
from triage.surge.stories import Story
from triage.surge.tickets import SurgeTicket
from triage.surge.wording import around, day_name, headline, homes_of, in_figures
from triage.taxonomy import Taxonomy

_QUOTES, _PLACES, _DUTIES = 3, 3, 6
_LEAST_EXPECTED = 0.5


def write_draft(alerts: Alerts, taxonomy: Taxonomy, rulebook: Rulebook) -> Draft:
    """Write the draft of a period."""
    sections = [_opening(alerts), Section("频发", 2, _none(alerts.stories, "频发事项"))]
    sections += [
        _story(place, story, alerts, taxonomy, rulebook)
        for place, story in enumerate(alerts.stories, 1)
    ]
    sections += major_sections(alerts.majors, taxonomy, rulebook)
    sections.append(_typical(alerts))
    period = f"{day_name(alerts.since)}至{day_name(alerts.until)}"
    return Draft(f"风险提示{DRAFT}{period}", tuple(sections))


def write_event(alerts: Alerts, taxonomy: Taxonomy, rulebook: Rulebook) -> Draft:
    """Write the draft of the one story of a period; of majors it says nothing."""
    (story,) = alerts.stories
    told = _story(1, story, alerts, taxonomy, rulebook)
    sections = (_opening(alerts), told, _typical(alerts))
    return Draft(f"风险提示{DRAFT}{headline(story, taxonomy)}", sections)


def _opening(alerts: Alerts) -> Section:
    told = (
        f"期间：{day_name(alerts.since)}至{day_name(alerts.until)}。"
        f"共收到{alerts.tickets}件，同一客户同一事项和相同模板各计一次后为{alerts.counted}件。",
        WARNING,
        "预期数按近期同类日期推算；推断的原因不是结论。",
    )
    return Section("说明", 2, told)


def _story(
    place: int, story: Story, alerts: Alerts, taxonomy: Taxonomy, rulebook: Rulebook
) -> Section:
    tickets = [alerts.by_id[ident] for ident in story.tickets]
    advice = advise(tickets, rulebook)
    points = [
        ("编号与状态", f"{story.id}，{_state(story)}"),
        ("情况", _what(story)),
        ("分布", _where(tickets, taxonomy)),
        ("共同说法", "、".join(story.phrases) or "未发现共同说法"),
        (QUOTED, "；".join(f"“{each}”" for each in _quotes(story, alerts))),
        ("可能原因（待核实）", _cause(tickets, taxonomy)),
        ("规则要求", _advice(advice)),
        ("多人与模板", _people(story)),
        (SUGGESTED, story.typical or "无"),
        ("涉及工单", "、".join(story.tickets)),
    ]
    heading = f"{place}. {headline(story, taxonomy)}"
    return Section(heading, 3, points=tuple((name, told) for name, told in points if told))


def _what(story: Story) -> str:
    against = (
        f"同期预期约{in_figures(story.expected)}件，为预期的{in_figures(story.growth)}倍"
        if story.expected >= _LEAST_EXPECTED
        else "此前几乎没有"
    )
    again = "".join(f"，{day_name(day)}再次升温" for day in story.again)
    told = f"{day_name(story.told)}首次提示{again}。"
    one_day = f"{day_name(story.since)}当日"
    days = f"自{day_name(story.since)}至{day_name(story.last)}"
    when = one_day if story.since == story.last else days
    return f"{when}共{story.count}件，{against}；{told}"


def _state(story: Story) -> str:
    return "持续中" if story.closed is None else f"{day_name(story.closed)}判断已结束"


def _where(tickets: Sequence[SurgeTicket], taxonomy: Taxonomy) -> str:
    told = []
    for name, unit, values in (
        ("业务", "类", [taxonomy.name(t.line) for t in tickets if t.line]),
        ("机构", "家", [t.unit for t in tickets if t.unit]),
        ("渠道", "种", [channel_name(t.channel) for t in tickets if t.channel]),
        ("产品", "种", [t.product for t in tickets if t.product]),
    ):
        found = Counter(values)
        shown = "、".join(f"{value}（{count}件）" for value, count in found.most_common(_PLACES))
        more = f"等{len(found)}{unit}" if len(found) > _PLACES else ""
        if shown:
            told.append(f"{name}：{shown}{more}")
    return "；".join(told)


def _quotes(story: Story, alerts: Alerts) -> list[str]:
    """Quote the typical ticket first, then others; those that hold a telling phrase."""
    idents = [story.typical, *story.tickets] if story.typical else list(story.tickets)
    texts = [alerts.by_id[ident].text for ident in idents]
    quotes = [around(text, story.phrases) for text in texts if text]
    holding = [each for each in quotes if any(phrase in each for phrase in story.phrases)]
    return list(dict.fromkeys([*quotes[:1], *holding, *quotes]))[:_QUOTES]


def _cause(tickets: Sequence[SurgeTicket], taxonomy: Taxonomy) -> str:
    found = most([ticket.line for ticket in tickets if ticket.line])
    line = next((each for each in taxonomy.lines if found and each.code == found[0]), None)
    if found is None or line is None:
        return "类别不明，须逐件核实"
    count, total = found[1], len(tickets)
    told = f"{line.zh}（{count}/{total}件；{line.definition}），对应{homes_of(line)}"
    if 2 * count > total:
        return f"多数归入{told}"
    return f"业务分散，未见共同原因；最多的是{told}"


def _advice(advice: Advice) -> str:
    duties = (f"{each.name}（{each.limit}；{each.basis}）" for each in advice.duties[:_DUTIES])
    return advice.units + "；".join(duties)


def _people(story: Story) -> str:
    told = [f"按不同客户、不同文字计{story.count}件"]
    if story.repeats:
        told.append(f"另有同一客户重复{len(story.repeats)}件未计入")
    for each in story.templates:
        told.append(
            f"其中一组相同文字{len(each.tickets)}件、{each.customers}位客户，只计一件，"
            "请核实是否代理、群体或模板；不影响办理"
        )
    return "；".join(told)


def _typical(alerts: Alerts) -> Section:
    text = ["以下由系统按最居中的文字提出，是否列为典型由人决定。"]
    points = [
        (story.typical, around(alerts.by_id[story.typical].text, story.phrases))
        for story in alerts.stories
        if story.typical
    ]
    return Section(TYPICAL, 2, tuple(text if points else _none(points, "典型案例")), tuple(points))


def _none(found: Sequence[object], what: str) -> tuple[str, ...]:
    return () if found else (f"本期没有{what}。",)
