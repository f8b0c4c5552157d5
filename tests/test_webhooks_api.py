"""Webhooks kept by admins over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from service_fakes import Client, FakeEngine, error, serving

from service.access.keys import Role
from service.ledger.notices import Kind, post
from service.store import audit, webhooks
from service.store.records_service import DeliveryState
from service.wiring import Parts
from triage.rules.calendar import ZONE

URL = "https://oa.bank.example/jiesu"
BODY = {"url": URL, "kinds": ["duty_due", "duty_overdue"], "label": "OA"}
ADMIN = Role.ADMIN


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    with serving(home, FakeEngine(), watch=False) as found:
        yield found


def _parts(client: Client) -> Parts:
    parts: Parts = client.web.app.state.parts  # type: ignore[attr-defined]
    return parts


def _add(client: Client, **changes: Any) -> dict[str, Any]:
    answer = client.web.post("/v1/webhooks", json=BODY | changes, headers=client.bearer(ADMIN))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _dead(client: Client, hook: int) -> int:
    """A message that did not arrive."""
    now = datetime(2026, 11, 23, tzinfo=ZONE)
    database = _parts(client).database
    facts = {"code": "reply", "due_at": now, "level": f"of {hook}"}
    database.change(lambda s: post(s, Kind.DUTY_DUE, ticket_id="T-1", facts=facts, now=now))
    found = database.ask(lambda s: webhooks.deliveries(s, DeliveryState.PENDING))
    ident = next(one.id for one in found if one.webhook_id == hook)
    database.change(lambda s: webhooks.failed(s, ident, error="HTTP 500", again_at=None))
    return ident


def test_a_secret_is_shown_once_and_kept_encrypted(client: Client) -> None:
    made = _add(client)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", made["secret"])
    listed = client.get("/v1/webhooks", ADMIN)
    assert {k: v for k, v in made.items() if k != "secret"} in listed.json()["webhooks"]
    assert "secret" not in listed.text
    hook = next(h for h in _parts(client).database.ask(webhooks.hooks) if h.id == made["id"])
    assert made["secret"].encode() not in hook.secret
    assert _parts(client).privacy.unseal(hook.secret) == made["secret"]
    assert _add(client)["secret"] != made["secret"]


def test_one_that_is_stopped_is_told_no_more(client: Client) -> None:
    ident = _add(client)["id"]
    path = f"/v1/webhooks/{ident}"
    assert client.web.delete(path, headers=client.bearer(ADMIN)).status_code == 204
    error(client.web.delete(path, headers=client.bearer(ADMIN)), 404, "not_found")
    shown = client.get("/v1/webhooks", ADMIN).json()["webhooks"]
    assert ident not in [hook["id"] for hook in shown]
    noted = _parts(client).database.ask(audit.entries)
    assert noted[0].what == "webhook.stopped"
    assert noted[0].who != "watch"


def test_dead_messages_are_seen_and_sent_again(client: Client) -> None:
    hook = _add(client)["id"]
    dead = _dead(client, hook)
    (one,) = client.get("/v1/webhooks/deliveries?state=dead", ADMIN).json()["deliveries"]
    assert (one["id"], one["last_error"], one["ticket_id"]) == (dead, "HTTP 500", "T-1")
    assert "payload" not in one
    path = f"/v1/webhooks/deliveries/{dead}/retry"
    answer = client.web.post(path, headers=client.bearer(ADMIN))
    assert (answer.status_code, answer.json()["state"]) == (200, "pending")
    error(client.web.post(path, headers=client.bearer(ADMIN)), 404, "not_found")
    assert client.get("/v1/webhooks/deliveries", ADMIN).json() == {
        "deliveries": [],
        "next_before": None,
    }


def test_messages_of_a_stopped_webhook_stay_dead(client: Client) -> None:
    hook = _add(client)["id"]
    dead = _dead(client, hook)
    client.web.delete(f"/v1/webhooks/{hook}", headers=client.bearer(ADMIN))
    again = client.web.post(f"/v1/webhooks/deliveries/{dead}/retry", headers=client.bearer(ADMIN))
    error(again, 404, "not_found")


def test_messages_come_in_pages(client: Client) -> None:
    hooks = [_add(client)["id"] for _ in range(2)]
    for hook in hooks:
        _dead(client, hook)
    found, before = [], ""
    while True:
        path = f"/v1/webhooks/deliveries?state=pending&limit=2{before}"
        page = client.get(path, ADMIN).json()
        found += [one["id"] for one in page["deliveries"]]
        if page["next_before"] is None:
            break
        before = f"&before={page['next_before']}"
    pending = _parts(client).database.ask(webhooks.counts)[DeliveryState.PENDING]
    assert len(found) == len(set(found)) == pending > 2
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "ftp://bank.example/"},
        {"url": "https://user:password@bank.example/"},
        {"url": "https://"},
        {"url": "http://127.0.0.1/"},
        {"url": "http://localhost:8000/"},
        {"url": "http://10.0.0.1/"},
        {"url": "http://169.254.169.254/latest/meta-data"},
        {"url": "http://[::1]/"},
        {"url": "https://bank.example:99999/"},
        {"url": 1},
        {"kinds": []},
        {"kinds": ["gossip"]},
        {"kinds": "duty_due"},
        {"secret": "mine"},
        {"label": "x" * 101},
    ],
)
def test_what_cannot_be_used_is_refused(client: Client, changes: dict[str, Any]) -> None:
    answer = client.web.post("/v1/webhooks", json=BODY | changes, headers=client.bearer(ADMIN))
    error(answer, 422, "invalid_input")
    assert "user:password" not in answer.text


@pytest.mark.parametrize("role", [role for role in Role if role is not ADMIN])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/webhooks"),
        ("GET", "/v1/webhooks"),
        ("DELETE", "/v1/webhooks/1"),
        ("GET", "/v1/webhooks/deliveries"),
        ("POST", "/v1/webhooks/deliveries/1/retry"),
    ],
)
def test_only_admins_may(client: Client, method: str, path: str, role: Role) -> None:
    error(client.web.request(method, path, headers=client.bearer(role)), 403, "forbidden")
    error(client.web.request(method, path), 401, "not_authenticated")


@pytest.mark.parametrize("number", ["0", "-1", "x", str(2**63), "1.5"])
def test_a_number_that_is_none_is_refused(client: Client, number: str) -> None:
    answer = client.web.delete(f"/v1/webhooks/{number}", headers=client.bearer(ADMIN))
    error(answer, 404, "not_found")
    error(client.get(f"/v1/webhooks/deliveries?before={number}", ADMIN), 422, "invalid_input")
