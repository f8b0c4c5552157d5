"""The desk in a real browser: keys, the next ticket, accessibility, hostile texts.

Skipped, and said so, where there is no Chromium or no Playwright to drive it.
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from desk_fakes import hostile
from service_fakes import FakeEngine, make_keys

from service.access.keys import Role
from service.app import create_app
from service.settings import Settings

CHROMIUM = shutil.which("chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright drives a browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium"),
]
AXE = Path(__file__).parent / "data" / "axe" / "axe.min.js"
TICKETS = 14
IMPACTS = ("minor", "moderate", "serious", "critical")
OWNED = "window.owned = () => { window.ran = true; }; window.alert = window.owned;"


class Desk:
    """A desk at an address of this machine."""

    def __init__(self, url: str, keys: dict[Role, str], home: Path) -> None:
        self.url = url
        self.keys = keys
        self.home = home

    def take(self, ticket_id: str, text: str, **context: Any) -> None:
        headers = {"Authorization": f"Bearer {self.keys[Role.INTAKE]}"}
        body = {"ticket_id": ticket_id, "text": text, "channel": "phone", **context}
        answer = httpx.post(f"{self.url}/v1/complaints", json=body, headers=headers, timeout=60)
        assert answer.status_code == 201, answer.text


@contextmanager
def running_desk(home: Path, engine: Any = None, **options: Any) -> Iterator[Desk]:
    """Run a desk at an address of this machine."""
    settings = Settings(home=home, watch=False, **options)
    keys = make_keys(settings)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(
        create_app(settings, engine or FakeEngine()), host="127.0.0.1", port=port, log_level="error"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield Desk(f"http://127.0.0.1:{port}", keys, home)
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running_desk(tmp_path_factory.mktemp("home")) as found:
        for number in range(TICKETS):
            text = f"信用卡年费我已经投诉三次了，我叫张伟，电话13812345678，第{number}次"
            found.take(f"T-{number}", text, customer_key="c-1", product="信用卡", amount_cny=50_000)
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        # Not closed by itself, which can wait for ever: it ends with its driver.
        yield driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def tab(browser: Any, running: Desk) -> Iterator[Any]:
    """A page in which a reviewer is signed in; faults of scripts fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda told: faults.append(told.text) if _is_fault(told) else None)
    sign_in(page, running)
    yield page
    # Contexts end with their browser: to close one on its way to another page can wait for ever.
    with suppress(playwright.Error):
        page.goto("about:blank")
    assert faults == []


def _is_fault(told: Any) -> bool:
    # That an address answered 404 or 409 is told too; some tests ask for that.
    return told.type == "error" and not told.text.startswith("Failed to load resource")


def sign_in(page: Any, running: Desk, role: Role = Role.REVIEWER) -> None:
    page.goto(f"{running.url}/desk/sign-in")
    page.fill("#key", running.keys[role])
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/queue")


def waiting(page: Any, running: Desk) -> int:
    headers = {"Authorization": f"Bearer {running.keys[Role.REVIEWER]}"}
    found = httpx.get(
        f"{running.url}/v1/review/queue?limit=200", headers=headers, timeout=60
    ).json()
    return len(found["items"])


def shown(page: Any) -> str:
    return page.get_attribute("#ticket", "data-id")  # type: ignore[no-any-return]


def arrive(page: Any, before: str) -> str:
    page.wait_for_function(
        "before => document.querySelector('#ticket')?.dataset.id !== before", arg=before
    )
    return shown(page)


