"""A desk with tickets in it, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service_fakes import Client, FakeEngine, serving

from service.keys import Role

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


def post(client: Client, path: str, body: Any, role: Role = Role.REVIEWER) -> Any:
    """POST with a key."""
    return client.web.post(path, json=body, headers=client.bearer(role))
