"""The model page's part on drift in a real browser: accessibility, keys, hostile phrases."""

from __future__ import annotations

from typing import Any

from desk_fakes import hostile
from drift_fakes import keep, phrase
from test_desk_browser import OWNED, Desk, browser, pytestmark, running, serious, sign_in, tab

from service.access.keys import Role

__all__ = ["browser", "pytestmark", "running", "tab"]


def test_axe_finds_nothing_where_an_alarm_rang_and_a_phrase_is_decided_by_keys(
    tab: Any, running: Desk
) -> None:
    tab.context.clear_cookies()
    sign_in(tab, running, Role.ADMIN)
    tab.add_init_script(OWNED)
    texts = ["云护通", *hostile()[:3]]
    keep(running.home, phrases=[phrase(text) for text in texts])
    for language, width in (("zh", 1280), ("en", 820)):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.goto(f"{running.url}/desk/model?lang={language}", wait_until="networkidle")
        assert serious(tab) == [], language
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not tab.evaluate(wide), language
    tab.focus("form[action='/desk/model/phrases'] button")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/desk/model#h-phrases")
    assert tab.query_selector("a[href='/desk/model/terms.txt']")
    assert serious(tab) == []
    assert tab.evaluate("window.ran") is None
