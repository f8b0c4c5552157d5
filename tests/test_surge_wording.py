"""What a draft says of tickets that have little in common, and of major ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.alerts.files import markdown
from tests.surge_fakes import day, event, quiet, settings, stories, ticket
from triage.rules.rulebook import Rulebook
from triage.surge.advice import advise, advise_one, mostly
from triage.surge.alerts import Alerts, find_alerts
from triage.surge.draft import write_draft
from triage.surge.sections import QUOTED
from triage.surge.telling import telling
from triage.surge.tickets import Said, SurgeTicket
from triage.surge.wording import sentences
from triage.taxonomy import load_taxonomy

FIRST, DAYS = 60, 61
TAXONOMY = load_taxonomy()
RULES = Rulebook.load(taxonomy=TAXONOMY)


def flood(line_of, phrases_of):
    """Sixty tickets of one day by phone, each with a line and phrases of its own."""
    made = event(FIRST, 1, 60, channel="web", unit=None)
    return [
        replace(each, line=line_of(n), phrases=phrases_of(n), text=f"第{n}件的原话")
        for n, each in enumerate(made)
    ]


def points_of(tickets):
    known = quiet(DAYS) + tickets
    alerts = find_alerts(known, settings(), TAXONOMY, since=day(FIRST), until=day(DAYS - 1))
    draft = write_draft(alerts, TAXONOMY, RULES)
    return [(each.heading, dict(each.points)) for each in draft.sections if each.level == 3]


def test_of_unrelated_tickets_no_common_line_and_no_common_wording_is_told():
    lines = [line.code for line in TAXONOMY.lines]
    few = dict.fromkeys(range(8), ("怀孕", "理财"))
    (told,) = points_of(
        flood(
            lambda n: "digital_channel" if n < 9 else lines[n % len(lines)],
            lambda n: few.get(n, ()),
        )
    )
    heading, points = told
    assert "多提到" not in heading
    assert points["共同说法"] == "未发现共同说法"
    cause = points["可能原因（待核实）"]
    assert "最多的是" in cause
    assert "/60件" in cause
    assert "多数" not in cause
    assert "牵头和协办：投诉处置办公室。" in points["规则要求"]


def test_a_line_of_more_than_half_is_that_of_most_and_a_wording_of_many_is_named():
    told = points_of(
        flood(
            lambda n: "digital_channel" if n < 45 else "other",
            lambda n: ("闪退白屏",) if n < 30 else (),
        )
    )
    _, points = next(each for each in told if "闪退白屏" in each[0])
    assert points["共同说法"] == "闪退白屏"
    assert points["可能原因（待核实）"].startswith("多数归入线上系统（")


def test_half_is_not_most():
    assert mostly(["甲", "乙"]) is None
    assert mostly(["甲", "乙", "甲"]) == "甲"
    assert mostly([]) is None
    half = [ticket(str(n), 0, line=line) for n, line in enumerate(("fraud", "fee_dispute"))]
    assert advise(half, RULES).departments == ("投诉处置办公室",)


@given(st.integers(1, 60), st.integers(1, 60))
def test_a_phrase_is_named_from_the_share_on_even_when_the_story_was_found_by_it(count, least):
    named = telling({"怀孕": count}, {"怀孕": 0.1}, named=5, least=least, first=["怀孕"])
    assert bool(named) == (count >= least)


def test_a_story_that_is_found_by_a_phrase_still_names_it():
    found = stories(quiet(70) + event(FIRST, 6, 8, phrases=("云盾盈",)), 70)
    assert any(story.phrases[:1] == ("云盾盈",) for story in found)


def major(**given):
    ticket_ = SurgeTicket("甲-1", day(3), **given)
    alerts = Alerts(day(0), day(9), 1, 1, (), (), {})
    from triage.surge.major import majors

    found = majors([ticket_], settings().major, TAXONOMY)
    return write_draft(replace(alerts, majors=found), TAXONOMY, RULES)


LONG = "前面说了很多与此无关的话。" * 9


def test_a_major_ticket_is_told_in_the_words_that_make_it_one_with_cause_and_duties():
    text = f"{LONG}再逼我我就不想活了！后面的话。又提了一次银保监会。"
    said = (
        Said("self_harm", text.index("不想活"), "不想活了"),
        Said("regulator_past", text.index("银保"), "银保监会"),
    )
    draft = major(
        line="loan_collection", unit="支行03", channel="app", text=text, said=said,
        signals=("regulator_past", "self_harm"),
    )  # fmt: skip
    (section,) = (each for each in draft.sections if each.heading.startswith("1."))
    points = dict(section.points)
    assert points[QUOTED] == "“…再逼我我就不想活了！…”"
    assert points["涉及工单"] == "甲-1"
    assert "机构：支行03；渠道：手机银行" in points["分布"]
    assert "债务催收方式和手段" in points["可能原因（待核实）"]
    assert "人工接手（收到后5分钟内" in points["规则要求"]
    assert "重大投诉报告（收到后2小时内，为本行目标" in points["规则要求"]
    assert "责任人：" in points["规则要求"]
    bases = next(each for each in draft.sections if each.heading.endswith("依据"))
    assert "人工接手" in dict(bases.points)


@pytest.mark.parametrize(
    "given",
    [
        {"channel": "media"},
        {"amount_cny": 600_000.0},
        {"channel": "branch", "group_size": 30},
        {"signals": ("violence",), "said": (Said("violence", 0, "不在文中"),)},
    ],
)
def test_one_that_no_words_make_major_is_quoted_from_its_beginning(given):
    text = markdown(major(text=f"开头这一句。{LONG}", **given))
    assert "“开头这一句。" in text
    assert "系统未能判定业务类别" in text
    assert not any(code in text for code in ("media", "violence", "branch"))


def test_the_rules_are_asked_of_what_makes_a_ticket_a_major_one():
    plain = SurgeTicket("a", day(0), line="fee_dispute")
    asked = advise_one(replace(plain, channel="branch", group_size=30), RULES)
    assert asked.accountable == "分管行领导"
    told = {each.name for each in asked.duties} - {e.name for e in advise_one(plain, RULES).duties}
    assert "重大投诉报告" in told


@pytest.mark.parametrize(
    ("start", "found"), [(0, ("甲说要死。…",)), (9, ("…乙也说要死！…",)), (99, ("…乙也说要死！…",))]
)
def test_of_words_that_stand_there_twice_the_nearest_are_taken(start, found):
    assert sentences("甲说要死。乙也说要死！丙", [Said("self_harm", start, "要死")]) == found


def test_a_sentence_without_end_is_cut_on_both_sides():
    text = f"{'前' * 300}要死{'后' * 300}"
    (found,) = sentences(text, [Said("x", 300, "要死")])
    assert found == f"…{'前' * 70}要死{'后' * 70}…"
    assert sentences(text, [Said("x", 0, ""), Said("x", 0, "没有")]) == ()
