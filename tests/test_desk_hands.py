"""The hands of a reviewer in a real browser: keys of one's own, pauses, the slider, drafts."""

from __future__ import annotations

from typing import Any

import pytest
from test_desk_browser import CHROMIUM, Desk, arrive, browser, running, tab

from service.access.keys import Role

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


def test_a_session_that_ends_loses_no_note_and_no_correction(tab: Any, running: Desk) -> None:
    for name in ("N-1", "N-2"):
        running.take(name, "年费投诉三次，还没写完")
    tab.goto(f"{running.url}/desk/tickets/N-1", wait_until="networkidle")
    tab.fill("#note", "已致电客户")
    tab.keyboard.press("Escape")
    tab.keyboard.press("e")
    tab.select_option("[name='leaf']", "fraud.loan_fraud")
    tab.check("[name='secondary'][value='card_repayment']")
    tab.context.clear_cookies()
    tab.click("#corrections button[value='correct']")
    tab.wait_for_selector("#notices .bad")
    assert "会话已结束" in tab.text_content("#notices")
    tab.click("#notices [data-link]")
    tab.wait_for_url("**/desk/sign-in?next=**")
    tab.fill("#key", running.keys[Role.REVIEWER])
    tab.press("#key", "Enter")
    tab.wait_for_url("**/desk/tickets/N-1**")
    assert tab.input_value("#note") == "已致电客户"
    assert tab.input_value("[name='leaf']") == "fraud.loan_fraud"
    assert tab.is_checked("[name='secondary'][value='card_repayment']")
    tab.click("#corrections button[value='correct']")
    arrive(tab, "N-1")
    tab.goto(f"{running.url}/desk/tickets/N-1", wait_until="networkidle")
    assert tab.input_value("#note") == ""


def test_a_line_that_drops_loses_nothing(tab: Any, running: Desk) -> None:
    for name in ("D-1", "D-2"):
        running.take(name, "年费投诉三次，断网")
    tab.goto(f"{running.url}/desk/tickets/D-1", wait_until="networkidle")
    tab.fill("#note", "断网前写的")
    tab.keyboard.press("Escape")
    tab.context.set_offline(True)
    tab.keyboard.press("c")
    tab.wait_for_selector("#notices .bad")
    assert "网络已断开" in tab.text_content("#notices")
    tab.context.set_offline(False)
    tab.click("#notices [data-link]")
    tab.wait_for_url("**/D-1**")
    assert tab.input_value("#note") == "断网前写的"
