"""The text of an alert says what its state is, in every format, and tells what was picked."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from ledger_fakes import MONDAY, Book, book, database_url
from test_alerts_api import PERIOD, flared

from service.access.keys import Role
from service.alerts.acts import draft_of
from service.alerts.files import markdown
from service.alerts.reading import Reader
from service.alerts.rows import said_of
from service.store import alerts
from service.store.deletion import TOMBSTONE
from service.store.records_governance import AlertState, NewAlert
from triage.surge.tickets import Said
from triage.surge.wording import sentences

__all__ = ["book", "database_url", "flared"]
WARNED = ("须经人工核实", "草稿", "建议典型", "由系统按最居中", "本期没有典型案例")


def drafted(book: Book) -> str:
    answer = book.post("/v1/alerts/drafts", PERIOD, Role.REVIEWER)
    assert answer.status_code == 201, answer.text
    return f"/v1/alerts/drafts/{answer.json()['id']}"


def text_of(book: Book, path: str, form: str) -> str:
    content = book.client.get(f"{path}/file?format={form}", Role.REVIEWER).content
    if form != "docx":
        return str(content.decode())
    pytest.importorskip("docx")
    with ZipFile(BytesIO(content)) as packed:
        return re.sub("<[^>]+>", "", packed.read("word/document.xml").decode())


@pytest.mark.parametrize("form", ["md", "html", "docx"])
def test_a_draft_warns_and_an_approved_one_says_who_approved_it_and_tells_its_cases(
    flared: Book, form: str
) -> None:
    path = drafted(flared)
    before = text_of(flared, path, form)
    assert all(told in before for told in WARNED[:4])
    assert "审批，准予发布" not in before
    assert flared.post(f"{path}/approve", {"typical": ["B1", "M"]}, Role.ADMIN).status_code == 200
    assert flared.post(f"{path}/distribute", {"recipients": ["甲"]}, Role.ADMIN).status_code == 200
    after = text_of(flared, path, form)
    assert not any(told in after for told in WARNED)
    assert "2026年11月23日" in after.partition("审批，准予发布")[0]
    cases = after.rpartition("以下案例经审批确定")[2]
    words = {ident: flared.show(ident)["masked_text"] for ident in ("B1", "M")}
    assert all(words[ident][:40] in cases for ident in words)
    assert flared.show("B2")["masked_text"][:40] not in cases


def test_one_that_is_approved_without_cases_says_so(flared: Book) -> None:
    path = drafted(flared)
    flared.post(f"{path}/approve", {"typical": []}, Role.ADMIN)
    told = flared.get(path)
    assert "草稿" not in told["title"]
    assert told["sections"][-1]["text"] == ["审批时未确定典型案例。"]
    assert told["sections"][0]["heading"] == "签发"
    listed = flared.get("/v1/alerts/drafts")["items"]
    assert [each["title"] for each in listed] == [told["title"]]


def test_a_dismissed_one_says_that_it_is_none(flared: Book) -> None:
    draft = {
        "title": "风险提示（草稿）甲",
        "quotes": [],
        "sections": [
            {
                "heading": "说明", "level": 2, "points": [], "rows": [],
                "text": ["本文由系统起草，须经人工核实、审批后方可发布。预期数另说。"],
            }
        ],
    }  # fmt: skip
    found: dict[str, Any] = {"surges": [], "major": [], "typical": []}
    new = NewAlert("2026-11-01", "2026-11-30", draft["title"], found, draft)  # type: ignore[arg-type]
    database = flared.parts.database
    state = AlertState.PROPOSED
    ident = database.change(lambda s: alerts.add(s, new, who="k", now=MONDAY, state=state))
    assert "须经人工" in markdown(draft_of(database.ask(lambda s: alerts.get(s, ident))))
    database.change(lambda s: alerts.dismiss(s, ident))
    text = markdown(draft_of(database.ask(lambda s: alerts.get(s, ident))))
    assert "判定不属实" in text
    assert "须经人工" not in text
    assert "预期数另说" in text


def test_the_words_of_a_case_and_of_a_major_ticket_go_with_their_customer(flared: Book) -> None:
    flared.take("G", "存款取不出来，这是我的原话一二三四", channel="media", customer_key="c-G")
    path = drafted(flared)
    assert "我的原话一二三四" in text_of(flared, path, "md")
    flared.post(f"{path}/approve", {"typical": ["B1", "G"]}, Role.ADMIN)
    assert text_of(flared, path, "md").count("我的原话一二三四") == 2
    kept = flared.show("B1")["masked_text"][:40]
    gone = {"customer_key": "c-G"}
    assert flared.post("/v1/customers/erase", gone, Role.ADMIN).status_code == 200
    sections = flared.get(path)["sections"]
    assert "我的原话一二三四" not in str(sections)
    cases = dict(sections[-1]["points"])
    assert cases["G"] == TOMBSTONE
    assert kept in cases["B1"]


def test_signals_of_the_ledger_are_read_with_their_words(flared: Book) -> None:
    text = "前面的话。我投诉过年费的事。"
    flared.take("V", text)
    ticket = Reader(flared.parts.database).read(MONDAY.date(), MONDAY.date())["V"]
    assert ticket.signals == ("repeat",)
    assert ticket.said == (Said("repeat", text.index("年费"), "年费"),)
    assert sentences(ticket.text, ticket.said) == ("…我投诉过年费的事。",)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("media;group", []),
        (None, []),
        ([{"code": "media", "start": 3, "end": 5, "text": "抖音"}], ["抖音"]),
        ([{"code": "media", "start": 0, "end": 1}], [""]),
        (["x", {"code": 3, "start": 0, "text": "x"}, {"code": "media"}], []),
    ],
)
def test_signals_told_as_codes_have_no_words(given: Any, words: list[str]) -> None:
    assert [each.words for each in said_of(given)] == words
