"""A service around an engine that knows one word, so that no test of the web trains a model."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from rules_fakes import shipped

from service.access.keys import KeyStore, Role
from service.app import create_app
from service.settings import Settings
from service.store.opening import open_database
from triage.records import Assessment, Context, Escalation, LineScore, Reason, Signal
from triage.rules.rulebook import Rulebook

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


class FakeEngine:
    """Says `fee_dispute` where it reads 年费, abstains elsewhere, breaks where it reads 坏掉."""

    def __init__(self, version: str = "fake.1") -> None:
        self.version = version
        self.band = "high"
        self.manifest: dict[str, Any] = {
            "version": version,
            "trained_at": "2026-11-20T10:00:00+00:00",
            "taxonomy_version": "1",
            "files": {},
        }
        self.calls: list[tuple[list[str], list[Context]]] = []

    def warm(self) -> None:
        self.assess(["年费"])

    @property
    def rulebook(self) -> Rulebook:
        return shipped()

    def assess(
        self,
        narratives: Sequence[str],
        contexts: Sequence[Context] | None = None,
        *,
        now: datetime | None = None,
        ruled: bool = True,
    ) -> list[Assessment]:
        self.calls.append((list(narratives), list(contexts or [])))
        if any("坏掉" in text for text in narratives):
            raise KeyError(f"cannot read {narratives[0]}")
        return [self._one(text) for text in narratives]

    def _one(self, text: str) -> Assessment:
        at = text.find("年费")
        found = at >= 0
        return Assessment(
            line="fee_dispute" if found else None,
            subline=None,
            probability=0.8 if found else 0.2,
            abstained=not found,
            abstain_reason=None if found else "low_confidence",
            alternatives=(LineScore("card_service", None, 0.2),),
            secondary=(),
            nature="complaint",
            signals=(Signal("repeat", at, at + 2, "年费"),) if found else (),
            escalation=Escalation(0.1, self.band, (Reason("已投诉三次", 0.9, kind="history"),)),
            evidence=(Reason("年费", 1.7, at, at + 2),) if found else (),
            masked_text=text,
            model_version=self.version,
            policy_version="1",
        )


class Client:
    """A test client that knows a key of each role."""

    def __init__(self, web: TestClient, keys: dict[Role, str], engine: FakeEngine | None) -> None:
        self.web = web
        self.keys = keys
        self.engine = engine

    def bearer(self, role: Role = Role.INTAKE) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}

    def get(self, path: str, role: Role = Role.INTAKE) -> httpx.Response:
        return self.web.get(path, headers=self.bearer(role))

    def tag(self, body: Any) -> httpx.Response:
        """POST /v1/tag with an object, or with bytes as they are."""
        if isinstance(body, bytes):
            return self.web.post("/v1/tag", content=body, headers=self.bearer())
        return self.web.post("/v1/tag", json=body, headers=self.bearer())


def make_keys(settings: Settings) -> dict[Role, str]:
    """Make a key of each role, as another process would."""
    with closing(open_database(settings)) as database:
        store = KeyStore(database)
        return {role: store.create(role) for role in Role}


@contextmanager
def serving(
    home: Path, engine: FakeEngine | None = None, address: str = "203.0.113.9", **options: Any
) -> Iterator[Client]:
    """Run the app; `engine=None` loads what the settings name."""
    settings = Settings(home=home, **options)
    keys = make_keys(settings)
    app = create_app(settings, engine)
    with TestClient(app, raise_server_exceptions=False, client=(address, 50_000)) as web:
        yield Client(web, keys, engine)


def error(answer: httpx.Response, status: int, code: str) -> dict[str, str]:
    """Check the one shape of errors and give its facts."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"error"}
    facts: dict[str, str] = body["error"]
    assert set(facts) == {"code", "message", "cure", "request_id"}
    assert facts["code"] == code
    assert facts["message"]
    assert facts["request_id"] == answer.headers["x-request-id"]
    return facts
