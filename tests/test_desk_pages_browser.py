"""The pages ledger, board and model in a real browser: accessibility, charts, keys, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk_fakes import hostile
from test_desk_browser import OWNED, Desk, browser, pytestmark, running, serious, sign_in, tab

from service.access.keys import Role

__all__ = ["browser", "pytestmark", "running", "tab"]

PAGES = (
    *("ledger", "ledger?view=line", "ledger?channel=letter&about=leak", "ledger/imports"),
    *("board", "board?days=7", "model", "alerts", "items", "items/new?ticket=T-1"),
    *("report", "report?from=2026-01-01&to=2026-12-31"),
)


@pytest.fixture
def admin(tab: Any, running: Desk) -> Any:
    """A page in which an administrator is signed in."""
    tab.context.clear_cookies()
    sign_in(tab, running, Role.ADMIN)
    return tab


@pytest.mark.parametrize(("language", "width"), [("zh", 1280), ("en", 820)])
def test_axe_finds_nothing_and_nothing_overflows(
    admin: Any, running: Desk, language: str, width: int
) -> None:
    admin.set_viewport_size({"width": width, "height": 900})
    for path in PAGES:
        mark = "&" if "?" in path else "?"
        admin.goto(f"{running.url}/desk/{path}{mark}lang={language}", wait_until="networkidle")
        admin.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert serious(admin) == [], path
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not admin.evaluate(wide), path


def test_an_item_is_opened_and_closed_by_keys(tab: Any, running: Desk) -> None:
    tab.add_init_script(OWNED)
    text = hostile()[0]
    tab.goto(f"{running.url}/desk/tickets/T-1", wait_until="networkidle")
    tab.focus("a[href^='/desk/items/new']")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/desk/items/new?ticket=T-1**")
    for place in ("title", "owner", "unit"):
        tab.fill(f"[name={place}]", text)
    tab.fill("[name=due_on]", "2026-01-01")
    tab.focus("[name=owner]")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#evidence")
    assert serious(tab) == []
    tab.goto(f"{running.url}/desk/items?overdue=true", wait_until="networkidle")
    assert serious(tab) == []
    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#evidence")
    tab.fill("#evidence", text)
    tab.click("form[action$='/close'] button")
    tab.wait_for_selector("#h-evidence")
    assert serious(tab) == []
    assert tab.evaluate("window.ran") is None


def test_charts_are_drawn_from_their_tables(admin: Any, running: Desk) -> None:
    admin.goto(f"{running.url}/desk/board?days=7", wait_until="networkidle")
    drawn = admin.query_selector_all("[data-chart] canvas")
    assert len(drawn) == len(admin.query_selector_all("[data-chart]")) >= 2
    # The last day is today: there lie all tickets, and a click leads to them.
    box = admin.query_selector("[data-chart='t-volume'] .u-over").bounding_box()
    admin.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    admin.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    admin.wait_for_url("**/desk/ledger?since=**")
    assert admin.query_selector("[data-row]")


def test_tickets_are_assigned_by_keys(tab: Any, running: Desk) -> None:
    tab.goto(f"{running.url}/desk/ledger")
    tab.focus("[data-all]")
    tab.keyboard.press("Space")
    chosen = "document.querySelectorAll('input[name=ticket]:checked').length"
    assert tab.evaluate(chosen) == len(tab.query_selector_all("[data-row]"))
    tab.focus("#assignee")
    tab.keyboard.type("W-7")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/desk/ledger/assign")
    assert "W-7" in tab.text_content(".notice.good")


def test_a_hostile_file_is_looked_at_taken_in_and_taken_back(
    admin: Any, running: Desk, tmp_path: Path
) -> None:
    admin.add_init_script(OWNED)
    file = tmp_path / "工单.csv"
    rows = [f'I-{n},"年费{t}","{t}"' for n, t in enumerate(x.replace('"', "'") for x in hostile())]
    file.write_text("\n".join(["ticket_id,text,unit", *rows, "<b>,x,"]), encoding="utf-8")
    admin.goto(f"{running.url}/desk/ledger/imports")
    admin.set_input_files("#file", file)
    admin.click(".upload button")
    admin.wait_for_url("**/imports/*")
    assert serious(admin) == []
    assert admin.text_content(".fate-rejected strong") == "1"
    for act, state in (("take", "undo"), ("undo", None)):
        admin.click(f"form[action$='/{act}'] button")
        admin.wait_for_load_state("networkidle")
        assert bool(admin.query_selector("form[action$='/undo']")) == (state == "undo")
        assert serious(admin) == []
        if state:
            place = admin.url
            for path in ("ledger?view=unit", "board", "ledger"):
                admin.goto(f"{running.url}/desk/{path}", wait_until="networkidle")
                assert admin.evaluate("window.ran") is None, path
            admin.goto(place)
    assert admin.evaluate("window.ran") is None
