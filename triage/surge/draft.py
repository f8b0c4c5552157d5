"""The draft of a risk alert (风险提示), in Chinese, for a person to approve.

Made of sections that any format can show; it quotes masked text only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from triage.rules.rulebook import Rulebook
from triage.surge.advice import Advice, advise, most
from triage.surge.alerts import Alerts
from triage.surge.incidence import PHRASE, Key
from triage.surge.major import Major
from triage.surge.stories import Story
from triage.surge.tickets import SurgeTicket
from triage.taxonomy import Taxonomy, join_leaf

_CHANNELS = {
    "phone": "电话",
    "app": "手机应用",
    "branch": "网点",
    "web": "网站",
    "letter": "来信",
    "regulator_formal": "监管转办",
    "regulator_guided": "监管引导",
    "petition": "信访",
    "media": "媒体",
}
_QUOTES, _QUOTED, _PLACES, _DUTIES = 3, 70, 3, 6
_LEAST_EXPECTED = 0.5
_REASON = "投诉原因·"
QUOTED_POINT = "客户原话（已脱敏）"
"""The point under which a story quotes customers."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it; `rows` are a table, its first row the heads."""

    heading: str
    level: int
    text: tuple[str, ...] = ()
    points: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A risk alert to be approved."""

    title: str
    sections: tuple[Section, ...]


def write_draft(alerts: Alerts, taxonomy: Taxonomy, rulebook: Rulebook) -> Draft:
    """Write the draft of a period."""
    sections = [_opening(alerts), Section("频发", 2, _none(alerts.stories, "频发事项"))]
    sections += [
        _story(number, story, alerts, taxonomy, rulebook)
        for number, story in enumerate(alerts.stories, 1)
    ]
    sections.append(_majors(alerts, taxonomy))
    sections.append(_typical(alerts))
    return Draft(f"风险提示（草稿）{_day(alerts.since)}至{_day(alerts.until)}", tuple(sections))


def write_event(alerts: Alerts, taxonomy: Taxonomy, rulebook: Rulebook) -> Draft:
    """Write the draft of the one story of a period; of majors it says nothing."""
    (story,) = alerts.stories
    told = _story(1, story, alerts, taxonomy, rulebook)
    sections = (_opening(alerts), told, _typical(alerts))
    return Draft(f"风险提示（草稿）{headline(story, taxonomy)}", sections)


def _opening(alerts: Alerts) -> Section:
    told = (
        f"期间：{_day(alerts.since)}至{_day(alerts.until)}。"
        f"共收到{alerts.tickets}件，同一客户同一事项和相同模板各计一次后为{alerts.counted}件。",
        "本文由系统起草，须经人工核实、审批后方可发布。预期数按近期同类日期推算；"
        "推断的原因不是结论。",
    )
    return Section("说明", 2, told)


def name_of(key: Key, taxonomy: Taxonomy) -> str:
    """Name a series in Chinese."""
    held = dict(key)
    if not held:
        return "全部投诉"
    if PHRASE in held:
        return f"“{held[PHRASE]}”"
    line = held.get("line")
    parts = [
        held.get("unit", ""),
        taxonomy.name(line) if line else "",
        taxonomy.name(join_leaf(line, held["subline"])) if line and "subline" in held else "",
        held.get("product", ""),
        f"{_channel(held['channel'])}渠道" if "channel" in held else "",
    ]
    return "·".join(part for part in parts if part)


def headline(story: Story, taxonomy: Taxonomy) -> str:
    """Say in a few words what a story is about."""
    words = "、".join(f"“{phrase}”" for phrase in story.phrases[:2])
    again = "再次" if story.again else ""
    if story.by_phrase:
        return f"涉及{words or name_of(story.key, taxonomy)}的投诉{again}集中出现"
    return f"{name_of(story.key, taxonomy)}投诉{again}增多" + (f"，多提到{words}" if words else "")


def _story(
    number: int, story: Story, alerts: Alerts, taxonomy: Taxonomy, rulebook: Rulebook
) -> Section:
    tickets = [alerts.by_id[ident] for ident in story.tickets]
    advice = advise(tickets, rulebook)
    points = [
        ("编号与状态", f"{story.id}，{_state(story)}"),
        ("情况", _what(story)),
        ("分布", _where(tickets, taxonomy)),
        ("共同说法", "、".join(story.phrases) or "没有突出的共同说法"),
        (QUOTED_POINT, "；".join(f"“{each}”" for each in _quotes(story, alerts))),
        ("可能原因（待核实）", _cause(tickets, taxonomy)),
        ("规则要求", _advice(advice)),
        ("多人与模板", _people(story)),
        ("建议典型", story.typical or "无"),
        ("涉及工单", "、".join(story.tickets)),
    ]
    heading = f"{number}. {headline(story, taxonomy)}"
    return Section(heading, 3, points=tuple((name, told) for name, told in points if told))


def _what(story: Story) -> str:
    against = (
        f"同期预期约{_number(story.expected)}件，为预期的{_number(story.growth)}倍"
        if story.expected >= _LEAST_EXPECTED
        else "此前几乎没有"
    )
    again = "".join(f"，{_day(day)}再次升温" for day in story.again)
    told = f"{_day(story.told)}首次提示{again}。"
    return f"自{_day(story.since)}至{_day(story.last)}共{story.count}件，{against}；{told}"


def _state(story: Story) -> str:
    return "持续中" if story.closed is None else f"{_day(story.closed)}判断已结束"


def _where(tickets: Sequence[SurgeTicket], taxonomy: Taxonomy) -> str:
    told = []
    for name, values in (
        ("业务", [taxonomy.name(t.line) for t in tickets if t.line]),
        ("机构", [t.unit for t in tickets if t.unit]),
        ("渠道", [_channel(t.channel) for t in tickets if t.channel]),
        ("产品", [t.product for t in tickets if t.product]),
    ):
        found = Counter(values)
        shown = "、".join(f"{value}（{count}件）" for value, count in found.most_common(_PLACES))
        more = f"等{len(found)}类" if len(found) > _PLACES else ""
        if shown:
            told.append(f"{name}：{shown}{more}")
    return "；".join(told)


def _quotes(story: Story, alerts: Alerts) -> list[str]:
    """Quote the typical ticket first, then others; those that hold a telling phrase."""
    idents = [story.typical, *story.tickets] if story.typical else list(story.tickets)
    texts = [alerts.by_id[ident].text for ident in idents]
    quotes = [_quote(text, story.phrases) for text in texts if text]
    holding = [each for each in quotes if any(phrase in each for phrase in story.phrases)]
    return list(dict.fromkeys([*quotes[:1], *holding, *quotes]))[:_QUOTES]


def _quote(text: str, phrases: Sequence[str]) -> str:
    """Cut the stretch around the first telling phrase out of a text."""
    at = min((text.find(phrase) for phrase in phrases if phrase in text), default=0)
    start = max(0, at - _QUOTED // 2)
    stop = start + _QUOTED
    body = " ".join(text[start:stop].split())
    return f"{'…' if start else ''}{body}{'…' if stop < len(text) else ''}"


def _cause(tickets: Sequence[SurgeTicket], taxonomy: Taxonomy) -> str:
    code = most([ticket.line for ticket in tickets if ticket.line])
    line = next((each for each in taxonomy.lines if each.code == code), None)
    if line is None:
        return "类别不明，须逐件核实"
    reasons = [home.removeprefix(_REASON) for home in line.jrt0169 if home.startswith(_REASON)]
    homes = "、".join(reasons or line.jrt0169)
    return f"多数归入{line.zh}（{line.definition}），对应投诉原因或类别：{homes}"


def _advice(advice: Advice) -> str:
    units = f"牵头和协办：{'、'.join(advice.departments)}。" if advice.departments else ""
    return units + "；".join(advice.duties[:_DUTIES])


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


def _majors(alerts: Alerts, taxonomy: Taxonomy) -> Section:
    rows = [_major_row(each, taxonomy) for each in alerts.majors]
    heads = [("工单", "日期", "业务", "机构", "原因")] if rows else []
    return Section("重大", 2, _none(rows, "重大事项"), rows=(*heads, *rows))


def _major_row(found: Major, taxonomy: Taxonomy) -> tuple[str, ...]:
    ticket = found.ticket
    line = taxonomy.name(ticket.line) if ticket.line else ""
    day = ticket.received.isoformat()
    return ticket.id, day, line, ticket.unit or "", "、".join(found.why)


def _typical(alerts: Alerts) -> Section:
    text = ["以下由系统按最居中的文字提出，是否列为典型由人决定。"]
    points = [
        (story.typical, _quote(alerts.by_id[story.typical].text, story.phrases))
        for story in alerts.stories
        if story.typical
    ]
    return Section("典型", 2, tuple(text if points else _none(points, "典型案例")), tuple(points))


def _none(found: Sequence[object], what: str) -> tuple[str, ...]:
    return () if found else (f"本期没有{what}。",)


def _channel(code: str) -> str:
    return _CHANNELS.get(code, code)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
