"""Every page and every verdict in a real browser, on the ledger that `jiesu demo` loads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import httpx
import pytest
from service_fakes import FakeEngine
from test_desk_alerts import alert_of
from test_desk_browser import Desk, browser, pytestmark, running_desk, serious, sign_in

from service.access.keys import Role
from service.ledger.bulk import Loader
from service.settings import Settings
from service.store import complaints, verdicts
from service.store.opening import open_database
from service.store.privacy import privacy_of, vault_of
from service.store.records_review import VerdictRecord
from training.simulated_tickets import tickets_until
from triage.records import Assessment, Escalation, Reason, Signal
from triage.rules.calendar import local
from triage.taxonomy import Taxonomy

__all__ = ["browser", "pytestmark"]

TICKETS = 300
# Each address of the desk that shows a page; {} is filled in below.
PAGES = (
    *("queue", "queue?band=low&line=fraud", "queue?top=1&sort=risk", "tickets/{ticket}"),
    *("tickets/NONE", "guide", "end", "mine", "agreement", "model"),
    *("ledger", "ledger?view=line", "ledger?view=owner_unit", "ledger?line=fraud&channel=media"),
    *("ledger/imports", "board", "board?days=365", "alerts", "alerts/{alert}", "items"),
    *("items/new", "report"),
)
EMPTY = ("queue", "end", "ledger", "ledger?view=unit", "ledger/imports", "board", "model")


class Varied(FakeEngine):
    """Says something else of each text: every line and signal, all bands, and nothing of some."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__()
        self.taxonomy = taxonomy

    def _one(self, text: str) -> Assessment:
        chance = crc32(text.encode())
        if chance % 8 == 0:
            return super()._one(text)
        leaf = self.taxonomy.leaves[chance % len(self.taxonomy.leaves)]
        line, _, subline = leaf.partition(".")
        signal = self.taxonomy.signals[chance % len(self.taxonomy.signals)]
        reasons = (Reason(text[:3], 0.9, 0, 3), Reason("已投诉三次", -0.4, kind="history"))
        return replace(
            super()._one(text),
            line=line,
            subline=subline or None,
            abstained=False,
            abstain_reason=None,
            secondary=("card_service",) if line != "card_service" else (),
            signals=(Signal(signal.code, 1, 4, text[1:4]),),
            escalation=Escalation(
                (chance % 90) / 100, ("low", "medium", "high")[chance % 3], reasons
            ),
            evidence=(Reason(text[2:6], 1.7, 2, 6),),
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy) -> Iterator[Desk]:
    home, engine = tmp_path_factory.mktemp("demo"), Varied(taxonomy)
    settings = Settings(home=home)
    with closing(open_database(settings)) as database:
        loader = Loader(database, engine, privacy_of(settings), vault_of(settings))
        loader.load(list(tickets_until(local(datetime.now(UTC)), TICKETS)))
        database.change(lambda session: alert_of(session, "年费"))
    with running_desk(home, engine) as found:
        yield found


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running_desk(tmp_path_factory.mktemp("empty")) as found:
        yield found


@pytest.fixture
def reader(browser: Any, running: Desk) -> Iterator[Any]:
    """A page in which an administrator is signed in, who may do all."""
    with closing(browser.new_context(viewport={"width": 1280, "height": 900})) as context:
        page = context.new_page()
        sign_in(page, running, Role.ADMIN)
        yield page


def waiting(running: Desk) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {running.keys[Role.ADMIN]}"}
    url = f"{running.url}/v1/review/queue?limit=200"
    found: list[dict[str, Any]] = httpx.get(url, headers=headers, timeout=60).json()["items"]
    return found


def given(running: Desk, ticket: str) -> list[VerdictRecord]:
    """Give the verdicts of a ticket that were not taken back."""
    with closing(open_database(Settings(home=running.home))) as database:
        found = database.ask(lambda s: verdicts.of(s, complaints.get(s, ticket).id))
    return [one for one in found if one.undone_at is None]


# ---- pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_on_any_page(reader: Any, running: Desk, language: str) -> None:
    ticket = waiting(running)[0]["id"]
    for path in PAGES:
        mark = "&" if "?" in path else "?"
        named = path.format(ticket=ticket, alert=1)
        reader.goto(f"{running.url}/desk/{named}{mark}lang={language}", wait_until="networkidle")
        reader.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert reader.query_selector("h1"), path
        assert serious(reader) == [], path


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_on_pages_that_are_empty(
    browser: Any, empty: Desk, language: str
) -> None:
    with closing(browser.new_context()) as context:
        page = context.new_page()
        sign_in(page, empty, Role.ADMIN)
        for path in (*EMPTY, "agreement", "mine", "alerts", "items", "report"):
            mark = "&" if "?" in path else "?"
            page.goto(f"{empty.url}/desk/{path}{mark}lang={language}", wait_until="networkidle")
            assert serious(page) == [], path


def test_a_ticket_is_printed_without_what_is_for_the_screen(reader: Any, running: Desk) -> None:
    ticket = waiting(running)[0]["id"]
    for language in ("zh", "en"):
        reader.goto(f"{running.url}/desk/tickets/{ticket}?lang={language}")
        reader.emulate_media(media="print")
        assert reader.is_visible("#narrative")
        assert not reader.is_visible(".acts")
        assert not reader.is_visible(".top nav")
        assert serious(reader) == []
        reader.emulate_media(media="screen")


