"""Rules of the shipped file by example: life, first contact, outlets, who handles it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import product
from pathlib import Path

import pytest
from rules_fakes import NOON, due, fired, reading, ruled, shipped

from triage.records import Context, LineScore
from triage.rules.facts import History
from triage.taxonomy import load_taxonomy

NATURES = load_taxonomy().nature_codes
LATE = datetime.fromisoformat("2026-11-28T23:30:00+08:00")  # a Saturday


def test_every_rule_of_the_file_has_an_example() -> None:
    """A rule that comes needs an example: its id must stand in a test."""
    files = Path(__file__).parent.glob("test_rules*.py")
    told = "".join(path.read_text(encoding="utf-8") for path in files)
    missing = {rule.id for rule in shipped().file.rules if f'"{rule.id}"' not in told}
    assert not missing


@pytest.mark.parametrize("code", ["self_harm", "violence"])
def test_life_goes_to_a_human_within_five_minutes(code: str) -> None:
    ruling = ruled(reading("other", None, code, nature="inquiry"))
    assert "R-LIFE-1" in fired(ruling)
    assert due(ruling)["human_now"] == "2026-11-25T12:05:00+08:00"
    assert {"human_now", "no_auto_reply", "major", "escalated"} <= set(ruling.flags)


@pytest.mark.parametrize("channel", ["regulator_formal", "regulator_guided"])
def test_regulator_tickets_are_contacted_the_same_day_weekends_too(channel: str) -> None:
    ruling = ruled(channel=channel, received_at=LATE)
    assert "R-REG-1" in fired(ruling)
    assert due(ruling)["contact_same_day"] == "2026-11-28T23:59:59+08:00"
    assert "contact" not in due(ruling)
    assert ruling.owner.level == "branch_department"
    assert ("R-REG-1G" in fired(ruling)) == (channel == "regulator_guided")


def test_received_half_an_hour_before_midnight_is_at_risk() -> None:
    ruling = ruled(channel="regulator_guided", received_at=LATE)
    duty = next(d for d in ruling.duties if d.code == "contact_same_day")
    assert duty.at_risk
    assert "at_risk" in ruling.flags
    assert duty.alarms == ()
    early = ruled(channel="regulator_guided", received_at=NOON)
    assert "at_risk" not in early.flags


def test_time_passing_puts_it_at_risk() -> None:
    late = datetime.fromisoformat("2026-11-25T22:30:00+08:00")
    assert "at_risk" in ruled(channel="regulator_formal", now=late).flags


def test_alarms_of_the_same_day_stand_between_receipt_and_its_end() -> None:
    duty = next(d for d in ruled(channel="regulator_formal").duties if d.alarms)
    assert [a.isoformat() for a in duty.alarms] == [
        "2026-11-25T14:00:00+08:00",
        "2026-11-25T17:00:00+08:00",
        "2026-11-25T20:00:00+08:00",
    ]


def test_the_day_is_the_day_of_shanghai() -> None:
    utc = datetime.fromisoformat("2026-11-25T16:30:00+00:00")
    assert due(ruled(channel="regulator_formal", received_at=utc))["contact_same_day"] == (
        "2026-11-26T23:59:59+08:00"
    )


def test_the_text_alone_makes_a_guided_ticket() -> None:
    ruling = ruled(reading("fee_dispute", None, "regulator_past"), channel="phone")
    assert {"R-REG-1", "R-REG-1G"} <= fired(ruling)
    assert "guided" in ruling.flags
    assert due(ruling)["contact_same_day"] == "2026-11-25T23:59:59+08:00"
    formal = ruled(reading("fee_dispute", None, "regulator_past"), channel="regulator_formal")
    assert "guided" not in formal.flags


def test_a_threat_to_go_to_the_regulator_is_not_a_guided_ticket() -> None:
    ruling = ruled(reading("fee_dispute", None, "regulator_threat"), channel="phone")
    assert "contact_same_day" not in due(ruling)
    assert "R-ESC-1S" in fired(ruling)


def test_guided_to_formal_is_reviewed() -> None:
    ruling = ruled(history=History(converted=True))
    assert "R-REG-2" in fired(ruling)
    assert "converted" in ruling.flags
    assert due(ruling)["conversion_review"] == "2026-12-02T23:59:59+08:00"


def test_others_are_contacted_within_a_working_day() -> None:
    ruling = ruled(received_at=LATE)
    assert "R-CON-1" in fired(ruling)
    assert due(ruling)["contact"] == "2026-11-30T23:59:59+08:00"


@pytest.mark.parametrize("nature", NATURES)
def test_whatever_it_is_read_as_it_is_contacted_and_answered(nature: str) -> None:
    owed = due(ruled(reading("other", nature=nature)))
    answer = "decision_15d" if nature == "complaint" else "answer_15d"
    assert owed == {
        "contact": "2026-11-26T23:59:59+08:00",
        answer: "2026-12-10T23:59:59+08:00",
    }


def test_a_contact_made_is_owed_no_more() -> None:
    ruling = ruled(history=History(contacted_at=NOON), channel="regulator_formal")
    assert "R-CON-2" in fired(ruling)
    assert not {"contact", "contact_same_day"} & set(due(ruling))
    assert "decision_15d" in due(ruling)


BARS = [
    ("R-OUT-1", reading("account_control"), {}, "line_account_control"),
    ("R-OUT-2", reading("fraud", "loan_fraud"), {}, "line_fraud"),
    ("R-OUT-2", reading("fraud", "unauthorized_transaction"), {}, "line_fraud"),
    ("R-OUT-1", reading(secondary=("account_control",)), {}, "line_account_control"),
    ("R-OUT-2", reading(secondary=("fraud",)), {}, "line_fraud"),
    ("R-OUT-3", reading(), {"visited_branch": False}, "not_visited"),
    ("R-OUT-4", reading(), {"outlet_touchpoint": False}, "touchpoint_none"),
    ("R-OUT-5", reading(), {"outlet_touchpoint": None}, "touchpoint_unknown"),
    ("R-OUT-5", reading(), {"visited_branch": None}, "touchpoint_unknown"),
    (
        "R-OUT-7",
        reading(alternatives=(LineScore("account_control", None, 0.12),)),
        {},
        "possible_account_control",
    ),
    (
        "R-OUT-8",
        reading(
            alternatives=(
                LineScore("fraud", "loan_fraud", 0.06),
                LineScore("fraud", "scam_transfer", 0.06),
            )
        ),
        {},
        "possible_fraud",
    ),
    ("R-ABS-1", reading(None, nature="praise"), {}, "abstained"),
]


@pytest.mark.parametrize("nature", NATURES)
@pytest.mark.parametrize(("rule", "read", "context", "why"), BARS)
def test_what_may_not_lie_at_an_outlet(rule, read, context, why, nature) -> None:
    sent = History(sent_to="outlet", sent_reason="客户要求")
    ruling = ruled(read._replace(nature=nature), sent, **context)
    assert rule in fired(ruling)
    assert why in ruling.owner.why
    assert ruling.owner.barred_from_outlet
    assert ruling.owner.level in ("branch_department", "disposal_office")


def test_a_visit_at_an_outlet_with_a_touchpoint_is_not_barred() -> None:
    ruling = ruled()
    assert not ruling.owner.barred_from_outlet
    assert ruling.owner.level == "branch_department"


@pytest.mark.parametrize("nature", NATURES)
def test_no_nature_is_a_bar(nature: str) -> None:
    assert not ruled(reading(nature=nature)).owner.barred_from_outlet


ASKED = (
    "这卡怎么又限额了，一天只让转五百，进货的钱怎么转",
    "名下怎么多了一笔融e借，我没办过",
    "谢谢你们，让我站了三个小时，服务真好",
    "建议你们把扣我的年费退了再谈服务",
)


@pytest.mark.parametrize("nature", NATURES)
def test_complaints_told_as_questions_or_thanks_stay_barred(tiny_engine, nature: str) -> None:
    sent = History(sent_to="outlet", sent_reason="客户要求")
    for visited, text in product((False, None), ASKED):
        context = Context(received_at=NOON, visited_branch=visited, outlet_touchpoint=True)
        (read,) = tiny_engine.assess([text], [context])
        ruling = tiny_engine.rulebook.judge(replace(read, nature=nature), context, sent)
        assert ruling.owner.barred_from_outlet
        assert ruling.owner.level in ("branch_department", "disposal_office")
        assert "contact" in due(ruling)


def test_a_small_doubt_does_not_bar() -> None:
    read = reading(alternatives=(LineScore("account_control", None, 0.09),))
    assert not ruled(read).owner.barred_from_outlet


def test_an_unknown_touchpoint_goes_to_the_disposal_office() -> None:
    ruling = ruled(outlet_touchpoint=None)
    assert "R-OUT-6" in fired(ruling)
    assert (ruling.owner.level, ruling.owner.unit) == ("disposal_office", "投诉处置办公室")


def test_where_the_department_is_clear_it_goes_there() -> None:
    ruling = ruled(reading("account_control"), outlet_touchpoint=None)
    assert (ruling.owner.level, ruling.owner.unit) == ("branch_department", "运行管理部")


def test_an_abstention_is_read_by_people() -> None:
    ruling = ruled(reading(None))
    assert ruling.owner.level == "disposal_office"
    assert "human_queue" in ruling.flags
    assert due(ruling)["human_reading"] == "2026-11-25T16:00:00+08:00"


def test_a_ticket_goes_down_only_with_a_reason_on_record() -> None:
    assert ruled(history=History(sent_to="outlet")).owner.level == "branch_department"
    sent = ruled(history=History(sent_to="outlet", sent_reason="须核对凭证"), unit="西大街网点")
    assert "R-DOWN-1" in fired(sent)
    assert (sent.owner.level, sent.owner.unit) == ("outlet", "西大街网点")
    lower = ruled(history=History(sent_to="sub_branch", sent_reason="须核对凭证"))
    assert "R-DOWN-2" in fired(lower)
    assert lower.owner.level == "sub_branch"


def test_a_counter_is_looked_into_by_its_sub_branch() -> None:
    ruling = ruled(reading("service_quality"), unit="西大街支行")
    assert (ruling.owner.level, ruling.owner.unit) == ("sub_branch", "西大街支行")
    assert "R-REC-2" in fired(ruling)
    assert "recusal_check" in ruling.flags
