"""The hands of a reviewer in a real browser: keys of one's own, pauses, the slider, drafts."""

from __future__ import annotations

from typing import Any

import pytest
from test_desk_browser import CHROMIUM, Desk, browser, running, tab

__all__ = ["browser", "running", "tab"]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium")


def test_a_key_of_ones_own_does_the_act_and_the_usual_one_does_not(tab: Any, running: Desk) -> None:
    tab.goto(f"{running.url}/desk/mine")
    tab.fill("[name='key-b']", "z")
    tab.click("button.primary")
    tab.wait_for_url("**saved**")
    tab.goto(f"{running.url}/desk/queue")
    tab.keyboard.press("b")
    assert "veiled" not in (tab.get_attribute("body", "class") or "")
    tab.keyboard.press("z")
    assert tab.get_attribute("body", "class") == "veiled"
    tab.keyboard.press("z")
    tab.goto(f"{running.url}/desk/mine")
    tab.click("button[name='usual']")
    tab.wait_for_url("**saved**")


def test_a_pause_holds_from_page_to_page(tab: Any, running: Desk) -> None:
    tab.click("button[data-key='b']")
    tab.goto(f"{running.url}/desk/tickets/T-1")
    assert tab.get_attribute("body", "class") == "veiled"
    assert "blur" in tab.evaluate("getComputedStyle(document.querySelector('.narrative')).filter")
    assert tab.is_visible(".hidden-note")
    assert tab.get_attribute("button[data-key='b']", "aria-pressed") == "true"
    tab.keyboard.press("b")
    assert not tab.is_visible(".hidden-note")


def test_nobody_there_is_a_pause(tab: Any, running: Desk) -> None:
    tab.clock.install()
    tab.goto(f"{running.url}/desk/tickets/T-1")
    tab.clock.fast_forward("09:00")
    assert not tab.get_attribute("body", "class")
    tab.clock.fast_forward("02:00")
    assert tab.get_attribute("body", "class") == "veiled"


def test_the_slider_tells_while_it_moves(tab: Any, running: Desk) -> None:
    curve = "[[0, 0, 0, 0], [0.1, 0.4, 0.3, 0.5], [1, 1, 1, 1]]"
    tab.evaluate(
        """curve => {
          const slider = document.createElement('input');
          Object.assign(slider, {type: 'range', id: 'top', min: 1, max: 100, value: 100});
          Object.assign(slider.dataset, {curve, day: 100});
          const told = document.createElement('output');
          told.id = 'caught';
          told.dataset.text = '{top} of {most} ({share}): {value} ({low}-{high})';
          document.querySelector('#main').append(slider, told);
        }""",
        curve,
    )
    for value, said in ((10, "10%): 40% (30%-50%)"), (5, "5.0%): 20% (15%-25%)"), (100, "100%")):
        tab.evaluate(
            """value => {
              const slider = document.querySelector('#top');
              slider.value = value;
              slider.dispatchEvent(new Event('input', {bubbles: true}));
            }""",
            value,
        )
        told = tab.text_content("#caught")
        assert told.startswith(f"{value} of 100")
        assert said in told
