"""`/v1/alerts`: found in the ledger, approved, sent, read."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from ledger_fakes import MONDAY, Book, book, database_url
from service_fakes import error
from sqlalchemy import text

from service.access.keys import Role
from service.alerts.finding import Finder
from service.alerts.reading import Reader
from service.store import audit, seen
from service.store.deletion import TOMBSTONE

__all__ = ["book", "database_url"]
PERIOD = {"from": "2026-11-01", "to": "2026-11-23"}
QUIET, BURST = 60, 12


def _words_of(rng: random.Random, size: int = 60) -> str:
    return "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(size))


@pytest.fixture
def flared(book: Book) -> Book:
    """Three tickets a day for sixty days, each in its own words; then twelve of one kind."""
    rng = random.Random(3)
    made = [
        _ticket(f"Q{number}-{each}", _words_of(rng), MONDAY - timedelta(days=QUIET - number))
        for number in range(QUIET)
        for each in range(rng.choice((2, 3, 4)))
    ]
    made += [
        _ticket(f"B{each}", f"{_words_of(rng)}年费收错了{_words_of(rng)}", MONDAY, product="信用卡")
        for each in range(BURST)
    ]
    made.append(_ticket("M", _words_of(rng), MONDAY, channel="media"))
    answer = book.post("/v1/complaints/batch", {"complaints": made})
    assert answer.status_code in (200, 207), answer.text
    return book


def _ticket(ident: str, text: str, at: datetime, **fields: Any) -> dict[str, Any]:
    given = {"ticket_id": ident, "text": text, "received_at": at.isoformat()}
    return {"channel": "phone", **given, "customer_key": f"c-{ident}", **fields}


def drafted(book: Book) -> dict[str, Any]:
    answer = book.post("/v1/alerts/drafts", PERIOD, Role.REVIEWER)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def acts(book: Book) -> list[str]:
    noted = book.parts.database.ask(lambda session: audit.entries(session, limit=500))
    return [each.what for each in noted if each.what.startswith("alert")]


def test_what_flares_up_is_told_with_its_tickets_page_by_page(flared: Book) -> None:
    asked = "/v1/alerts?from=2026-11-01&to=2026-11-23"
    told = flared.get(asked)
    kinds = [each["kind"] for each in told["items"]]
    assert kinds.count("major") == 1
    assert kinds[0] == "surge"
    burst = {f"B{each}" for each in range(BURST)}
    surge = next(each for each in told["items"] if burst <= set(each["tickets"]))
    assert surge["count"] > surge["expected"]
    assert next(i for i in told["items"] if i["kind"] == "major")["tickets"] == ["M"]
    paged, after = [], 0
    while after is not None:
        page = flared.get(f"{asked}&limit=1&after={after}")
        paged += page["items"]
        after = page["next_after"]
    assert paged == told["items"]
    assert flared.show("B0")["masked_text"][:20] not in str(told)
    error(flared.client.get(asked, Role.INTAKE), 403, "forbidden")


def test_the_same_is_not_looked_for_twice_until_the_ledger_changes(
    flared: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Any] = []

    read = Reader.read

    def reading(*given: Any) -> Any:
        looked.append(given)
        return read(*given)

    monkeypatch.setattr(Reader, "read", reading)
    finder = Finder(flared.parts.database, flared.parts.settings.data)
    day = MONDAY.date()
    first = finder.find(day, day)
    assert finder.find(day, day) is first
    flared.take("later", "又来了一件")
    assert finder.find(day, day) is not first
    assert len(looked) == 2


def test_what_alerts_do_not_look_at_changes_nothing(flared: Book) -> None:
    finder = Finder(flared.parts.database, flared.parts.settings.data)
    day = MONDAY.date()
    first = finder.find(day, day)
    flared.record("contact", "M", two_way=True, channel="phone")
    assert finder.find(day, day) is first
    assert finder.find(day - timedelta(days=1), day) is not first


def test_rows_that_did_not_change_are_not_read_again(
    flared: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    read = seen.seen

    def seeing(*given: Any, **named: Any) -> Any:
        found = list(read(*given, **named))
        rows.append(len(found))
        return iter(found)

    monkeypatch.setattr(seen, "seen", seeing)
    monkeypatch.setattr("service.alerts.reading._OVERLAP", timedelta(0))
    reader, day = Reader(flared.parts.database), MONDAY.date()
    flared.clock.go(hours=1)
    flared.take("newest", "来了一件")
    first = dict(reader.read(day, day))
    flared.clock.go(hours=1)
    flared.take("later", "又来了一件")
    flared.record("contact", "M", two_way=True, channel="phone")
    again = reader.read(day, day)
    assert rows == [len(first), 3]
    assert again.keys() - first.keys() == {"later"}
    assert all(again[ident] is each for ident, each in first.items())
    fresh = Reader(flared.parts.database).read(day, day)
    assert fresh == again


def test_what_changed_behind_the_clock_is_read_with_all_others(flared: Book) -> None:
    reader, day = Reader(flared.parts.database), MONDAY.date()
    reader.read(day, day)

    def change(session: Any) -> None:
        told = "UPDATE complaints SET line = 'other', version = version + 1, abstained = false"
        old = "updated_at = '2026-01-01 00:00:00'"
        session.execute(text(f"{told}, {old} WHERE ticket_id = 'M'"))

    flared.parts.database.change(change)
    assert reader.read(day, day)["M"].line == "other"
    flared.parts.database.change(
        lambda session: session.execute(
            text("UPDATE complaints SET received_at = '2020-01-01' WHERE ticket_id = 'M'")
        )
    )
    assert "M" not in reader.read(day, day)


def test_an_alert_is_approved_then_sent_then_read(flared: Book) -> None:
    alert = drafted(flared)
    path = f"/v1/alerts/drafts/{alert['id']}"
    assert alert["state"] == "draft"
    early = flared.post(f"{path}/distribute", {"recipients": ["信用卡部"]}, Role.REVIEWER)
    error(early, 409, "wrong_state")
    error(flared.post(f"{path}/approve", {}, Role.SCIENTIST), 403, "forbidden")
    strange = flared.post(f"{path}/approve", {"typical": ["Q1-1"]}, Role.ADMIN)
    error(strange, 409, "wrong_state")
    flared.clock.go(hours=1)
    approved = flared.post(f"{path}/approve", {"typical": ["B1"]}, Role.ADMIN).json()
    assert (approved["state"], approved["typical"]) == ("approved", ["B1"])
    error(flared.post(f"{path}/approve", {}, Role.ADMIN), 409, "wrong_state")
    for names in (["信用卡部", "消保办"], ["消保办", "小寨支行"]):
        flared.clock.go(hours=1)
        sent = flared.post(f"{path}/distribute", {"recipients": names}, Role.REVIEWER).json()
    assert [each["recipient"] for each in sent["receipts"]] == ["信用卡部", "消保办", "小寨支行"]
    assert sent["distributed_at"] == (MONDAY + timedelta(hours=2)).isoformat()
    flared.clock.go(hours=1)
    read = flared.post(f"{path}/receipts", {"recipient": "消保办"}, Role.SCIENTIST).json()
    flared.clock.go(hours=1)
    again = flared.post(f"{path}/receipts", {"recipient": "消保办"}, Role.SCIENTIST).json()
    assert again == read
    marked = {each["recipient"]: each["read_at"] for each in read["receipts"]}
    assert marked == {
        "信用卡部": None, "消保办": (MONDAY + timedelta(hours=4)).isoformat(), "小寨支行": None
    }  # fmt: skip
    nobody = flared.post(f"{path}/receipts", {"recipient": "别处"}, Role.REVIEWER)
    error(nobody, 409, "wrong_state")
    assert acts(flared) == [
        "alert.read", "alert.distributed", "alert.distributed", "alert.approved", "alert.drafted"
    ]  # fmt: skip
    listed = flared.get("/v1/alerts/drafts")
    assert [each["state"] for each in listed["items"]] == ["distributed"]


@pytest.mark.parametrize("form", ["md", "html", "docx"])
def test_an_alert_is_a_file_and_says_who_approved_it(flared: Book, form: str) -> None:
    alert = drafted(flared)
    flared.post(f"/v1/alerts/drafts/{alert['id']}/approve", {}, Role.ADMIN)
    path = f"/v1/alerts/drafts/{alert['id']}/file?format={form}"
    answer = flared.client.get(path, Role.REVIEWER)
    assert answer.status_code == 200
    assert f".{form}" in answer.headers["content-disposition"]
    text = answer.text if form != "docx" else _words(answer.content)
    assert "审批" in text
    assert "草稿" not in text.split("说明")[0]
    assert "B1" in text
    assert acts(flared)[0] == "alert.opened"


def _words(content: bytes) -> str:
    docx = pytest.importorskip("docx")
    return "\n".join(each.text for each in docx.Document(BytesIO(content)).paragraphs)


def test_a_customer_who_is_erased_is_quoted_nowhere(flared: Book) -> None:
    alert = drafted(flared)
    path = f"/v1/alerts/drafts/{alert['id']}"
    quoted = _quotes(flared, path)
    assert any("年费收错" in told for told in quoted)
    for number in range(BURST):
        gone = {"customer_key": f"c-B{number}"}
        assert flared.post("/v1/customers/erase", gone, Role.ADMIN).status_code == 200
    assert set(_quotes(flared, path)) == {TOMBSTONE}


def _quotes(book: Book, path: str) -> list[str]:
    sections = book.get(path)["sections"]
    points = [point for section in sections for point in section["points"]]
    return [told for name, told in points if name.startswith(("客户原话", "B"))]


def test_an_empty_ledger_and_days_that_are_none_are_told(book: Book) -> None:
    assert book.get("/v1/alerts")["items"] == []
    error(book.client.get("/v1/alerts?from=soon", Role.ADMIN), 422, "invalid_input")
    book.take()
    late = "/v1/alerts?from=2026-12-01&to=2026-11-01"
    error(book.client.get(late, Role.ADMIN), 422, "invalid_input")
    bad = book.post("/v1/alerts/drafts", {"from": "2026-02-31"}, Role.ADMIN)
    error(bad, 422, "invalid_input")
    error(book.client.get("/v1/alerts/drafts/7", Role.ADMIN), 404, "unknown_alert")
    error(book.client.get("/v1/alerts/drafts/None", Role.ADMIN), 404, "not_found")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("from=2199-12-01&to=2199-12-31", 200),
        ("to=2199-12-31", 200),
        ("from=1900-01-01&to=1900-12-31", 200),
        ("to=1900-01-01", 200),
        ("from=2026-01-01&to=2026-02-01", 200),
        ("from=1900-01-01", 422),
        ("from=1900-01-01&to=2199-12-31", 422),
        ("from=2199-12-31", 422),
        ("from=0001-01-01&to=0001-01-02", 422),
        ("to=9999-12-31", 422),
    ],
)
def test_extreme_periods_are_refused_or_empty(book: Book, asked: str, status: int) -> None:
    book.take()
    answer = book.client.get(f"/v1/alerts?{asked}", Role.ADMIN)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["items"] == []
    report = book.client.get(f"/v1/reports/governance?{asked}", Role.ADMIN)
    both = asked.count("=") == 2
    assert report.status_code == (status if both else 422), report.text
