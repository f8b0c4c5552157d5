"""The challenger's own process, and `jiesu shadow`, with a real model."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from service_fakes import FakeEngine

from jiesu import main
from service.settings import load_settings
from service.shadow.aside import Aside, AsideFailed, Challenger, said_by
from service.store import shadows
from service.store.opening import open_database
from triage.artifact import MANIFEST
from triage.engine import Engine

TEXTS = ["信用卡年费又扣了两百，要求退还", "", "有人冒用我的身份证办了贷款"]


@pytest.fixture
def models(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A champion and a challenger, the same but for their versions."""
    folder = tmp_path / "models"
    for version in ("one", "two"):
        shutil.copytree(tiny_model, folder / version)
        path = folder / version / MANIFEST
        path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | {"version": version}))
    (folder / "CHAMPION").write_text("one\n")
    monkeypatch.setenv("JIESU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JIESU_MODELS", str(folder))
    monkeypatch.delenv("JIESU_MODEL", raising=False)
    return folder


@pytest.fixture
def aside() -> Iterator[Aside]:
    found = Aside(seconds=120)
    yield found
    found.close()


def test_a_process_of_its_own_says_what_the_model_says(
    aside: Aside, tiny_model: Path, tiny_engine: Engine
) -> None:
    contexts = [{"channel": "phone"}, {}, {"amount_cny": 5000.0}]
    found = aside.assess(tiny_model, list(zip(TEXTS, contexts, strict=True)))
    from triage.wire import context_from

    asked = tiny_engine.assess(TEXTS, [context_from(c) for c in contexts], ruled=False)
    assert found == [said_by(each) for each in asked]
    assert [one.line is None for one in found if one] == [a.abstained for a in asked]
    with pytest.raises(AsideFailed, match="manifest"):
        aside.assess(tiny_model / "nowhere", [(TEXTS[0], {})])
    os.kill(aside._process.pid, signal.SIGKILL)
    with pytest.raises(AsideFailed, match="fell over"):
        aside.assess(tiny_model, [(TEXTS[0], {})])


def test_one_text_that_breaks_a_model_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Engine, "load", lambda _: FakeEngine("two"))
    found = Challenger().assess("two", [("年费", {}), ("坏掉", {}), ("年费贵", {})])
    assert [one.line if one else None for one in found] == ["fee_dispute", None, "fee_dispute"]


def test_a_challenger_that_cannot_be_used_is_not_started(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["shadow", "start", "nowhere"]) == 2
    assert "no model" in capsys.readouterr().err
    assert main(["shadow", "start", "one"]) == 2
    assert "one is the champion" in capsys.readouterr().err
    (models / "two" / "model.json").write_text("{}")
    assert main(["shadow", "start", "two"]) == 2
    assert "sha256" in capsys.readouterr().err
    assert main(["shadow", "report"]) == 2
    assert "nothing has worked" in capsys.readouterr().err


def test_the_command_starts_reports_and_stops(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["shadow", "start", "two"]) == 0
    assert "two answers behind one" in capsys.readouterr().out
    assert main(["shadow", "start", "two"]) == 2
    assert "two works in the shadow" in capsys.readouterr().err
    assert main(["shadow", "report", "--json", str(tmp_path / "r.json")]) == 0
    assert "challenger  two" in capsys.readouterr().out
    assert orjson.loads((tmp_path / "r.json").read_bytes())["tickets"] == 0
    assert main(["shadow", "stop"]) == 0
    assert "two has stopped" in capsys.readouterr().out
    assert main(["shadow", "stop"]) == 2


def test_a_challenger_promoted_while_nothing_ran_is_a_challenger_no_more(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["shadow", "start", "two"]) == 0
    (models / "CHAMPION").write_text("two\n")
    assert main(["shadow", "report"]) == 0
    assert "promoted" in capsys.readouterr().out
    with closing(open_database(load_settings())) as held:
        assert held.ask(shadows.running) is None
