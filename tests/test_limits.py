"""What the app refuses: too many calls, too slow ones, other pages; and that it stops in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from service_fakes import Client, FakeEngine, error, make_keys, serving

from service.access.keys import Role
from service.limits import RateLimit, TooManyRequests
from service.metrics import Meters
from service.observe import Observe
from service.settings import Settings
from service.wiring import Parts

ROOT = Path(__file__).parent.parent
ONE = {"text": "年费"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    with serving(home, FakeEngine(), rate_per_minute=5, watch=False) as found:
        yield found


def test_a_key_that_calls_too_often_is_told_when_to_come_again(client: Client) -> None:
    answers = [client.tag(ONE) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    facts = error(answers[-1], 429, "too_many_requests")
    assert "5 calls" in facts["message"]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    # Another key is not held up, nor what needs none.
    assert client.get("/v1/model", Role.REVIEWER).status_code == 200
    assert client.web.get("/health/live").status_code == 200
    figures = client.web.get("/metrics", headers=client.bearer(Role.ADMIN)).text
    assert 'path="/v1/tag",status="429"' in figures


def _taken(limit: RateLimit) -> bool:
    try:
        limit.take("a")
    except TooManyRequests:
        return False
    return True


def test_the_window_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    limit = RateLimit(3)

    for at, passes in [(0, 1), (20, 1), (40, 1), (59, 0), (61, 1), (62, 0), (81, 1)]:
        now[0] = 1_000_000.0 + at
        assert _taken(limit) is bool(passes), at
    limit.take("b")


def test_a_large_number_is_kept_in_few_entries_and_none_is_no_limit() -> None:
    limit = RateLimit(10_000)
    assert sum(_taken(limit) for _ in range(10_100)) == 10_000
    free = RateLimit(0)
    for _ in range(10_001):
        free.take("a")


class Slow(FakeEngine):
    """Takes its time for a batch, which is worked on in a thread."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def assess(self, narratives: Any, contexts: Any = None, **more: Any) -> Any:
        if len(narratives) > 1:
            time.sleep(self._seconds)
        return super().assess(narratives, contexts, **more)


def test_a_call_without_an_answer_in_time_is_refused(tmp_path: Path) -> None:
    engine = Slow(0.5)
    with serving(tmp_path, engine, request_timeout_s=0.1, watch=False) as client:
        facts = error(client.tag({"narratives": [ONE, ONE]}), 503, "took_too_long")
        assert "0.1 seconds" in facts["message"]
        assert client.tag(ONE).status_code == 200


def test_an_answer_that_has_begun_may_take_its_time() -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0.2)
        await send({"type": "http.response.body", "body": b"the end"})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {"type": "http", "path": "/", "method": "GET", "headers": [], "scheme": "http"}
    asyncio.run(Observe(app, Meters(), timeout_s=0.05)(scope, receive, send))
    assert sent[-1]["body"] == b"the end"


def test_every_answer_has_the_headers_that_protect_browsers(client: Client) -> None:
    for path in ("/docs", "/health/live", "/v1/tag", "/nothing"):
        headers = client.web.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        policy = headers["content-security-policy"]
        for part in ("default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy
        assert "strict-transport-security" not in headers


def test_only_behind_tls_browsers_are_told_to_stay_there(client: Client) -> None:
    found = client.web.get("https://testserver/health/live").headers
    assert found["strict-transport-security"] == "max-age=31536000"


def test_pages_of_others_may_not_read_answers(client: Client) -> None:
    origin = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    asked = client.web.options("/v1/tag", headers=origin)
    plain = client.web.get("/health/live", headers=origin)
    assert asked.status_code == 405
    for answer in (asked, plain):
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_store_that_cannot_be_used_is_said_by_ready(tmp_path: Path) -> None:
    with serving(tmp_path, FakeEngine(), watch=False) as client:
        assert client.web.get("/health/ready").json()["ready"] is True
        parts: Parts = client.web.app.state.parts  # type: ignore[attr-defined]
        file = parts.database.file
        assert file
        parts.database.close()
        for path in tmp_path.glob(f"{file.name}*"):
            path.unlink()
        file.write_bytes(b"no database, but a file " * 400)
        error(client.web.get("/health/ready"), 503, "store_unavailable")
        assert client.web.get("/health/live").status_code == 200


PROGRAM = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
import uvicorn
from service.app import create_app
from service.settings import Settings
from service_fakes import FakeEngine

class Slow(FakeEngine):
    def assess(self, narratives, contexts=None, **more):
        if len(narratives) > 1:
            Path({home!r}, "working").touch()
            time.sleep(1.0)
        return super().assess(narratives, contexts, **more)

app = create_app(Settings(home=Path({home!r}), watch_s=0.1), Slow())
uvicorn.run(app, port={port}, log_level="error", timeout_graceful_shutdown=10)
"""


def test_requests_in_flight_are_answered_when_the_service_stops(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keys = make_keys(Settings(home=tmp_path))
    code = PROGRAM.format(tests=str(ROOT / "tests"), home=str(tmp_path), port=port)
    served = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _until(lambda: _ready(url), served)
        headers = {"Authorization": f"Bearer {keys[Role.INTAKE]}"}
        with ThreadPoolExecutor(1) as pool:
            body = {"narratives": [ONE, ONE]}
            call = pool.submit(
                lambda: httpx.post(f"{url}/v1/tag", json=body, headers=headers, timeout=30)
            )
            _until(lambda: (tmp_path / "working").exists() or call.done(), served)
            served.send_signal(signal.SIGTERM)
            answer = call.result()
        assert answer.status_code == 200
        assert len(answer.json()["results"]) == 2
        assert served.wait(timeout=30) in (0, -signal.SIGTERM)
        assert served.stderr
        assert served.stderr.read() == ""
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/health/live")
    finally:
        served.kill()
        served.communicate()


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def _until(done: Callable[[], bool], served: subprocess.Popen[str]) -> None:
    pause = threading.Event()
    for _ in range(900):
        if done():
            return
        assert served.poll() is None
        pause.wait(0.1)
    raise AssertionError("the service does not come so far")