def serious(page: Any) -> list[str]:
    """What axe finds that keeps people out."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in IMPACTS
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_serious(tab: Any, running: Desk, language: str) -> None:
    for path in ("queue", "queue?band=low", "tickets/T-13", "tickets/NONE", "guide", "end", "mine"):
        mark = "&" if "?" in path else "?"
        tab.goto(f"{running.url}/desk/{path}{mark}lang={language}", wait_until="networkidle")
        for opened in ("#corrections", "details"):
            tab.evaluate(
                "which => document.querySelectorAll(which).forEach(one => one.open = true)", opened
            )
        assert serious(tab) == [], path
    tab.keyboard.press("?")
    assert serious(tab) == []


def test_axe_finds_nothing_serious_where_one_signs_in(browser: Any, running: Desk) -> None:
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(f"{running.url}/desk/sign-in")
        assert serious(page) == []


def test_ten_verdicts_take_eleven_keys(tab: Any, running: Desk) -> None:
    keys = 0

    def press(key: str) -> None:
        nonlocal keys
        keys += 1
        tab.keyboard.press(key)

    before = waiting(tab, running)
    press("Enter")
    tab.wait_for_url("**/desk/tickets/**")
    here = shown(tab)
    for number in range(10):
        tab.wait_for_load_state("networkidle")
        press("c")
        here = arrive(tab, here)
        tab.wait_for_function(
            "done => document.querySelector('#today').dataset.count >= done", arg=number + 1
        )
    assert keys == 11
    assert waiting(tab, running) == before - 10
    # The last one back, by key too.
    tab.keyboard.press("u")
    tab.wait_for_url("**/desk/tickets/**")
    tab.wait_for_load_state("networkidle")
    assert waiting(tab, running) == before - 9


def test_a_signal_is_chosen_by_selecting_words(tab: Any, running: Desk) -> None:
    running.take("S-1", "😀年费已经投诉三次，我要找媒体曝光")
    tab.goto(f"{running.url}/desk/tickets/S-1")
    tab.evaluate(
        """() => {
          const last = [...document.querySelectorAll('#narrative [data-start]')].pop().firstChild;
          const at = last.data.indexOf('媒体');
          document.getSelection().setBaseAndExtent(last, at, last, at + 4);
          document.dispatchEvent(new MouseEvent('mouseup'));
        }"""
    )
    tab.wait_for_function("document.querySelector('#corrections').open")
    start, end = (int(tab.input_value(f"#new-{name}")) for name in ("start", "end"))
    text = tab.text_content("#narrative")
    assert text[start:end] == "媒体曝光"


def test_rows_are_walked_by_keys_and_the_text_can_be_hidden(tab: Any) -> None:
    tab.keyboard.press("j")
    first = tab.evaluate("document.activeElement.id")
    tab.keyboard.press("j")
    tab.keyboard.press("k")
    assert first.startswith("row-")
    assert tab.evaluate("document.activeElement.id") == first
    tab.keyboard.press("b")
    assert "blur" in tab.evaluate("getComputedStyle(document.querySelector('.words')).filter")


def test_a_verdict_that_is_not_saved_is_told(tab: Any, running: Desk) -> None:
    running.take("L-1", "年费投诉三次，路上断线")
    running.take("L-2", "年费投诉三次，路上断线")
    tab.goto(f"{running.url}/desk/tickets/L-1", wait_until="networkidle")
    tab.fill("#note", "已致电客户")
    tab.keyboard.press("Escape")
    tab.route(
        "**/verdict",
        lambda route: route.fulfill(
            status=409,
            content_type="application/json",
            body='{"error": {"code": "x", "message": "taken", "cure": "", "request_id": ""}}',
        ),
    )
    tab.keyboard.press("c")
    tab.wait_for_selector("#notices .bad")
    tab.unroute("**/verdict")
    tab.click("#notices [data-link]")
    tab.wait_for_url("**/L-1**")
    assert tab.input_value("#note") == "已致电客户"


def test_who_leaves_a_ticket_gives_it_up(tab: Any, running: Desk) -> None:
    running.take("C-1", "年费投诉三次")
    tab.goto(f"{running.url}/desk/tickets/C-1", wait_until="networkidle")
    mine = f"{running.url}/desk/queue?claimed=mine&sort=oldest"
    row = "[id='row-C-1']"
    other = tab.context.new_page()
    other.goto(mine)
    assert other.query_selector(row)
    tab.click("nav a[href='/desk/guide']")
    tab.wait_for_url("**/desk/guide")
    for _ in range(300):
        other.goto(mine)
        if not other.query_selector(row):
            break
        other.wait_for_timeout(100)
    assert not other.query_selector(row)


def test_hostile_texts_are_not_run(tab: Any, running: Desk) -> None:
    tab.add_init_script(OWNED)
    for number, text in enumerate(hostile()):
        names = {"unit": text[:200], "product": text[:200], "customer_key": "h"}
        running.take(f"H-{number}", f"年费{text}", **names)
    for path in ("queue?sort=oldest", *(f"tickets/H-{n}" for n in range(0, len(hostile()), 6))):
        tab.goto(f"{running.url}/desk/{path}")
        tab.wait_for_load_state("networkidle")
        assert tab.evaluate("window.ran") is None, path