# ---- verdicts --------------------------------------------------------------------------------


def press(page: Any, running: Desk, ticket: str, key: str) -> None:
    """Open a ticket, and say something of it by a key."""
    page.goto(f"{running.url}/desk/tickets/{ticket}", wait_until="networkidle")
    with page.expect_response("**/verdict") as answer:
        page.keyboard.press(key)
    assert answer.value.status == 200


def back(page: Any, ticket: str) -> None:
    with page.expect_response("**/undo"):
        page.keyboard.press("u")
    page.wait_for_url(f"**/desk/tickets/{ticket}**")


@pytest.mark.parametrize(
    ("key", "kind", "corrections"),
    [
        ("c", "confirm", {}),
        ("h", "correct", {"risk": "too_high"}),
        ("l", "correct", {"risk": "too_low"}),
        ("x", "not_complaint", {"nature": "other"}),
        ("2", "unsure", {}),
    ],
)
def test_each_verdict_is_one_key_and_can_be_taken_back(
    reader: Any, running: Desk, key: str, kind: str, corrections: dict[str, Any]
) -> None:
    ticket = next(one["id"] for one in waiting(running) if one["line"])
    press(reader, running, ticket, key)
    (verdict,) = given(running, ticket)
    assert (verdict.kind, dict(verdict.corrections)) == (kind, corrections)
    back(reader, ticket)
    assert given(running, ticket) == []


def test_all_that_can_be_corrected_is_corrected_on_one_form(reader: Any, running: Desk) -> None:
    ticket = next(one["id"] for one in waiting(running) if one["line"] not in (None, "fraud"))
    reader.goto(f"{running.url}/desk/tickets/{ticket}", wait_until="networkidle")
    reader.keyboard.press("e")
    reader.select_option("[name=leaf]", "fraud.loan_fraud")
    reader.select_option("[name=nature]", "inquiry")
    reader.select_option("[name=risk]", "too_low")
    for box in reader.query_selector_all("[name=signal], [name=secondary]"):
        box.set_checked(False)
    reader.check("[name=secondary][value=loan_collection]")
    reader.select_option("#new-code", "repeat")
    reader.fill("#new-start", "0")
    reader.fill("#new-end", "2")
    reader.check("[name=second]")
    reader.fill("#note", "客户张伟13812345678要求复核")
    with reader.expect_response("**/verdict"):
        reader.click("button[value=correct]")
    (verdict,) = given(running, ticket)
    told = dict(verdict.corrections)
    assert (told["line"], told["subline"], told["risk"]) == ("fraud", "loan_fraud", "too_low")
    assert (told["nature"], told["secondary"]) == ("inquiry", ["loan_collection"])
    assert [(one["code"], one["start"], one["end"]) for one in told["signals"]] == [
        ("repeat", 0, 2)
    ]
    assert verdict.second
    assert verdict.note is not None
    assert "13812345678" not in verdict.note
    back(reader, ticket)


def test_a_ticket_is_passed_over_by_key(reader: Any, running: Desk) -> None:
    reader.goto(f"{running.url}/desk/queue", wait_until="networkidle")
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/desk/tickets/**")
    first = reader.get_attribute("#ticket", "data-id")
    reader.wait_for_load_state("networkidle")
    reader.keyboard.press("s")
    reader.wait_for_function(
        "before => document.querySelector('#ticket')?.dataset.id !== before", arg=first
    )
    assert given(running, first) == []


def test_two_readers_who_differ_are_settled_by_a_third(
    browser: Any, reader: Any, running: Desk
) -> None:
    ticket = next(one["id"] for one in waiting(running) if one["line"] not in (None, "fraud"))
    place = f"{running.url}/desk/tickets/{ticket}"
    reader.goto(place, wait_until="networkidle")
    reader.keyboard.press("e")
    reader.select_option("[name=leaf]", "fraud.loan_fraud")
    reader.check("[name=second]")
    reader.fill("#note", "第一位的意见")
    with reader.expect_response("**/verdict") as answer:
        reader.click("button[value=correct]")
    assert answer.value.status == 200
    with closing(browser.new_context()) as context:
        second = context.new_page()
        sign_in(second, running, Role.REVIEWER)
        second.goto(place, wait_until="networkidle")
        assert "第一位的意见" not in second.content()
        for language in ("en", "zh"):
            second.goto(f"{place}?lang={language}", wait_until="networkidle")
            assert serious(second) == []
        press(second, running, ticket, "x")
    for language in ("en", "zh"):
        reader.goto(f"{place}?lang={language}", wait_until="networkidle")
        assert reader.query_selector(".verdict .notice.bad li")
        assert serious(reader) == []
        reader.goto(f"{running.url}/desk/queue?state=split&lang={language}")
        assert reader.query_selector(f"[id='row-{ticket}']")
        assert serious(reader) == []
        reader.goto(f"{running.url}/desk/agreement?lang={language}")
        assert serious(reader) == []
    press(reader, running, ticket, "c")
    assert len(given(running, ticket)) == 3
    assert all(one["id"] != ticket for one in waiting(running))
