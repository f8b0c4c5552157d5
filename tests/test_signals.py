"""What a rule makes of denial, danger, grief and announcement, and where its spans end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from triage.config import data_dir
from triage.cues import load_cues
from triage.normalize import normalize
from triage.signal_rules import load_rules
from triage.signals import Spotter, counting

Spans = Callable[[str], dict[str, list[str]]]


@pytest.fixture(scope="module")
def spans() -> Spans:
    """Give the texts of the signals that count, by code."""
    folder = data_dir() / "signals"
    rules = load_rules(folder)
    spotter = Spotter(rules, load_cues(folder))
    every = frozenset(code for rule in rules for code in rule.codes.values())

    def run(text: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for mention in counting(spotter.find(normalize(text).text), every):
            found.setdefault(mention.code, []).append(mention.text)
        return found

    return run


@pytest.mark.parametrize(
    "text",
    [
        "我没有打12378，也不想打",
        "我没打12378",
        "我从没打过12378",
        "12378我没打过",
        "我没有向银保监投诉",
        "我们也没去银保监投诉",
    ],
)
def test_a_complaint_not_made_is_no_threat_and_no_past(spans: Spans, text: str) -> None:
    assert not set(spans(text)) & {"regulator_threat", "regulator_past"}


@pytest.mark.parametrize(
    "text",
    [
        "你们没处理，我就打12378",
        "我还没打12378，再不处理我就打12378",
        "我没办法只能打12378",
        "我没打通客服就打12378",
        "再拖下去，银保监举报你们",
    ],
)
def test_a_negation_of_something_else_leaves_the_threat(spans: Spans, text: str) -> None:
    assert "regulator_threat" in set(spans(text))


@pytest.mark.parametrize(
    "text",
    [
        "再打我就从你们行楼上跳下去",
        "我就跳下去",
        "我就从你们楼顶跳下来",
        "我已经买好了农药",
        "我已经准备好了安眠药",
        "要是再打我就跳楼",
        "如果再催我就从楼上跳下去",
        "你们是不是要逼我跳楼？",
        "我老公跳楼走了，再逼我我也跳楼",
        "我老公去年跳楼走了，我也不想活了",
    ],
)
def test_a_life_in_danger_is_heard(spans: Spans, text: str) -> None:
    assert "self_harm" in set(spans(text))


@pytest.mark.parametrize(
    "text",
    [
        "我老公去年跳楼走了",
        "我爸前年喝农药去世，留下这笔债",
        "我不会从楼上跳下去",
        "基金净值一下子跳下来",
        "贷款买好了农药化肥，就等春耕",
    ],
)
def test_a_past_death_or_a_harmless_leap_is_no_danger(spans: Spans, text: str) -> None:
    assert "self_harm" not in set(spans(text))


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("我要带人去你们网点堵门", True),
        ("再不退我就叫上兄弟堵门", True),
        ("我没有带人去网点堵门", False),
        ("催收说要带人堵门", False),
    ],
)
def test_whose_doors_are_barred_matters(spans: Spans, text: str, heard: bool) -> None:
    assert ("violence" in set(spans(text))) is heard


@pytest.mark.parametrize(
    ("text", "code", "heard"),
    [
        ("我下周去信访局", "petition", True),
        ("下周我去信访办", "petition", True),
        ("我下周不去信访局", "petition", False),
        ("催收把我逾期的事告诉了我公司领导", "third_party_contacted", True),
        ("你们告诉了我单位领导", "third_party_contacted", True),
        ("我告诉了我老公", "third_party_contacted", False),
    ],
)
def test_steps_announced_and_debts_told_to_others(
    spans: Spans, text: str, code: str, heard: bool
) -> None:
    assert (code in set(spans(text))) is heard


@pytest.mark.parametrize(
    ("text", "code", "end"),
    [
        ("人家八十岁了还要跑", "vulnerable", "八十岁"),
        ("我今年七十八岁了", "vulnerable", "七十八岁"),
        ("工人的工资发不下来", "livelihood", "发不下来"),
        ("养老金取不出来", "livelihood", "取不出来"),
        ("工资卡被冻结", "livelihood", "冻结"),
        ("再逼我就死给你看", "self_harm", "死给你看"),
        ("你们这是逼死我们", "self_harm", "逼死我们"),
        ("我就从你们楼上跳下去", "self_harm", "跳下去"),
        ("惹急了我杀了你们", "violence", "杀了你们"),
        ("我下周去信访局", "petition", "信访局"),
    ],
)
def test_a_signal_ends_with_its_word(spans: Spans, text: str, code: str, end: str) -> None:
    found = spans(text).get(code)
    assert found
    assert all(span.endswith(end) for span in found)
