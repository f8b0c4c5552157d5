"""A ledger over HTTP in SQLite and in PostgreSQL, its clock held in the hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from service_fakes import Client, FakeEngine, serving
from store_fixtures import database_url

from service.access.keys import Role
from service.serving import Assessor

__all__ = ["book", "database_url"]

MONDAY = datetime.fromisoformat("2026-11-23T09:30:00+08:00")
FEE = "信用卡年费收错了，请把年费退给我，我已经说过一次，你们答应三天内给答复，到现在没有消息"


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def go(self, **span: float) -> None:
        self.at += timedelta(**span)


class Book:
    """The ledger as a caller sees it."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self.client = client
        self.clock = clock
        self.parts: Any = client.web.app.state.parts  # type: ignore[attr-defined]

    def post(self, path: str, body: Any, role: Role = Role.INTAKE) -> httpx.Response:
        answer: httpx.Response = self.client.web.post(
            path, json=body, headers=self.client.bearer(role)
        )
        return answer

    def send(self, ticket_id: str = "T-1", text: str = FEE, **context: Any) -> httpx.Response:
        return self.post("/v1/complaints", {"ticket_id": ticket_id, "text": text, **context})

    def take(self, ticket_id: str = "T-1", text: str = FEE, **context: Any) -> dict[str, Any]:
        answer = self.send(ticket_id, text, **context)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def event(
        self, kind: str, ticket_id: str = "T-1", role: Role = Role.REVIEWER, **data: Any
    ) -> httpx.Response:
        return self.post(f"/v1/complaints/{ticket_id}/events", {"kind": kind, **data}, role)

    def record(self, kind: str, ticket_id: str = "T-1", **data: Any) -> dict[str, Any]:
        """Record an event and give the ticket after it."""
        answer = self.event(kind, ticket_id, **data)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()["complaint"]
        return body

    def get(self, path: str, role: Role = Role.REVIEWER) -> Any:
        answer = self.client.get(path, role)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def show(self, ticket_id: str = "T-1", role: Role = Role.REVIEWER) -> dict[str, Any]:
        body: dict[str, Any] = self.get(f"/v1/complaints/{ticket_id}", role)
        return body


def duties(ticket: dict[str, Any]) -> dict[str, str]:
    """Duties of a ticket and their states."""
    return {duty["code"]: duty["state"] for duty in ticket["duties"]}


@contextmanager
def opened(home: Path, url: str, engine: Assessor | None = None, **options: Any) -> Iterator[Book]:
    """A ledger with a clock of its own."""
    used: Any = engine or FakeEngine()
    with serving(home, used, database_url=url, watch=False, **options) as client:
        found = Book(client, Clock())
        found.parts.ledger.clock = found.clock
        yield found


@pytest.fixture
def book(database_url: str, tmp_path: Path) -> Iterator[Book]:
    """A ledger in either database."""
    with opened(tmp_path / "home", database_url) as found:
        yield found
