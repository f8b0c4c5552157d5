"""`POST /v1/model/drift/phrases`: other systems decide about new phrases as the desk does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_fakes import parts, sign_in, submit
from drift_fakes import home, keep, phrase, running
from service_fakes import Client, error

from service.access.keys import Role
from service.drift.terms import FILE
from service.store import audit
from service.store.records_service import AuditRecord

__all__ = ["home", "running"]
PATH = "/v1/model/drift"
ACCEPT = {"text": "云护通", "choice": "accepted"}


@pytest.fixture
def client(running: Client, home: Path) -> Client:
    (home / FILE).unlink(missing_ok=True)
    keep(home, phrases=[phrase("云护通"), phrase("闪退贷")])
    return running


def decide(client: Client, body: Any, role: Role = Role.SCIENTIST) -> httpx.Response:
    return client.web.post(f"{PATH}/phrases", json=body, headers=client.bearer(role))


def noted(client: Client) -> list[AuditRecord]:
    entries = parts(client).database.ask(audit.entries)
    return [one for one in entries if one.what == "phrase.decided"]


def told(client: Client) -> tuple[list[str], list[str], list[str]]:
    """What is offered, accepted and dismissed."""
    body = client.get(PATH, Role.SCIENTIST).json()
    return [one["text"] for one in body["phrases"]], body["terms"], body["dismissed"]


def test_a_phrase_is_accepted_dismissed_and_taken_back(client: Client) -> None:
    before = len(noted(client))
    answer = decide(client, ACCEPT)
    assert answer.status_code == 200, answer.text
    assert answer.json().items() >= ACCEPT.items()
    assert decide(client, {"text": "闪退贷", "choice": "dismissed"}, Role.ADMIN).is_success
    assert told(client) == ([], ["云护通"], ["闪退贷"])
    assert decide(client, {"text": "闪退贷", "choice": "open"}).is_success
    assert told(client) == (["闪退贷"], ["云护通"], [])
    entries = noted(client)[: len(noted(client)) - before]
    assert [one.data["choice"] for one in reversed(entries)] == ["accepted", "dismissed", "open"]
    last = entries[-1]
    assert (last.who, last.role) == (answer.json()["decided_by"], Role.SCIENTIST)
    assert last.request_id == answer.headers["x-request-id"]


def test_the_desk_and_the_call_decide_of_the_same_phrases(client: Client) -> None:
    assert decide(client, ACCEPT).is_success
    client.web.cookies.clear()
    sign_in(client, Role.SCIENTIST)
    submit(client, "/desk/model", "/desk/model/phrases", text="云护通", choice="open")
    assert told(client) == (["云护通", "闪退贷"], [], [])


def test_what_was_not_offered_is_not_there_and_nothing_is_noted(client: Client) -> None:
    before = len(noted(client))
    error(decide(client, {"text": "没有提到", "choice": "accepted"}), 404, "not_found")
    assert len(noted(client)) == before
    assert parts(client).drift.terms.decided() == []


@pytest.mark.parametrize(
    "body",
    [
        {"text": "云护通"},
        {"text": "云护通", "choice": "odd"},
        {"text": "", "choice": "accepted"},
        {"text": "云" * 201, "choice": "accepted"},
        {**ACCEPT, "who": "me"},
        ["云护通"],
    ],
)
def test_a_malformed_decision_is_refused(client: Client, body: Any) -> None:
    error(decide(client, body), 422, "invalid_input")
    assert parts(client).drift.terms.decided() == []


@pytest.mark.parametrize("role", [Role.INTAKE, Role.REVIEWER])
def test_who_only_reads_at_the_desk_decides_nothing_here(client: Client, role: Role) -> None:
    error(decide(client, ACCEPT, role), 403, "forbidden")
    assert parts(client).drift.terms.decided() == []


def test_the_description_has_the_call(client: Client) -> None:
    described = client.web.get("/openapi.json").json()
    call = described["paths"][f"{PATH}/phrases"]["post"]
    assert {"200", "403", "404", "422"} <= call["responses"].keys()
    assert described["components"]["schemas"]["PhraseIn"]["required"] == ["text", "choice"]
