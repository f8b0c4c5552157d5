"""What happens to a ticket later: owner, duties, state, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_fakes import FEE, MONDAY, Book, book, database_url, duties
from service_fakes import error

from service.access.keys import Role
from service.event_schemas import KINDS, OF_INTAKE
from service.ledger.history import CHANGING

__all__ = ["book", "database_url"]

VISITED = {"visited_branch": True, "outlet_touchpoint": True}
APPROVED = {
    "approval_id": "A-1",
    "approved_by": "E-9",
    "notified_at": "2026-11-23T09:00:00+08:00",
}
EVENTS: dict[str, dict[str, Any]] = {
    "contact": {"two_way": True, "channel": "phone"},
    "message": {"text": "还是没有人联系我"},
    "transfer": {"to_level": "branch_department", "to_unit": "信用卡部", "reason": "专业"},
    "sent_down": {"to_level": "sub_branch", "to_unit": "小寨支行", "reason": "需当面核实"},
    "assignment": {"assignee": "E-1"},
    "mediation": {"act": "offered"},
    "extension": {"days": 30, "reason": "向第三方核实"},
    "withdrawal": {},
    "conversion": {},
    "plan_agreed": {"months": 60},
    "employee": {"employee": "STAFF-2"},
    "difficult": {"reason": "跨行"},
    "agent": {"present": True},
    "duty": {"code": "decision_15d", "act": "waived", "reason": "误立"},
    "outcome": {"status": "replied", "measures": ["apology"], "satisfaction": 4},
    "note": {"note": "已转告"},
    "reopened": {"reason": "客户不接受"},
}


def test_every_kind_is_tried_here() -> None:
    kinds = {kind.model_fields["kind"].annotation.__args__[0] for kind in KINDS}  # type: ignore[union-attr]
    assert kinds == set(EVENTS)
    assert kinds >= CHANGING
    assert kinds >= OF_INTAKE


@pytest.mark.parametrize("kind", EVENTS)
def test_every_kind_is_recorded_and_shown(book: Book, kind: str) -> None:
    book.take(**VISITED)
    if kind == "reopened":
        book.record("withdrawal")
    answer = book.event(kind, **EVENTS[kind])
    assert answer.status_code == 201, answer.text
    told = book.show()["events"][-1]
    assert (told["kind"], told["id"], told["at"]) == (
        kind,
        answer.json()["event_id"],
        MONDAY.isoformat(),
    )
    given = {"text": None, **EVENTS[kind]}
    assert {**told["data"], "text": told["text"]}.items() >= given.items()


def test_a_conversation_meets_the_contact_and_takes_the_ticket(book: Book) -> None:
    assert duties(book.take(channel="regulator_guided"))["contact_same_day"] == "open"
    after = book.record("contact", two_way=True, channel="phone")
    assert (after["state"], duties(after)["contact_same_day"]) == ("in_progress", "met")
    met = next(duty for duty in after["duties"] if duty["code"] == "contact_same_day")
    assert met["met_at"] == MONDAY.isoformat()
    assert after["next_action"] != "contact_same_day"


def test_three_tries_and_a_message_are_an_attempt_and_not_a_contact(book: Book) -> None:
    book.take(channel="regulator_formal")
    for channel in ("phone", "message", "phone"):
        after = book.record("contact", two_way=False, channel=channel)
        assert duties(after)["contact_same_day"] == "open"  # all in one minute: one try
    for _ in range(2):
        book.clock.go(hours=1)
        after = book.record("contact", two_way=False, channel="phone")
    assert duties(after)["contact_same_day"] == "attempted"
    after = book.record("contact", two_way=True, channel="phone")
    assert duties(after)["contact_same_day"] == "met"


def test_a_contact_cannot_be_ticked_off(book: Book) -> None:
    book.take()
    error(book.event("duty", code="contact", act="met", reason="x"), 409, "event_refused")
    error(book.event("duty", code="nothing", act="met", reason="x"), 409, "event_refused")
    after = book.record("duty", code="fee_terms_check", act="met", reason="已核对")
    assert duties(after)["fee_terms_check"] == "met"


def test_a_transfer_moves_the_ticket_and_three_freeze_it(book: Book) -> None:
    book.take()
    moved = book.record("transfer", to_level="head_office", to_unit="总行信用卡中心", reason="权限")
    assert (moved["owner"]["level"], moved["owner"]["unit"]) == ("head_office", "总行信用卡中心")
    # A lower level than the rules ask for is not taken.
    moved = book.record("transfer", to_level="branch_department", to_unit="信用卡部", reason="退回")
    assert moved["owner"]["level"] == "disposal_office"
    moved = book.record("transfer", to_level="head_office", to_unit="总行信用卡中心", reason="再转")
    assert {"transfer_alarm", "transfer_freeze"} <= set(moved["flags"])
    assert duties(moved)["transfer_decision"] == "open"
    again = {"to_level": "head_office", "to_unit": "另一部", "reason": "再转"}
    error(book.event("transfer", **again), 409, "event_refused")
    assert book.event("transfer", **again, approved_by="E-9").status_code == 201


def test_transfers_before_intake_count(book: Book) -> None:
    book.take(transfers=2)
    moved = book.record("transfer", **EVENTS["transfer"])
    assert "transfer_freeze" in moved["flags"]


def test_a_barred_ticket_is_never_sent_down(book: Book) -> None:
    book.take()
    for level in ("outlet", "sub_branch"):
        down = {"to_level": level, "to_unit": "小寨", "reason": "r"}
        error(book.event("sent_down", **down), 409, "event_refused")
    assert book.show()["events"] == []
    book.take("T-2", text="大堂经理态度差，年费", **VISITED)
    after = book.record("sent_down", "T-2", to_level="outlet", to_unit="小寨", reason="当面道歉")
    assert after["owner"]["barred_from_outlet"] is False


def test_whoever_is_complained_of_does_not_work_on_the_ticket(book: Book) -> None:
    book.take()
    assert "recusal" in book.record("employee", employee="STAFF-2")["flags"]
    error(book.event("assignment", assignee="STAFF-2"), 409, "event_refused")
    book.record("assignment", assignee="STAFF-3")
    assert book.show()["assignee"] == "STAFF-3"
    hidden = book.client.get("/v1/complaints/T-1", Role.SCIENTIST).text
    assert "STAFF-2" not in hidden
    assert "STAFF-3" not in hidden


def test_mediation_is_offered_and_stops_when_it_is_refused(book: Book) -> None:
    assert "mediation_offer" in book.take()["flags"]
    assert duties(book.record("mediation", act="offered"))["mediation_offer"] == "met"
    refused = book.record("mediation", act="refused")
    assert "mediation_stopped" in refused["flags"]
    agreed = book.record("mediation", act="agreed")
    due = {d["code"]: d["due_at"] for d in agreed["duties"]}["judicial_confirmation"]
    assert due == "2026-12-23T23:59:59+08:00"
    assert duties(book.record("mediation", act="confirmed"))["judicial_confirmation"] == "met"


def test_an_extension_replaces_the_decision_and_needs_its_approval(book: Book) -> None:
    book.take()
    after = book.record("extension", days=30, reason="核实")
    assert (duties(after)["decision_15d"], duties(after)["decision_30d"]) == ("waived", "open")
    error(book.event("extension", days=60, reason="核实"), 422, "invalid_input")
    error(book.event("extension", days=45, reason="核实"), 422, "invalid_input")
    after = book.record("extension", days=60, reason="核实", **APPROVED)
    assert duties(after)["decision_60d"] == "open"


def test_a_withdrawal_ends_the_ticket_and_its_duties(book: Book) -> None:
    book.take()
    after = book.record("withdrawal")
    assert (after["state"], after["next_action"]) == ("withdrawn", "close_withdrawn")
    assert after["next_due"] == "2026-11-23T23:59:59+08:00"
    assert {duties(after)[code] for code in ("contact", "decision_15d")} == {"waived"}
    for kind in ("assignment", "transfer", "extension", "withdrawal"):
        error(book.event(kind, **EVENTS[kind]), 409, "event_refused")
    assert book.record("outcome", status="closed")["state"] == "withdrawn"
    assert book.record("reopened", reason="客户反悔")["state"] == "in_progress"
    assert "withdrawn" not in book.show()["flags"]


def test_a_guided_ticket_becomes_formal(book: Book) -> None:
    book.take(channel="regulator_guided")
    after = book.record("conversion")
    assert "converted" in after["flags"]
    assert duties(after)["conversion_review"] == "open"
    assert duties(book.record("outcome", status="closed"))["conversion_review"] == "open"


def test_a_reply_decides_and_only_a_person_closes(book: Book) -> None:
    book.take()
    replied = book.record("outcome", status="replied", resolved=True)
    assert (replied["state"], duties(replied)["decision_15d"]) == ("replied", "met")
    book.clock.go(days=20)
    closed = book.record("outcome", status="closed", accepted=True)
    assert closed["state"] == "closed"
    assert closed["next_action"] is None
    assert "open" not in duties(closed).values()
    assert duties(closed)["fee_terms_check"] == "missed"
    escalated = {"code": "E1", "on": "2026-12-20"}
    assert book.record("outcome", escalated=escalated)["state"] == "closed"


def test_a_customer_who_writes_again_is_read(book: Book) -> None:
    book.take()
    book.record("outcome", status="replied")
    assert book.record("message", text="我不同意")["state"] == "in_progress"
    book.record("outcome", status="closed")
    after = book.record("message", text="怎么就关了")
    assert (after["state"], after["next_action"]) == ("closed", "read_message")
    assert book.record("reopened", reason="客户来信")["next_action"] != "read_message"


def test_a_message_is_assessed_with_the_complaint(book: Book) -> None:
    first = book.take(text="天气不好，办事排队")
    assert first["abstained"]
    after = book.record("message", text="其实是年费，我的手机13800001234")
    assert after["line"] == "fee_dispute"
    assert "human_reading" in duties(after)  # what was owed before is not forgotten
    text = after["masked_text"]
    assert text.startswith("天气不好")
    assert "13800001234" not in text
    assert all(text[s["start"] : s["end"]] == s["text"] for s in after["evidence"])
    shown = book.show()
    assert (shown["assessments"], shown["masked_text"]) == (2, text)
    assert book.get("/v1/complaints?line=fee_dispute")["items"][0]["id"] == "T-1"
    # A note is nothing that a customer said.
    book.record("note", note="客户情绪激动")
    assert book.show()["assessments"] == 2


def test_an_event_with_a_key_is_recorded_once(book: Book) -> None:
    book.take()
    first = book.event("message", text="催办", key="m-1")
    again = book.event("message", text="催办", key="m-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    error(book.event("message", text="另一句", key="m-1"), 409, "event_conflict")
    book.record("message", text="催办")
    assert len(book.show()["events"]) == 2


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"kind": "绝密"},
        {"kind": "contact"},
        {"kind": "contact", "two_way": "yes", "channel": "phone"},
        {"kind": "contact", "two_way": True, "channel": "phone", "绝密": 1},
        {"kind": "message", "text": ""},
        {"kind": "message", "text": "绝密\ud800"},
        {"kind": "assignment", "assignee": "张三"},
        {"kind": "transfer", "to_level": "outlet", "to_unit": "u", "reason": "r"},
        {"kind": "transfer", "to_level": "head_office", "to_unit": "u", "reason": "绝密" * 2000},
        {"kind": "outcome", "escalated": {"code": "E1", "on": "2026-13-01"}},
        {"kind": "note", "note": "x", "at": "2026-11-23T09:30:00"},
        {"kind": "note", "note": "x", "at": "2026-11-24T09:30:00+08:00"},
        {"kind": "note", "note": "x", "at": "0001-01-01T00:00:00+23:00"},
    ],
)
def test_an_event_of_the_wrong_form_is_refused_without_repeating_it(
    book: Book, event: dict[str, Any]
) -> None:
    import json

    book.take()
    headers = book.client.bearer(Role.REVIEWER)
    answer = book.client.web.post(
        "/v1/complaints/T-1/events", content=json.dumps(event).encode(), headers=headers
    )
    error(answer, 422, "invalid_input")
    if "绝密" not in event:  # the name of a field is told
        assert "绝密" not in answer.text
    error(book.event("message", text="卡" * 20_001), 413, "narrative_too_long")


@pytest.mark.parametrize("role", list(Role))
def test_who_may_record_what(book: Book, role: Role) -> None:
    book.take(**VISITED)
    allowed = {Role.ADMIN: set(EVENTS), Role.REVIEWER: set(EVENTS), Role.INTAKE: set(OF_INTAKE)}
    for kind, data in EVENTS.items():
        status = book.event(kind, role=role, **data).status_code
        assert (status == 403) == (kind not in allowed.get(role, set())), kind


def test_nothing_is_recorded_of_an_unknown_ticket(book: Book) -> None:
    for kind in ("note", "message"):
        error(book.event(kind, "T-9", **EVENTS[kind]), 404, "unknown_ticket")


def test_a_band_that_rises_is_told_with_the_assessment(book: Book) -> None:
    hooked = {"url": "https://bank.example/hook", "kinds": ["assessment", "band_raised"]}
    assert book.post("/v1/webhooks", hooked, Role.ADMIN).status_code == 201
    book.take(text="年费天气")
    book.client.engine.band = "low"  # type: ignore[union-attr]
    book.take("T-2", text="天气年费啊")
    book.client.engine.band = "high"  # type: ignore[union-attr]
    book.record("message", "T-2", text="我要去投诉")
    told = book.get("/v1/webhooks/deliveries?state=pending", Role.ADMIN)
    kinds = sorted((one["kind"], one["ticket_id"]) for one in told["deliveries"])
    assert kinds == [
        ("assessment", "T-1"),
        ("assessment", "T-2"),
        ("assessment", "T-2"),
        ("band_raised", "T-2"),
    ]
    assert FEE[:4] not in str(told)
