"""Signing in with a provider in a real browser, to which the provider is another site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from test_desk_browser import Desk, browser, pytestmark, running_desk, serious
from test_desk_oidc import issuer, options

__all__ = ["browser", "issuer", "pytestmark"]


@pytest.fixture(scope="module")
def running(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running_desk(tmp_path_factory.mktemp("home"), **options(issuer)) as found:
        yield found


def test_the_cookie_of_the_session_survives_the_way_back(browser: Any, running: Desk) -> None:
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(f"{running.url}/desk/ledger?band=high")
        page.click("text=行内统一登录")
        page.fill("#user", "chen")
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/ledger?band=high")
        assert "chen.li" in page.text_content(".who")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_where_one_signs_in(browser: Any, running: Desk, language: str) -> None:
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(f"{running.url}/desk/sign-in?lang={language}")
        assert serious(page) == []
        page.click("a[href='/desk/sign-in/oidc']")
        page.fill("#user", "guest")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=alert]")
        assert serious(page) == []
