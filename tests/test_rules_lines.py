"""Rules of the shipped file by example: what the lines owe, who takes part, and the end."""

from __future__ import annotations

from datetime import datetime

import pytest
from rules_fakes import due, fired, reading, ruled

from triage.rules.facts import History

LATE = datetime.fromisoformat("2026-11-28T23:30:00+08:00")  # a Saturday
LATER = datetime.fromisoformat("2026-12-01T09:00:00+08:00")


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
