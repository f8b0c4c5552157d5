"""`/v1/review`: queue, claims and verdicts over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desk_fakes import TEXT, desk, post, take
from service_fakes import Client, error

from service.access.keys import Role
from service.desk import verdicts
from service.desk.settings import load_desk
from service.store import audit
from service.wiring import Parts


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with desk(tmp_path_factory.mktemp("home"), tickets=0) as client:
        yield client


@pytest.fixture
def client(running: Client, request: pytest.FixtureRequest) -> Client:
    """With one ticket that only this test knows."""
    running.ticket = f"N-{abs(hash(request.node.name))}"  # type: ignore[attr-defined]
    take(running, running.ticket)  # type: ignore[attr-defined]
    return running


def path(client: Any, act: str) -> str:
    return f"/v1/review/{client.ticket}/{act}"


def queue(client: Client, query: str = "", role: Role = Role.REVIEWER) -> list[dict[str, Any]]:
    answer = client.get(f"/v1/review/queue?limit=200{query}", role)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]  # type: ignore[no-any-return]


def place(client: Any, role: Role = Role.REVIEWER) -> dict[str, Any] | None:
    return next((one for one in queue(client, "", role) if one["id"] == client.ticket), None)


def parts(client: Client) -> Parts:
    return client.web.app.state.parts  # type: ignore[attr-defined,no-any-return]


def acts(client: Any) -> list[str]:
    found = parts(client).database.ask(lambda s: audit.entries(s, ticket_id=client.ticket))
    return [one.what for one in found]


def test_the_queue_says_why_a_ticket_stands_there(client: Client) -> None:
    found = place(client)
    assert found is not None
    assert {"what": "risk", "points": 200} in found["why"]
    assert found["points"] == sum(one["points"] for one in found["why"])
    assert found["review"] == {
        "state": "waiting",
        "claimed_by": None,
        "claimed_until": None,
        "mine": False,
        "reviewed_at": None,
    }


def test_pages_and_counts(client: Client) -> None:
    take(client, f"{client.ticket}-2")  # type: ignore[attr-defined]
    first = client.get("/v1/review/queue?limit=1", Role.REVIEWER).json()
    assert len(first["items"]) == 1
    assert first["counts"]["high"] >= 2
    cursor = first["next_cursor"]
    second = client.get(f"/v1/review/queue?limit=1&cursor={cursor}", Role.REVIEWER).json()
    assert second["items"][0]["id"] != first["items"][0]["id"]
    bad = client.get("/v1/review/queue?cursor=zzz", Role.REVIEWER)
    error(bad, 422, "invalid_input")
    error(client.get("/v1/review/queue?bandit=1", Role.REVIEWER), 422, "invalid_input")


def test_roles(client: Client) -> None:
    for role in (Role.INTAKE,):
        error(client.get("/v1/review/queue", role), 403, "forbidden")
    assert queue(client, role=Role.SCIENTIST)
    for role in (Role.INTAKE, Role.SCIENTIST):
        error(post(client, path(client, "claim"), {}, role), 403, "forbidden")
        error(post(client, path(client, "verdict"), {"verdict": "confirm"}, role), 403, "forbidden")
        answer = client.web.delete(path(client, "verdict"), headers=client.bearer(role))
        error(answer, 403, "forbidden")
    error(client.web.get("/v1/review/queue"), 401, "not_authenticated")


def test_two_people_never_work_the_same_ticket(client: Client) -> None:
    taken = post(client, path(client, "claim"), {})
    assert taken.json()["review"]["mine"] is True
    refused = post(client, path(client, "claim"), {}, Role.ADMIN)
    error(refused, 409, "claimed_by_other")
    refused = post(client, path(client, "verdict"), {"verdict": "confirm"}, Role.ADMIN)
    error(refused, 409, "claimed_by_other")
    given_up = post(client, path(client, "claim"), {"release": True})
    assert given_up.json()["review"]["claimed_by"] is None
    assert post(client, path(client, "claim"), {}, Role.ADMIN).status_code == 200
    error(post(client, path(client, "claim"), {}), 409, "claimed_by_other")
    assert acts(client).count("review.claimed") == 2


def test_a_confirmation_takes_a_ticket_off_the_queue_once(client: Client) -> None:
    first = post(client, path(client, "verdict"), {"verdict": "confirm"})
    again = post(client, path(client, "verdict"), {"verdict": "confirm"})
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    assert first.json()["verdict"] == "confirm"
    assert place(client) is None
    assert acts(client).count("verdict.given") == 1


CORRECTIONS: list[dict[str, Any]] = [
    {"line": "card_service"},
    {"line": "loan_collection", "subline": "credit_card"},
    {"secondary": ["card_service", "fraud"]},
    {"nature": "inquiry"},
    {"risk": "too_high"},
    {"risk": "too_low"},
    {"signals": []},
    {"signals": [{"code": "repeat", "start": 6, "end": 13}]},
    {"line": "fraud", "subline": "loan_fraud", "risk": "too_low", "secondary": []},
]


@pytest.mark.parametrize("corrections", CORRECTIONS, ids=str)
def test_every_correction(client: Client, corrections: dict[str, Any]) -> None:
    answer = post(client, path(client, "verdict"), {"verdict": "correct", **corrections})
    assert answer.status_code == 200, answer.text
    kept = answer.json()["corrections"]
    assert kept == ({"subline": None} if "line" in corrections else {}) | corrections
    assert place(client) is None


def test_not_a_complaint(client: Client) -> None:
    answer = post(client, path(client, "verdict"), {"verdict": "not_complaint"})
    assert answer.json()["corrections"] == {"nature": "other"}


REFUSED: list[dict[str, Any]] = [
    {},
    {"verdict": "maybe"},
    {"verdict": "correct"},
    {"verdict": "confirm", "line": "fraud"},
    {"verdict": "correct", "line": "loans"},
    {"verdict": "correct", "line": "fraud"},
    {"verdict": "correct", "subline": "loan_fraud"},
    {"verdict": "correct", "line": "card_service", "subline": "loan_fraud"},
    {"verdict": "correct", "risk": "fine"},
    {"verdict": "correct", "nature": "song"},
    {"verdict": "correct", "secondary": ["nothing"]},
    {"verdict": "correct", "signals": [{"code": "repeat", "start": 5, "end": 5}]},
    {"verdict": "correct", "signals": [{"code": "repeat", "start": 5, "end": len(TEXT) + 1}]},
    {"verdict": "correct", "signals": [{"code": "noise", "start": 0, "end": 2}]},
    {"verdict": "confirm", "note": "x" * 2001},
]


@pytest.mark.parametrize("body", REFUSED, ids=lambda body: str(body)[:40])
def test_what_cannot_be_a_verdict(client: Client, body: dict[str, Any]) -> None:
    error(post(client, path(client, "verdict"), body), 422, "invalid_input")
    assert place(client) is not None


def test_a_verdict_on_an_older_assessment_is_refused(client: Client) -> None:
    body = {"verdict": "confirm", "assessment": 10**9}
    error(post(client, path(client, "verdict"), body), 409, "changed_meanwhile")


def test_a_note_is_masked(client: Client) -> None:
    body = {"verdict": "confirm", "note": "客户手机13800138000，已回电"}
    note = post(client, path(client, "verdict"), body).json()["note"]
    assert "13800138000" not in note
    assert "已回电" in note


def test_a_second_reader_is_somebody_else(client: Client) -> None:
    body = {"verdict": "confirm", "second_reader": True}
    assert post(client, path(client, "verdict"), body).status_code == 200
    assert place(client) is None
    other = place(client, Role.ADMIN)
    assert other is not None
    assert other["review"]["state"] == "second"
    error(post(client, path(client, "verdict"), {"verdict": "confirm"}), 409, "verdict_refused")
    answer = post(client, path(client, "verdict"), {"verdict": "confirm"}, Role.ADMIN)
    assert answer.status_code == 200
    assert place(client, Role.ADMIN) is None


def test_undo(client: Client) -> None:
    undo = lambda role=Role.REVIEWER: client.web.delete(  # noqa: E731
        path(client, "verdict"), headers=client.bearer(role)
    )
    error(undo(), 409, "verdict_refused")
    post(client, path(client, "verdict"), {"verdict": "confirm"})
    error(undo(Role.ADMIN), 409, "verdict_refused")
    answer = undo()
    assert answer.status_code == 200
    assert answer.json()["undone_at"]
    back = place(client)
    assert back is not None
    assert back["review"]["mine"]
    error(undo(), 409, "verdict_refused")
    assert "verdict.undone" in acts(client)


def test_undo_has_an_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    post(client, path(client, "verdict"), {"verdict": "confirm"})
    ledger = parts(client).ledger
    later = ledger.now() + load_desk().undo + timedelta(seconds=1)
    monkeypatch.setattr(ledger, "now", lambda: later)
    answer = client.web.delete(path(client, "verdict"), headers=client.bearer(Role.REVIEWER))
    error(answer, 409, "verdict_refused")


def test_unknown_tickets(client: Client) -> None:
    assert verdicts.ClaimedByOther.code == "claimed_by_other"
    error(post(client, "/v1/review/NONE/claim", {}), 404, "unknown_ticket")
    error(post(client, "/v1/review/NONE/verdict", {"verdict": "confirm"}), 404, "unknown_ticket")


def test_looks_at_the_queue_are_in_the_audit_log(client: Client) -> None:
    queue(client)
    found = parts(client).database.ask(lambda s: audit.entries(s, limit=5))
    assert found[0].what == "queue.read"


def test_a_desk_needs_a_home(tmp_path: Path) -> None:
    with desk(tmp_path, tickets=1) as client:
        assert [one["id"] for one in queue(client)] == ["T-0"]
