"""`jiesu demo`: a simulated year in the ledger, once, and gone again when it is asked for anew."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from service_fakes import FakeEngine

import jiesu
from service import serving
from service.ledger.detail import detail
from service.serving import Loaded
from service.settings import Settings
from service.store import complaints, demo, webhooks
from service.store.database import Database, Session
from service.store.opening import open_database
from service.store.records import Filters

TICKETS = "60"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and a model that needs no training."""
    monkeypatch.setenv("JIESU_HOME", str(tmp_path))
    monkeypatch.delenv("JIESU_DATABASE_URL", raising=False)
    loaded = Loaded(FakeEngine(), datetime.now(UTC))
    monkeypatch.setattr(serving, "load_model", lambda _settings: loaded)
    return tmp_path


def _asked(home: Path, work: Callable[[Session], Any]) -> Any:
    with closing(open_database(Settings(home=home))) as database:
        return database.ask(work)


def _tickets(home: Path) -> list[dict[str, Any]]:
    idents = sorted(_asked(home, demo.known))
    return [_asked(home, lambda session, i=i: detail(session, i)) for i in idents]


def test_a_year_is_loaded_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert jiesu.main(["demo", "--tickets", TICKETS]) == 0
    assert "tickets of a simulated year are loaded" in capsys.readouterr().out
    first = _tickets(home)
    assert jiesu.main(["demo", "--tickets", TICKETS]) == 0
    assert "--fresh" in capsys.readouterr().out
    assert _tickets(home) == first
    now = datetime.now(UTC)
    received = [datetime.fromisoformat(each["received_at"]) for each in first]
    assert len(first) >= 40
    assert all(now - timedelta(days=366) < at <= now for at in received)
    happened = [event for each in first for event in each["events"]]
    assert all(datetime.fromisoformat(event["at"]) <= now for event in happened)
    assert {"contact", "outcome"} <= {event["kind"] for event in happened}
    assert all(each["created_at"][:10] == each["received_at"][:10] for each in first)


def test_what_happened_settles_duties_and_ends_tickets(home: Path) -> None:
    jiesu.main(["demo", "--tickets", TICKETS])
    tickets = _tickets(home)
    states = Counter(each["state"] for each in tickets)
    assert states["closed"] > len(tickets) / 2
    for each in tickets:
        kinds = {event["kind"] for event in each["events"]}
        contacted = any(e["kind"] == "contact" and e["data"]["two_way"] for e in each["events"])
        for duty in each["duties"]:
            if duty["code"].startswith("contact"):
                assert (duty["state"] == "met") == contacted
        if each["state"] == "closed":
            assert "outcome" in kinds
            decided = [d for d in each["duties"] if d["code"].startswith("decision")]
            assert all(duty["state"] == "met" for duty in decided)


def test_it_can_be_loaded_anew_and_a_load_that_was_cut_off_goes_on(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from service.ledger.bulk import Loader

    load = Loader.load
    monkeypatch.setattr("service.demo_year._BATCH", 20)
    done: list[int] = []

    def breaks(self: Loader, tickets: Any) -> int:
        if done:
            raise KeyboardInterrupt
        done.append(load(self, tickets))
        return done[-1]

    monkeypatch.setattr(Loader, "load", breaks)
    assert jiesu.main(["demo", "--tickets", TICKETS]) == jiesu.INTERRUPTED
    assert len(_asked(home, demo.known)) == 20
    monkeypatch.setattr(Loader, "load", load)
    jiesu.main(["demo", "--tickets", TICKETS])
    whole = _asked(home, demo.known)
    assert len(whole) > 40
    jiesu.main(["demo", "--tickets", "30", "--fresh"])
    again = _asked(home, demo.known)
    assert 0 < len(again) < len(whole)
    assert _asked(home, lambda s: complaints.count(s, Filters())) == len(again)


def test_make_run_loads_it_into_an_empty_ledger_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIESU_DEMO", "false")
    assert jiesu.main(["demo", "--if-empty", "--tickets", TICKETS]) == 0
    assert _asked(home, demo.empty)
    monkeypatch.setenv("JIESU_DEMO", "true")
    jiesu.main(["demo", "--if-empty", "--tickets", TICKETS])
    before = _tickets(home)
    assert before
    jiesu.main(["demo", "--if-empty", "--tickets", "200"])
    assert _tickets(home) == before


def test_nobody_is_told_of_tickets_that_nobody_sent(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def hook(session: Session) -> int:
        given: dict[str, Any] = {"url": "https://bank.example/hook", "kinds": ["assessment"]}
        return webhooks.add(session, **given, secret=b"s", now=datetime.now(UTC), label="")

    with closing(open_database(Settings(home=home))) as database:
        assert isinstance(database, Database)
        database.change(hook)
    assert jiesu.main(["demo", "--tickets", TICKETS]) == jiesu.BAD_INPUT
    assert "webhooks" in capsys.readouterr().err
    assert _asked(home, demo.empty)


def test_without_the_training_set_it_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "training" else real(name, *a)
    )
    assert jiesu.main(["demo", "--tickets", TICKETS]) == jiesu.BAD_INPUT
    assert "training set" in capsys.readouterr().err
    assert jiesu.main(["demo", "--tickets", "0"]) == jiesu.BAD_INPUT
