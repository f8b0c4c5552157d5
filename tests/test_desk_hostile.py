"""Two hundred hostile narratives, names and notes in a real browser: none of them is run."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from desk_fakes import two_hundred
from test_desk_browser import CHROMIUM, Desk, browser, running, sign_in

from service.access.keys import Role
from service.desk.room import _read

__all__ = ["browser", "running"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium"),
]

# Whatever a text would run ends in one of these; each call is counted across pages.
HOOK = """
(() => {
  const count = () => sessionStorage.setItem("ran", Number(sessionStorage.getItem("ran")) + 1);
  for (const name of ["owned", "alert", "confirm", "prompt"]) window[name] = count;
})();
"""
NOTES_ON = "X-0"


def fill(running: Desk, texts: list[str]) -> None:
    """A ticket for each text, and all of them as notes on one ticket."""
    bodies = [
        {
            "ticket_id": f"X-{number}",
            "text": f"年费{text}",
            "channel": "phone",
            "customer_key": f"x{text}"[:200],
            **dict.fromkeys(("unit", "product", "customer_segment"), text[:200]),
        }
        for number, text in enumerate(texts)
    ]
    intake = {"Authorization": f"Bearer {running.keys[Role.INTAKE]}"}
    reviewer = {"Authorization": f"Bearer {running.keys[Role.REVIEWER]}"}
    with httpx.Client(base_url=running.url, timeout=120) as web:
        taken = web.post("/v1/complaints/batch", json={"complaints": bodies}, headers=intake)
        assert [one["status"] for one in taken.json()["results"]] == [201] * len(texts), taken.text
        for text in texts:
            note = {"kind": "note", "note": text}
            path = f"/v1/complaints/{NOTES_ON}/events"
            assert web.post(path, json=note, headers=reviewer).status_code < 300


def test_two_hundred_hostile_texts_are_shown_and_not_run(
    browser: Any, running: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = two_hundred()
    assert len(set(texts)) == 200
    fill(running, texts)
    whole = _read.__wrapped__
    wide = lambda folder: (  # noqa: E731
        whole(folder)[0].model_copy(update={"page": 200}),
        whole(folder)[1],
    )
    monkeypatch.setattr("service.desk.room._read", wide)
    context = browser.new_context()
    context.add_init_script(HOOK)
    page = context.new_page()
    sign_in(page, running)
    # That the hook counts is seen, not believed.
    page.evaluate(
        "document.body.append(Object.assign(new Image(), {onerror: owned, src: 'data:,'}))"
    )
    page.wait_for_function("sessionStorage.getItem('ran') === '1'")
    page.evaluate("sessionStorage.clear()")
    page.fill("#view-name", texts[0][:40])
    page.press("#view-name", "Enter")
    page.wait_for_load_state("networkidle")
    shown: set[str] = set()
    for path in ("queue?sort=oldest", f"tickets/{NOTES_ON}", "tickets/X-77", "guide"):
        page.goto(f"{running.url}/desk/{path}", wait_until="networkidle")
        shown |= rows_of(page)
        assert page.evaluate("sessionStorage.getItem('ran')") is None, path
        if path.endswith(NOTES_ON):
            assert page.locator(".timeline q").count() >= len(texts)
    # The browser's other tickets are shown too, so the last ones stand on a second page.
    page.goto(f"{running.url}/desk/queue?sort=oldest")
    page.locator(".pages a").last.click()
    page.wait_for_load_state("networkidle")
    shown |= rows_of(page)
    assert {f"row-X-{number}" for number in range(len(texts))} <= shown
    assert page.evaluate("sessionStorage.getItem('ran')") is None
    context.close()


def rows_of(page: Any) -> set[str]:
    return set(page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.id)"))
