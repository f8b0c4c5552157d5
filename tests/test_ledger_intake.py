"""Tickets taken into the ledger: once each, assessed, compared with earlier ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from ledger_fakes import FEE, MONDAY, Book, book, database_url, duties, opened
from service_fakes import error

from service.access.keys import Role
from service.ledger_schemas import ComplaintDetail, ComplaintOut
from service.schemas import ContextIn
from triage.wire import CONTEXT_FIELDS

__all__ = ["book", "database_url"]

OTHER = "手机银行一直登录不了，换了手机以后验证码收不到，打客服排队半小时没有人接，请尽快处理好"


def test_a_ticket_is_stored_assessed_and_judged(book: Book) -> None:
    body = book.take(channel="phone", unit="小寨支行", visited_branch=False)
    ComplaintOut.model_validate(body, strict=True)
    assert (body["id"], body["line"], body["state"]) == ("T-1", "fee_dispute", "open")
    assert body["owner"]["barred_from_outlet"] is True
    assert body["owner"]["level"] == "branch_department"
    assert duties(body)["decision_15d"] == "open"
    assert all(duty["due_at"] for duty in body["duties"])
    first = min(body["duties"], key=lambda duty: duty["due_at"])
    assert body["next_due"] == first["due_at"]
    assert body["next_action"] in {
        d["code"] for d in body["duties"] if d["due_at"] == first["due_at"]
    }
    shown = book.show()
    ComplaintDetail.model_validate(shown, strict=True)
    assert {name: shown[name] for name in body} == body
    assert (shown["context"]["unit"], shown["assessments"], shown["events"]) == ("小寨支行", 1, [])


def test_offsets_point_into_the_masked_text(book: Book) -> None:
    body = book.take(text="我叫张三，手机13800001234，请退年费")
    assert "13800001234" not in body["masked_text"]
    spans = body["signals"] + body["evidence"]
    assert spans
    for span in spans:
        assert body["masked_text"][span["start"] : span["end"]] == span["text"]


def test_without_a_time_a_ticket_is_received_when_it_arrives(book: Book) -> None:
    assert book.take()["received_at"] == MONDAY.isoformat()
    early = book.take("T-2", received_at="2026-11-20T23:30:00+00:00")
    assert datetime.fromisoformat(early["received_at"]).isoformat() == "2026-11-21T07:30:00+08:00"


def test_the_same_ticket_again_is_answered_with_what_is_stored(book: Book) -> None:
    given = {"customer_key": "c-1", "amount_cny": 12}
    first = book.take(**given)
    book.clock.go(hours=1)
    again = book.send(**given)
    assert (again.status_code, again.json()) == (200, first)
    # Another order of the fields, and one that is empty, make no other body.
    turned = {
        "amount_cny": 12,
        "customer_key": "c-1",
        "text": FEE,
        "ticket_id": "T-1",
        "unit": None,
    }
    assert book.post("/v1/complaints", turned).status_code == 200
    assert book.show()["assessments"] == 1


def test_another_body_with_the_same_identifier_is_refused(book: Book) -> None:
    book.take()
    for change in ({"text": FEE + "！"}, {"channel": "phone"}, {"customer_key": "c"}):
        facts = error(
            book.post("/v1/complaints", {"ticket_id": "T-1", "text": FEE, **change}),
            409,
            "ticket_conflict",
        )
        assert "年费" not in facts["message"]
    assert book.show()["masked_text"] == FEE


def test_many_callers_with_one_ticket_store_it_once(book: Book) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: book.send(), range(24)))
    assert sorted(a.status_code for a in answers) == [200] * 23 + [201]
    assert len({a.text.replace(" ", "") for a in answers if a.status_code == 200}) == 1
    assert len(book.get("/v1/complaints")["items"]) == 1


def test_a_ticket_that_breaks_the_engine_does_not_take_its_neighbours_along(book: Book) -> None:
    texts = [FEE, "这里坏掉了", FEE, "天气"] * 3
    with ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(book.send, f"T-{i}", text) for i, text in enumerate(texts)]
        statuses = [answer.result().status_code for answer in sent]
    assert statuses == [500 if "坏掉" in text else 201 for text in texts]
    assert len(book.get("/v1/complaints")["items"]) == 9


def test_each_ticket_of_a_batch_has_its_own_status(book: Book) -> None:
    book.take("T-0")
    rows = [
        {"ticket_id": "T-1", "text": FEE},
        {"ticket_id": "T-1", "text": FEE},
        {"ticket_id": "T-1", "text": OTHER},
        {"ticket_id": "T-0", "text": FEE},
        {"ticket_id": "T-2"},
        {"ticket_id": "T-3", "text": "卡" * 20_001},
        {"ticket_id": "T-4", "text": "天气", "received_at": "yesterday"},
        "年费",
        {"ticket_id": "T-5", "text": "天气"},
    ]
    answer = book.post("/v1/complaints/batch", {"complaints": rows})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [r["status"] for r in results] == [201, 200, 409, 200, 422, 413, 422, 422, 201]
    assert [r["ticket_id"] for r in results][:4] == ["T-1", "T-1", "T-1", "T-0"]
    assert results[2]["error"]["code"] == "ticket_conflict"
    assert "complaints[4]" in results[4]["error"]["message"]
    assert results[1]["complaint"] == results[0]["complaint"]
    assert "卡卡" not in answer.text
    again = book.post("/v1/complaints/batch", {"complaints": rows[:1] + rows[8:]})
    assert [r["status"] for r in again.json()["results"]] == [200, 200]


def test_a_batch_has_limits(book: Book) -> None:
    assert book.post("/v1/complaints/batch", {"complaints": []}).json() == {"results": []}
    row = {"ticket_id": "T", "text": "a"}
    error(
        book.post("/v1/complaints/batch", {"complaints": [row] * 1001}), 413, "too_many_narratives"
    )
    for bad in ([], {"complaints": {}}, {"complaints": [], "more": 1}, {"ticket_id": "T"}):
        error(book.post("/v1/complaints/batch", bad), 422, "invalid_input")


@pytest.mark.parametrize(
    "row",
    [
        {"text": FEE},
        {"ticket_id": "T-1"},
        {"ticket_id": "", "text": FEE},
        {"ticket_id": "a b", "text": FEE},
        {"ticket_id": "a/b", "text": FEE},
        {"ticket_id": "export", "text": FEE},
        {"ticket_id": "x" * 101, "text": FEE},
        {"ticket_id": "T-1", "text": FEE, "id": "T-1"},
        {"ticket_id": "T-1", "text": FEE, "customer_key": 7},
        {"ticket_id": "T-1", "text": FEE, "received_at": "0001-01-01T00:00:00+23:00"},
        {"ticket_id": "T-1", "text": FEE, "channel": "pigeon"},
    ],
)
def test_a_ticket_of_the_wrong_form_is_refused(book: Book, row: dict[str, object]) -> None:
    error(book.post("/v1/complaints", row), 422, "invalid_input")


@pytest.mark.parametrize("at", ["0001-01-02T00:00:00Z", "9999-12-31T00:00:00Z"])
def test_the_ends_of_time_are_taken(book: Book, at: str) -> None:
    book.take(received_at=at, customer_key="c")
    assert book.get("/v1/complaints")["items"][0]["id"] == "T-1"


def test_every_context_field_may_be_sent() -> None:
    assert {*ContextIn.model_fields, "ticket_id"} == set(CONTEXT_FIELDS)


def test_the_third_ticket_of_a_matter_in_fifteen_days_is_frequent(book: Book) -> None:
    told = []
    for number in range(1, 5):
        told.append(book.take(f"T-{number}", customer_key="c-1"))
        book.clock.go(days=6 if number < 3 else 20)
    assert [t["repeat_of"] for t in told] == [[], ["T-1"], ["T-2", "T-1"], ["T-3", "T-2", "T-1"]]
    flags = [set(t["flags"]) & {"frequent", "frequent_soon"} for t in told]
    assert flags == [set(), {"frequent_soon"}, {"frequent"}, set()]
    assert {"escalated", "repeat"} <= set(told[1]["flags"])
    links = {(r["ticket_id"], r["which"]) for r in book.show("T-2")["repeats"]}
    assert links == {("T-1", "earlier"), ("T-3", "later"), ("T-4", "later")}


def test_after_ninety_days_a_matter_is_a_new_one(book: Book) -> None:
    book.take("T-1", customer_key="c-1")
    book.clock.go(days=91)
    assert book.take("T-2", customer_key="c-1")["repeat_of"] == []


def test_what_the_intake_knows_of_repeats_is_not_forgotten(book: Book) -> None:
    book.take("T-1", text="天气", customer_key="c-1", visited_branch=True, outlet_touchpoint=True)
    body = book.take("T-2", text="天气怎么样", customer_key="c-9", prior_complaints_90d=3)
    assert "repeat" in body["flags"]


def test_another_matter_or_another_customer_repeats_nothing(book: Book) -> None:
    book.take("T-1", customer_key="c-1")
    assert book.take("T-2", text=OTHER, customer_key="c-1")["repeat_of"] == []
    assert book.take("T-3", customer_key="c-2")["repeat_of"] == []
    assert book.take("T-4")["repeat_of"] == []


def test_the_same_words_of_other_customers_are_flagged_for_people_and_lower_nothing(
    book: Book,
) -> None:
    alone = book.take("T-1", customer_key="c-1")
    second = book.take("T-2", customer_key="c-2")
    assert "template" not in alone["flags"]
    assert "template" in second["flags"]
    assert second["escalation"]["band"] == alone["escalation"]["band"]
    assert set(duties(second)) >= set(duties(alone))
    assert second["owner"]["level"] == alone["owner"]["level"]
    assert [r["kind"] for r in book.show("T-1")["repeats"]] == ["template"]


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.INTAKE, 201), (Role.ADMIN, 201), (Role.REVIEWER, 403), (Role.SCIENTIST, 403)],
)
def test_who_may_take_tickets_in(book: Book, role: Role, status: int) -> None:
    assert (
        book.post("/v1/complaints", {"ticket_id": "T-1", "text": FEE}, role).status_code == status
    )
    batch = {"complaints": [{"ticket_id": "T-2", "text": FEE}]}
    allowed = 200 if status == 201 else 403
    assert book.post("/v1/complaints/batch", batch, role).status_code == allowed
    error(book.client.web.post("/v1/complaints", json={}), 401, "not_authenticated")


def test_everybody_reads_and_scientists_see_nobody(book: Book) -> None:
    book.take(customer_key="c-1")
    for role in Role:
        shown = book.show(role=role)
        assert ("customer_ref" in shown) == (role is not Role.SCIENTIST)
    assert "c-1" not in book.client.get("/v1/complaints/T-1").text
    error(book.client.get("/v1/complaints/T-9"), 404, "unknown_ticket")
    error(book.client.get("/v1/complaints/a%20b"), 422, "invalid_input")


def test_short_and_long_ways_store_the_same(database_url: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with opened(home, database_url, inline_bytes_max=0) as aside:
        long_way = aside.take("T-1", channel="phone")
    with opened(home, database_url, inline_bytes_max=10_000) as inline:
        assert inline.take("T-2", channel="phone") == {**long_way, "id": "T-2"}


def test_tickets_are_counted(book: Book) -> None:
    book.take()
    book.send()
    book.send(text=OTHER)
    figures = book.client.get("/metrics").text
    for outcome in ("new", "stored", "conflict"):
        assert f'jiesu_tickets_total{{outcome="{outcome}"}} 1.0' in figures
    assert 'jiesu_narratives_total{band="high"} 1.0' in figures
