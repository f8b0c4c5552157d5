"""The ledger listed, filtered and exported, and a customer erased."""

from __future__ import annotations

import csv
import io
import json

import pytest
from ledger_fakes import FEE, Book, book, database_url
from service_fakes import error

from jiesu import main
from service.access.keys import Role
from service.ledger_schemas import LedgerOut, RulesOut
from service.store import audit, raw
from service.store.deletion import TOMBSTONE

__all__ = ["book", "database_url"]


def idents(book: Book, query: str = "") -> list[str]:
    body = book.get(f"/v1/complaints{query}")
    LedgerOut.model_validate(body, strict=True)
    return [item["id"] for item in body["items"]]


def fill(book: Book, count: int, **context: object) -> None:
    for number in range(count):
        book.take(f"T-{number}", **context)
        book.clock.go(minutes=1)


def test_pages_do_not_move_while_tickets_come_in(book: Book) -> None:
    fill(book, 7)
    seen, cursor = [], ""
    while True:
        body = book.get(f"/v1/complaints?limit=3{cursor}")
        seen += [item["id"] for item in body["items"]]
        if body["next_cursor"] is None:
            break
        cursor = f"&cursor={body['next_cursor']}"
        book.take(f"NEW-{len(seen)}")
    assert seen == [f"T-{number}" for number in reversed(range(7))]


def test_every_filter_chooses(book: Book) -> None:
    book.take("T-1", channel="phone", unit="小寨支行")
    book.take("T-2", text="天气", channel="app", received_at="2026-10-20T10:00:00+08:00")
    book.record("assignment", "T-2", assignee="E-1")
    owner = book.show("T-1")["owner"]
    for query, found in {
        "line=fee_dispute": ["T-1"],
        "band=high": ["T-1", "T-2"],
        "band=low": [],
        "unit=小寨支行": ["T-1"],
        "channel=app": ["T-2"],
        f"owner={owner['unit']}": ["T-1", "T-2"],
        f"owner_level={owner['level']}": ["T-1", "T-2"],
        "owner_level=outlet": [],
        "state=in_progress": ["T-2"],
        "received_from=2026-11-21T00:00:00%2B08:00": ["T-1"],
        "received_to=2026-11-21T00:00:00Z": ["T-2"],
        "overdue=true": ["T-2"],
        "overdue=true&line=fee_dispute": [],
    }.items():
        assert idents(book, f"?{query}") == found, query


def test_a_bad_question_is_refused(book: Book) -> None:
    for query in (
        *("cursor=x", "limit=0", "limit=201", "state=gone", "channel=pigeon", "lines=a"),
        *("received_from=yesterday", "received_to=2026-11-21T00:00:00", f"line={'x' * 201}"),
        "received_from=0001-01-01T00:00:00%2B23:00",
    ):
        error(book.client.get(f"/v1/complaints?{query}"), 422, "invalid_input")


def test_the_export_holds_every_ticket_and_runs_nothing(book: Book) -> None:
    fill(book, 3, unit="=HYPERLINK(1)")
    book.take("T-9", text='@SUM(A1)，年费\n第二行，“引号”"x"')
    answer = book.client.get("/v1/complaints/export", Role.SCIENTIST)
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [row["id"] for row in rows] == ["T-9", "T-2", "T-1", "T-0"]
    by_id = {row["id"]: row for row in rows}
    assert by_id["T-9"]["masked_text"] == '\'@SUM(A1)，年费\n第二行，“引号”"x"'
    assert by_id["T-1"]["unit"] == "'=HYPERLINK(1)"
    chosen = book.client.get("/v1/complaints/export?format=jsonl&unit==HYPERLINK(1)", Role.ADMIN)
    lines = [json.loads(line) for line in chosen.text.splitlines()]
    assert {line["id"] for line in lines} == {"T-0", "T-1", "T-2"}
    assert lines[0]["masked_text"] == FEE
    noted = book.parts.database.ask(audit.entries)
    assert [one.what for one in noted][:2] == ["ledger.exported"] * 2
    error(book.client.get("/v1/complaints/export", Role.INTAKE), 403, "forbidden")


def test_the_rules_of_a_ticket_are_told(book: Book) -> None:
    book.take(visited_branch=False)
    book.record("employee", employee="STAFF-2")
    body = book.get("/v1/complaints/T-1/rules")
    RulesOut.model_validate(body, strict=True)
    fired = {rule["rule"]: rule for rule in body["fired"]}
    assert fired["R-OUT-3"]["facts"]["visited_branch"] is False
    assert fired["R-OUT-3"]["effect"]["bar"] == "not_visited"
    assert fired["R-SLA-1"]["basis"].startswith("《")
    assert fired["R-REC-1"]["facts"] == {"complained_employee": True}
    assert "STAFF-2" not in str(body)
    error(book.client.get("/v1/complaints/T-9/rules"), 404, "unknown_ticket")


def test_a_customer_is_erased_and_stays_erased(book: Book) -> None:
    book.take("T-1", customer_key="c-1")
    book.record("message", "T-1", text="我的年费还没有退")
    book.take("T-2", customer_key="c-2")
    for role in (Role.INTAKE, Role.REVIEWER, Role.SCIENTIST):
        answer = book.post("/v1/customers/erase", {"customer_key": "c-1"}, role)
        error(answer, 403, "forbidden")
    erased = book.post("/v1/customers/erase", {"customer_key": "c-1"}, Role.ADMIN)
    assert erased.json() == {"tickets": 1, "ticket_ids": ["T-1"]}
    shown = book.client.get("/v1/complaints/T-1")
    assert (shown.status_code, shown.json()["masked_text"]) == (200, f"{TOMBSTONE}\n{TOMBSTONE}")
    assert shown.json()["erased_at"]
    assert "年费" not in shown.text.replace("年费用", "")
    assert "退给我" in book.show("T-2")["masked_text"]
    error(book.event("note", note="x"), 409, "ticket_erased")
    error(book.send(customer_key="c-1"), 409, "ticket_conflict")
    assert book.take("T-3", customer_key="c-1")["repeat_of"] == []
    assert book.client.get("/v1/complaints/T-1/rules").status_code == 200
    whats = [one.what for one in book.parts.database.ask(audit.entries)]
    assert "customer.erased" in whats
    none = book.post("/v1/customers/erase", {"customer_key": "nobody"}, Role.ADMIN)
    assert none.json() == {"tickets": 0, "ticket_ids": []}


@pytest.mark.parametrize("body", [{}, {"customer_key": ""}, {"customer_key": 1}, {"key": "c"}, []])
def test_an_erasure_of_the_wrong_form_is_refused(book: Book, body: object) -> None:
    error(book.post("/v1/customers/erase", body, Role.ADMIN), 422, "invalid_input")


def test_narratives_are_kept_as_submitted_only_where_that_is_wanted(book: Book) -> None:
    book.take(text="我叫张三，年费")
    noted = book.parts.database.ask(raw.accesses)
    assert noted == []
    assert book.parts.ledger.intake.raw_days == 0


def test_the_command_line_tells_the_rules_of_a_ticket(
    book: Book, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    book.take(visited_branch=False)
    book.record("difficult", reason="跨行")
    settings = book.parts.settings
    monkeypatch.setenv("JIESU_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("JIESU_HOME", str(settings.home))
    assert main(["rules", "explain", "--ticket", "T-1"]) == 0
    told = capsys.readouterr().out
    assert "R-OUT-3" in told
    assert "R-ESC-1D" in told
    assert main(["rules", "explain", "--ticket", "T-9"]) == 2
    assert main(["rules", "explain", "--ticket", "T-1", "--text", "x"]) == 2
