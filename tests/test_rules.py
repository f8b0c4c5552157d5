"""Each rule of the shipped file, by example."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.rules_fakes import NOON, due, fired, reading, ruled, shipped
from triage.errors import InvalidInput
from triage.records import LineScore
from triage.rules.facts import Extension, History

LATE = datetime.fromisoformat("2026-11-28T23:30:00+08:00")  # a Saturday
LATER = datetime.fromisoformat("2026-12-01T09:00:00+08:00")


def test_every_rule_of_the_file_is_looked_at_here() -> None:
    """A rule that comes needs an example; its id must stand in this file."""
    from pathlib import Path

    told = Path(__file__).read_text(encoding="utf-8")
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


def test_praise_owes_nothing() -> None:
    assert ruled(reading(nature="praise")).duties == ()


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


@pytest.mark.parametrize("nature", ["complaint", "help"])
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


@pytest.mark.parametrize("nature", ["inquiry", "suggestion", "praise"])
def test_other_natures_are_not_barred(nature: str) -> None:
    assert not ruled(reading("fraud", "loan_fraud", nature=nature)).owner.barred_from_outlet


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


@pytest.mark.parametrize(
    ("rule", "read", "history", "context"),
    [
        ("R-ESC-1", reading(), History(repeats_90d=1), {}),
        ("R-ESC-1", reading(), History(), {"prior_complaints_90d": 1}),
        ("R-ESC-1", reading("fee_dispute", None, "repeat"), History(), {}),
        ("R-ESC-1D", reading(), History(difficult=True), {}),
        ("R-ESC-1S", reading("fee_dispute", None, "petition"), History(), {}),
        ("R-ESC-1S", reading("fee_dispute", None, "self_harm"), History(), {}),
        ("R-ESC-1S", reading(), History(), {"channel": "petition"}),
    ],
)
def test_the_level_is_raised(rule, read, history, context) -> None:
    ruling = ruled(read, history, **context)
    assert rule in fired(ruling)
    assert "escalated" in ruling.flags
    assert len(set(ruling.departments)) >= 3
    assert ruling.accountable == "分管行领导"
    assert ruling.owner.level == "branch_department"


def test_the_ledger_knows_repeats_better_than_the_context() -> None:
    ruling = ruled(history=History(repeats_90d=0), prior_complaints_90d=4)
    assert "R-ESC-1" not in fired(ruling)


def test_a_mild_signal_does_not_raise_the_level() -> None:
    ruling = ruled(reading("fee_dispute", None, "deadline"))
    assert "escalated" not in ruling.flags


def test_repeats_and_difficult_ones_go_the_way_of_petitions() -> None:
    assert due(ruled(history=History(difficult=True)))["petition_notice"] == (
        "2026-12-10T23:59:59+08:00"
    )


@pytest.mark.parametrize(("transfers", "alarm"), [(2, False), (3, True)])
def test_the_third_transfer_is_the_last(transfers: int, alarm: bool) -> None:
    ruling = ruled(transfers=transfers)
    assert ("R-ESC-2" in fired(ruling)) == alarm
    assert ("transfer_freeze" in ruling.flags) == alarm
    assert ("消费者权益保护办公室" in ruling.departments) == alarm


@pytest.mark.parametrize(
    ("earlier", "flags", "rule"),
    [(0, set(), None), (1, {"frequent_soon"}, "R-REP-2"), (2, {"frequent"}, "R-REP-1")],
)
def test_three_in_fifteen_days_are_frequent_two_are_warned_of(earlier, flags, rule) -> None:
    ruling = ruled(history=History(repeats_15d=earlier))
    assert set(ruling.flags) & {"frequent", "frequent_soon"} == flags
    assert rule is None or rule in fired(ruling)


@pytest.mark.parametrize(
    "context", [{"group_size": 20}, {"channel": "media"}, {"amount_cny": 500000.0}]
)
def test_major_complaints_are_reported(context) -> None:
    ruling = ruled(**context)
    assert "R-ALERT-1" in fired(ruling)
    assert due(ruling)["major_report"] == "2026-11-25T14:00:00+08:00"
    assert "major" not in ruled(group_size=19, amount_cny=499999.0).flags


def test_media_are_watched() -> None:
    ruling = ruled(reading("fee_dispute", None, "media"))
    assert "R-MEDIA-1" in fired(ruling)
    assert "media_watch" in ruling.flags
    assert "办公室" in ruling.departments


def test_six_together_name_representatives() -> None:
    assert "R-GRP-1" in fired(ruled(group_size=6))
    assert "R-GRP-1" not in fired(ruled(group_size=5))


OFFERED = [
    reading("card_repayment"),
    reading("fee_dispute"),
    reading("loan_collection", "personal_loan"),
]


@pytest.mark.parametrize("read", OFFERED)
def test_mediation_must_be_offered_where_difficult_or_repeated(read) -> None:
    ruling = ruled(read, History(difficult=True))
    assert "R-MED-1" in fired(ruling)
    assert "mediation_offer" in ruling.flags
    assert due(ruling)["mediation_offer"] == "2026-11-30T23:59:59+08:00"
    assert "mediation_offer" not in due(ruled(read))


def test_mediation_need_not_be_offered_of_other_lines() -> None:
    repeated = History(repeats_90d=2)
    assert "mediation_offer" not in due(ruled(reading("loan_collection", "credit_card"), repeated))
    assert "mediation_offer" not in due(ruled(reading("credit_report"), repeated))


def test_an_explicit_refusal_stops_mediation() -> None:
    ruling = ruled(reading("fee_dispute"), History(difficult=True, mediation="refused"))
    assert "R-MED-2" in fired(ruling)
    assert "mediation_offer" not in due(ruling)
    assert "mediation_stopped" in ruling.flags


def test_an_agreement_is_confirmed_within_thirty_days() -> None:
    ruling = ruled(reading("fee_dispute"), History(mediation="agreed", agreed_at=LATER))
    assert "R-MED-3" in fired(ruling)
    assert due(ruling)["judicial_confirmation"] == "2026-12-31T23:59:59+08:00"
    unknown = ruled(reading("fee_dispute"), History(mediation="agreed"))
    assert due(unknown)["judicial_confirmation"] is None


def test_delegated_mediation_ends_after_thirty_days() -> None:
    ruling = ruled(reading("fee_dispute"), History(mediation="delegated", delegated_at=LATER))
    assert "R-MED-4" in fired(ruling)
    assert due(ruling)["mediation_end"] == "2026-12-31T23:59:59+08:00"


def test_complaints_are_decided_in_fifteen_days() -> None:
    ruling = ruled()
    assert "R-SLA-1" in fired(ruling)
    assert due(ruling)["decision_15d"] == "2026-12-10T23:59:59+08:00"


def test_pleas_are_answered_in_fifteen_days() -> None:
    ruling = ruled(reading(nature="help"))
    assert "R-SLA-4" in fired(ruling)
    assert due(ruling)["answer_15d"] == "2026-12-10T23:59:59+08:00"
    assert "decision_15d" not in due(ruling)


def test_a_reason_extends_to_thirty_days_an_approval_to_sixty() -> None:
    thirty = ruled(history=History(extension=Extension(30, "涉及三家机构")))
    assert "R-SLA-2" in fired(thirty)
    assert due(thirty)["decision_30d"] == "2026-12-25T23:59:59+08:00"
    assert "decision_15d" not in due(thirty)
    approved = Extension(60, "特别复杂", "批2026-7", "省分行", LATER)
    sixty = ruled(history=History(extension=approved))
    assert "R-SLA-3" in fired(sixty)
    assert due(sixty)["decision_60d"] == "2027-01-24T23:59:59+08:00"


@pytest.mark.parametrize(
    "given",
    [
        (30, " "),
        (45, "复杂"),
        (60, "特别复杂"),
        (60, "特别复杂", "批2026-7", "省分行", None),
        (60, "特别复杂", None, "省分行", LATER),
    ],
)
def test_an_extension_without_what_it_needs_is_refused(given) -> None:
    with pytest.raises(InvalidInput):
        Extension(*given)


def test_account_control_is_answered_in_fifteen_days_with_its_reason() -> None:
    ruling = ruled(reading("account_control"))
    assert {"R-AML-1", "R-AML-3"} <= fired(ruling)
    assert due(ruling)["control_reply_15d"] == "2026-12-10T23:59:59+08:00"
    assert due(ruling)["control_notice"] == "2026-11-26T23:59:59+08:00"
    assert "livelihood_24h" not in due(ruling)


def test_a_blocked_livelihood_has_twenty_four_hours() -> None:
    ruling = ruled(reading("account_control", None, "livelihood"), received_at=LATE)
    assert "R-AML-2" in fired(ruling)
    duty = next(d for d in ruling.duties if d.code == "livelihood_24h")
    assert duty.due_at is not None
    assert duty.due_at.isoformat() == "2026-11-29T23:30:00+08:00"
    assert duty.target


def test_credit_disputes_are_marked_and_answered_in_twenty_days() -> None:
    ruling = ruled(reading("credit_report"))
    assert {"R-CRD-1", "R-CRD-2", "R-CRD-3"} <= fired(ruling)
    assert due(ruling)["credit_mark"] == "2026-11-26T12:00:00+08:00"
    assert due(ruling)["credit_reply_20d"] == "2026-12-15T23:59:59+08:00"
    assert "credit_repair_check" in due(ruling)


@pytest.mark.parametrize(
    ("subline", "rule"),
    [
        ("unauthorized_transaction", "R-FRD-1"),
        ("loan_fraud", "R-FRD-2"),
        ("scam_transfer", "R-FRD-2"),
    ],
)
def test_evidence_of_fraud_is_held_within_an_hour(subline: str, rule: str) -> None:
    ruling = ruled(reading("fraud", subline))
    assert rule in fired(ruling)
    assert due(ruling)["evidence_hold"] == "2026-11-25T13:00:00+08:00"
    assert "stop_payment" in ruling.flags
    assert ("R-FRD-3" in fired(ruling)) == (subline == "loan_fraud")


def test_collection_is_checked_and_suspended() -> None:
    ruling = ruled(reading("loan_collection", "credit_card"))
    assert "R-COL-1" in fired(ruling)
    (duty,) = (d for d in ruling.duties if d.code == "collection_check")
    assert duty.mark == "V2"
    assert any("22:00" in item for item in duty.checklist)
    assert any("6次" in item for item in duty.checklist)
    assert "suspend_collection" in ruling.flags


def test_a_plan_agreed_ends_collection() -> None:
    ruling = ruled(reading("loan_collection", "credit_card"), History(plan_agreed=True))
    assert "R-COL-2" in fired(ruling)
    assert "collection_must_stop" in ruling.flags


def test_plans_and_charges_have_their_checks() -> None:
    assert "R-NEG-1" in fired(ruled(reading("card_repayment")))
    assert {"R-FEE-1", "R-FEE-2"} <= fired(ruled(reading("fee_dispute")))


def test_the_complained_of_stands_aside() -> None:
    sent = History(complained_employee="E-1", sent_to="outlet", sent_reason="须核对凭证")
    ruling = ruled(history=sent)
    assert "R-REC-1" in fired(ruling)
    assert "recusal" in ruling.flags
    assert ruling.owner.level == "sub_branch"


def test_an_agent_shows_an_authorisation_and_loses_no_rank() -> None:
    ruling = ruled(history=History(agent=True, template=True))
    assert {"R-AGT-1", "R-AGT-2"} <= fired(ruling)
    assert {"agent_check", "template"} <= set(ruling.flags)
    assert set(due(ruled())) < set(due(ruling))


@pytest.mark.parametrize(
    ("read", "context"),
    [
        (reading("fee_dispute", None, "vulnerable"), {}),
        (reading(), {"customer_segment": "elderly"}),
    ],
)
def test_the_vulnerable_are_cared_for_and_owed_no_less(read, context) -> None:
    ruling = ruled(read, **context)
    assert "R-VULN-1" in fired(ruling)
    assert "care_route" in ruling.flags
    assert "decision_15d" in due(ruling)


def test_a_withdrawal_ends_it_the_same_day() -> None:
    ruling = ruled(reading("credit_report"), History(withdrawn_at=LATER))
    assert "R-WD-1" in fired(ruling)
    assert due(ruling) == {"close_withdrawn": "2026-12-01T23:59:59+08:00"}


def test_a_withdrawal_does_not_end_care_for_life() -> None:
    ruling = ruled(reading("other", None, "self_harm"), History(withdrawn_at=LATER))
    assert "human_now" in due(ruling)
