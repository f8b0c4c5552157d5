"""What each person sets for himself at the desk: views, keys, a goal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from desk_fakes import desk, field, sign_in, take
from service_fakes import Client

from service.access.keys import Role
from service.desk.keymap import ACTS


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with desk(tmp_path_factory.mktemp("home"), tickets=1) as client:
        yield client


@pytest.fixture
def client(running: Client) -> Client:
    """A reviewer is signed in."""
    running.web.cookies.clear()
    assert sign_in(running).status_code == 303
    return running


def send(client: Client, path: str, **data: Any) -> httpx.Response:
    token = field(client.web.get("/desk/mine"), "csrf")
    sent = {"csrf": token, "q": "", **data}
    return client.web.post(path, data=sent, follow_redirects=False)


def test_a_view_is_kept_replaced_and_removed_and_nobody_elses(client: Client) -> None:
    sent = send(client, "/desk/views", name=" 高  风险 ", q="band=high&sort=risk&evil=1")
    assert sent.headers["location"] == "/desk/queue?band=high&sort=risk"
    queue = client.web.get("/desk/queue?band=high&sort=risk").text
    link = '<a href="/desk/queue?band=high&amp;sort=risk" aria-current="true">高 风险</a>'
    assert link in queue
    send(client, "/desk/views", name="高 风险", q="band=low")
    queue = client.web.get("/desk/queue").text
    assert queue.count("高 风险</a>") == 1
    assert '"/desk/queue?band=low">高 风险</a>' in queue
    client.web.cookies.clear()
    sign_in(client, Role.ADMIN)
    assert "高 风险" not in client.web.get("/desk/queue").text
    client.web.cookies.clear()
    sign_in(client)
    send(client, "/desk/views/remove", name="高 风险")
    assert "高 风险" not in client.web.get("/desk/queue").text


def test_views_have_a_name_and_are_not_without_end(client: Client) -> None:
    for name in ("", "   ", "x" * 41):
        assert send(client, "/desk/views", name=name).status_code == 422
    answers = [send(client, "/desk/views", name=f"v{n}").status_code for n in range(21)]
    assert answers == [303] * 20 + [422]


def test_changes_need_the_token_of_the_session(client: Client) -> None:
    for path in ("/desk/mine", "/desk/views", "/desk/views/remove"):
        answer = client.web.post(path, data={"name": "x", "csrf": "y"}, follow_redirects=False)
        assert answer.status_code == 403, path


def test_keys_are_remapped_shown_and_given_back(client: Client) -> None:
    assert send(client, "/desk/mine", **{"key-c": "v", "key-h": "C"}).status_code == 303
    take(client, "K-1")
    page = client.web.get("/desk/tickets/K-1").text
    assert 'data-keys="{&#34;c&#34;: &#34;v&#34;, &#34;h&#34;: &#34;c&#34;}"' in page
    confirm = re.search(r'data-key="c">[^<]*<kbd>(.)</kbd>', page)
    assert confirm is not None
    assert confirm.group(1) == "v"
    send(client, "/desk/mine", usual="1")
    assert 'data-keys="{}"' in client.web.get("/desk/queue").text


@pytest.mark.parametrize(
    "keys", [{"key-c": "h"}, {"key-c": "?"}, {"key-c": "ab"}, {"key-n": "\x1b"}, {"key-n": "/"}]
)
def test_a_key_that_cannot_be_is_refused(client: Client, keys: dict[str, str]) -> None:
    assert send(client, "/desk/mine", **keys).status_code == 422


def test_every_usual_key_stands_for_one_act() -> None:
    assert len({usual for usual, _ in ACTS}) == len(ACTS)


def test_a_goal_shows_the_progress_of_the_day(client: Client) -> None:
    for goal in ("0", "-1", "x", "1001", "³"):
        assert send(client, "/desk/mine", goal=goal).status_code == 422
    assert '<progress id="goal"' not in client.web.get("/desk/queue").text
    send(client, "/desk/mine", goal="40")
    assert '<progress id="goal" max="40" value="0"' in client.web.get("/desk/queue").text


def test_the_slider_tells_and_cuts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    recall = {"top_10": {"value": 0.4, "low": 0.35, "high": 0.45}}
    metrics = {"simulated_year": {"with_context": {"daily_recall": recall}}}
    assert 'type="range"' not in client.web.get("/desk/queue").text
    monkeypatch.setattr("service.desk.pages._metrics", lambda _: metrics)
    for number in range(10):
        take(client, f"W-{number}")
    page = client.web.get("/desk/queue?lang=en&top=1").text
    assert re.search(r'type="range" id="top"[^>]* value="1"', page)
    told = re.search(r'<output for="top"[^>]*>([^<]*)<', page)
    assert told is not None
    assert "top 1 a day" in told.group(1)
    assert "with a risk of 10% or more" in page
    client.web.cookies.delete("jiesu_lang")
