"""`/v1/items`: opened for what the ledger has, listed, closed with evidence."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_fakes import Book, book, database_url
from service_fakes import error

from service.access.keys import Role
from service.store import audit
from triage.taxonomy import load_taxonomy

__all__ = ["book", "database_url"]

ITEM = {
    "kind": "rectification", "title": "年费逐户告知", "owner": "信用卡部", "due_on": "2026-12-31",
    "line": "fee_dispute", "effective_on": "2026-12-01", "tickets": ["T-1"],
}  # fmt: skip


def test_an_item_is_closed_once_and_with_evidence(book: Book) -> None:
    book.take()
    made = book.post("/v1/items", ITEM, Role.REVIEWER)
    assert made.status_code == 201, made.text
    item = made.json()
    assert item["state"] == "open"
    assert {name: item[name] for name in ITEM} == ITEM
    path = f"/v1/items/{item['id']}/close"
    error(book.post(path, {"evidence": ""}, Role.REVIEWER), 422, "invalid_input")
    error(book.post(path, {"evidence": "档案2026-118"}, Role.SCIENTIST), 403, "forbidden")
    closed = book.post(path, {"evidence": "档案2026-118"}, Role.ADMIN).json()
    assert (closed["state"], closed["evidence"]) == ("closed", "档案2026-118")
    error(book.post(path, {"evidence": "再来"}, Role.ADMIN), 409, "wrong_state")
    assert book.get(f"/v1/items/{item['id']}") == closed
    noted = book.parts.database.ask(lambda session: audit.entries(session, limit=500))
    told = [each.what for each in noted if each.what.startswith("item")]
    assert told == ["item.closed", "item.opened"]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"kind": "party"}, 422, "invalid_input"),
        ({"due_on": "2026-02-30"}, 422, "invalid_input"),
        ({"line": "unknown"}, 422, "invalid_input"),
        ({"tickets": ["nobody"]}, 404, "unknown_ticket"),
        ({"alert_id": 99}, 404, "unknown_alert"),
        ({"alert_id": 99.0}, 404, "unknown_alert"),
        ({"alert_id": 99.5}, 422, "invalid_input"),
        ({"owner": None}, 422, "invalid_input"),
    ],
)
def test_items_that_lead_nowhere_are_refused(
    book: Book, changed: dict[str, Any], status: int, code: str
) -> None:
    book.take()
    error(book.post("/v1/items", {**ITEM, **changed}, Role.ADMIN), status, code)
    assert book.get("/v1/items")["items"] == []


def test_the_description_names_the_lines_an_item_may_have(book: Book) -> None:
    line = book.get("/openapi.json")["components"]["schemas"]["ItemIn"]["properties"]["line"]
    named, nothing = line["anyOf"]
    assert named == {"type": "string", "enum": list(load_taxonomy().line_codes)}
    assert nothing == {"type": "null"}


def test_items_are_listed_by_kind_and_state(book: Book) -> None:
    book.take()
    for kind in ("rectification", "supervision", "training", "training"):
        book.post("/v1/items", {**ITEM, "kind": kind}, Role.ADMIN)
    book.post("/v1/items/4/close", {"evidence": "签到表"}, Role.ADMIN)
    assert [i["id"] for i in book.get("/v1/items?kind=training")["items"]] == [4, 3]
    assert [i["id"] for i in book.get("/v1/items?kind=training&state=open")["items"]] == [3]
    first = book.get("/v1/items?limit=3")
    assert [i["id"] for i in first["items"]] == [4, 3, 2]
    rest = book.get(f"/v1/items?before={first['next_before']}")
    assert ([i["id"] for i in rest["items"]], rest["next_before"]) == ([1], None)
