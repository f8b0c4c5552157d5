"""A desk with tickets in it, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from service_fakes import Client, FakeEngine, serving

from service.access.keys import Role
from service.wiring import Parts

TEXT = "信用卡年费我已经投诉三次了，一直没人退"


def take(client: Client, ticket_id: str, text: str = TEXT, **context: Any) -> dict[str, Any]:
    """Take a ticket in."""
    body = {"ticket_id": ticket_id, "text": text, **context}
    answer = client.web.post("/v1/complaints", json=body, headers=client.bearer())
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


@contextmanager
def desk(home: Path, tickets: int = 3, **options: Any) -> Iterator[Client]:
    """Run an app whose ledger holds some tickets."""
    with serving(home, FakeEngine(), watch=False, **options) as client:
        client.web.base_url = "https://testserver"  # type: ignore[assignment]
        for number in range(tickets):
            take(client, f"T-{number}", channel="phone", customer_key="c-1", product="信用卡")
        yield client


def fixtures(*, tickets: int) -> tuple[Any, Any]:
    """Give the fixtures `running`, a desk of a module, and `client`, where nobody is signed in."""

    @pytest.fixture(scope="module", name="running")
    def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
        with desk(tmp_path_factory.mktemp("home"), tickets=tickets) as client:
            yield client

    @pytest.fixture(name="client")
    def client(running: Client) -> Iterator[Client]:
        running.web.cookies.clear()
        yield running
        running.web.cookies.clear()

    return running, client


def submit(client: Client, page: str, path: str, /, **data: Any) -> httpx.Response:
    """Send a form of a page as a browser without script does."""
    shown = client.web.get(page)
    given = {"csrf": field(shown, "csrf"), **data}
    return client.web.post(path, data=given, follow_redirects=False)


def post(client: Client, path: str, body: Any, role: Role = Role.REVIEWER) -> Any:
    """POST with a key."""
    return client.web.post(path, json=body, headers=client.bearer(role))


def parts(client: Client) -> Parts:
    """Give what the endpoints share."""
    return client.web.app.state.parts  # type: ignore[attr-defined,no-any-return]


def field(page: httpx.Response, name: str) -> str:
    """Give the value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return found.group(1)


def sign_in(client: Client, role: Role = Role.REVIEWER, key: str | None = None) -> httpx.Response:
    """Sign in as a browser without script does."""
    form = client.web.get("/desk/sign-in")
    data = {"csrf": field(form, "csrf"), "key": client.keys[role] if key is None else key}
    return client.web.post("/desk/sign-in", data=data, follow_redirects=False)


def hostile() -> list[str]:
    """Texts that would like to be more than texts; each calls `owned()` if it is run."""
    run = "owned()"
    tags = [
        f"<script>{run}</script>",
        f"<ScRiPt>{run}</sCrIpT>",
        f"<script src=data:,{run}></script>",
        f"<img src=x onerror={run}>",
        f"<img src=x onerror='{run}'>",
        f"<svg onload={run}>",
        f"<svg/onload={run}>",
        f"<svg><script>{run}</script></svg>",
        f"<body onload={run}>",
        f"<iframe src=javascript:{run}></iframe>",
        f"<iframe srcdoc='<script>parent.{run}</script>'></iframe>",
        f"<a href=javascript:{run}>x</a>",
        f"<input autofocus onfocus={run}>",
        f"<details open ontoggle={run}>x</details>",
        f"<video><source onerror={run}></video>",
        f"<math><mtext><script>{run}</script></mtext></math>",
        f"<object data=javascript:{run}></object>",
        f"<embed src=javascript:{run}>",
        f"<form action=javascript:{run}><button autofocus>x</button></form>",
        f"<marquee onstart={run}>x</marquee>",
        f"<style>@import 'javascript:{run}'</style>",
        "<style>*{display:none}</style>",
        "<base href=//evil.example/>",
        f"<meta http-equiv=refresh content='0;javascript:{run}'>",
        f"<div hx-on:load='{run}'>x</div>",
        f"<div hx-get=/desk/queue hx-trigger=load hx-vals='js:{{a:{run}}}'>x</div>",
        f"<template><script>{run}</script></template>",
    ]
    ways_out = ['"', "'", "`", '">', "'>", "</span>", "</textarea>", "</title>", "-->", "]]>"]
    broken = [f"{way}<img src=x onerror={run}>" for way in ways_out]
    inside = [
        f'" onmouseover="{run}',
        f"' autofocus onfocus='{run}",
        f"{{{{ {run} }}}}",
        "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
        f"${{{run}}}",
        f"javascript:{run}",
        f"&lt;script&gt;{run}&lt;/script&gt;",
        f"\u202e<script>{run}</script>",
        f"＜script＞{run}＜/script＞",
        f"<\x0cscript>{run}</script>",
    ]
    return tags + broken + inside


def two_hundred() -> list[str]:
    """The hostile texts, each alone and in places that want to be closed first; 200 of them."""
    ways_in = ["", "\"><b title='", "</q></li></ul>", "</span></p>-->", "</option></select>"]
    return [f"{way}{text}" for way in ways_in for text in hostile()][:200]
