"""The whole description against the service: all checks of schemathesis, every role and none."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from service_fakes import FakeEngine, make_keys

from benchmarks.openapi import check
from service.access.keys import Role
from service.app import create_app
from service.settings import Settings

NOBODY = None
EXAMPLES, SECONDS = 3, 25
# Nothing is sent to the addresses that are made up for webhooks, and nobody is let in unasked.
OPTIONS = {"watch": False, "rate_per_minute": 0, "metrics_open_on_loopback": False}


@dataclass(frozen=True)
class Served:
    """A service on a port of loopback and a key of each role."""

    address: str
    keys: dict[Role, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("openapi")
    settings = Settings(home=home, models=home / "none", **OPTIONS)
    keys = make_keys(settings)
    app = create_app(settings, FakeEngine())
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service does not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(f"http://127.0.0.1:{port}", keys)
    server.should_exit = True
    thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("role", [NOBODY, *Role])
def test_the_service_keeps_to_its_description(served: Served, role: Role | None) -> None:
    key = served.keys[role] if role else None
    done = check(served.address, key, examples=EXAMPLES, seconds=SECONDS)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "passed" in done.stdout.lower()


def test_a_method_that_is_not_described_is_not_taken(served: Served) -> None:
    key = {"Authorization": f"Bearer {served.keys[Role.ADMIN]}"}
    with httpx.Client(base_url=served.address, headers=key, trust_env=False) as client:
        described = client.get("/openapi.json").json()["paths"]
        said = {
            (method, path): client.request(method, re.sub(r"{\w+}", "1", path)).status_code
            for path, taken in described.items()
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
            if method.lower() not in taken
        }
    # A ticket may be called "batch".
    assert said.pop(("GET", "/v1/complaints/batch")) == 404
    assert len(said) > 100
    assert {call: status for call, status in said.items() if status != 405} == {}


def test_a_service_that_does_not_keep_to_it_is_found() -> None:
    # The check must be able to fail: nothing answers here.
    assert check("http://127.0.0.1:9", None, examples=1, seconds=1).returncode != 0
