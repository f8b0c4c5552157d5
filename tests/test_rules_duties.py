"""Rules of the shipped file by example: raising the level, mediation, decisions."""

from __future__ import annotations

from datetime import datetime

import pytest
from rules_fakes import due, fired, reading, ruled

from triage.errors import InvalidInput
from triage.rules.facts import Extension, History

LATER = datetime.fromisoformat("2026-12-01T09:00:00+08:00")


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
