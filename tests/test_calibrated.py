"""What a calibration adds to answers, and where it is told that it did."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from desk_fakes import sign_in, take
from ledger_fakes import FEE, opened
from service_fakes import Client, FakeEngine, serving
from waiting import until

import jiesu
from service import serving as holder
from service.access.keys import Role
from service.ledger.replay import replay_stored
from service.schemas import Assessed
from service.scoring.part import _engine
from service.serving import Calibration, Loaded, load_model
from service.settings import Settings
from service.store import assessments, complaints
from training import champion_command
from training.corpus import LabelledRow
from training.labels.calibrate import Known, calibrate
from training.labels.scoring import leaf_scores
from training.labels.unseen import Opinions
from training.registry import Promotion
from training.tracking import NotTracked
from triage.calibrated import with_sets
from triage.calibration_files import digest_of, shift_path
from triage.engine import Engine
from triage.errors import ArtifactRejected, InvalidInput
from triage.modes import FieldModes, Mode
from triage.reading import settings_digest
from triage.records import Assessment, Calibrated
from triage.replacing import replace_file
from triage.shift import CALIBRATION, Shift, calibration_version, shift_of
from triage.wire import assessment_json

TEXTS = [FEE, "催收天天打电话到我单位", "好", "app一直闪退，转账转不出去"]
NEW = {"line_set", "line_set_coverage", "calibration_version"}
EVERY = 5


def keep(engine: Engine, *, cut: float = 0.1, weight: float = 2.0) -> bytes:
    """Write a calibration for the home of this test, and give it."""
    leaves = engine.decider.leaves
    weights = np.array([weight] + [1.0] * (len(leaves) - 1))
    cuts = dict.fromkeys(engine.decider.lines, cut)
    content = orjson.dumps(Shift(engine.version, leaves, weights, cuts, 0.9).to_dict())
    path = shift_path(engine.version)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return content


@pytest.fixture(scope="module")
def own(tiny_model: Path) -> Engine:
    """An engine that these tests may change."""
    return Engine.load(tiny_model)


@pytest.fixture
def engine(own: Engine, home: Path) -> Engine:
    return fresh(own)


def fresh(engine: Engine) -> Engine:
    """Let an engine look for its calibration again."""
    engine.__dict__.pop("shift", None)
    return engine


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JIESU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def halves(
    corpus: Sequence[LabelledRow], tiny_rows: Sequence[LabelledRow]
) -> tuple[list[LabelledRow], list[LabelledRow]]:
    """Rows that the tiny model has not seen: some to calibrate it with, some to judge it by."""
    seen = {row.id for row in tiny_rows}
    rows = [row for row in corpus if row.id not in seen][::EVERY]
    return rows[::2], rows[1::2]


def test_sets_hold_the_line_of_rows_held_out_as_often_as_promised(
    tiny_engine: Engine, halves: tuple[list[LabelledRow], list[LabelledRow]]
) -> None:
    decider, (first, second) = tiny_engine.decider, halves
    place = {leaf: number for number, leaf in enumerate(decider.leaves)}
    said = leaf_scores(tiny_engine, [row.text for row in first])
    opinions = Opinions(decider.leaves, said, np.array([place[row.leaf] for row in first]))
    texts = [row.text for row in second]
    fresh = leaf_scores(tiny_engine, texts)
    shift = calibrate(Known.of(opinions, decider), fresh, decider, version="tiny").shift
    ranking = decider.rank(shift.apply(fresh))
    decided = decider.decide(texts, ranking, np.log(fresh))
    plain = [assessment(d.line, d.probability) for d in decided]
    told = with_sets(plain, ranking, shift, decider)
    hits: dict[str, list[bool]] = {}
    for row, answer in zip(second, told, strict=True):
        assert answer.calibrated is not None
        assert answer.calibrated.lines is not None
        hits.setdefault(row.line, []).append(row.line in answer.calibrated.lines)
    assert np.mean([hit for line in hits.values() for hit in line]) >= 0.88
    assert np.mean([np.mean(line) for line in hits.values()]) >= 0.88
    # The line given is in its set, or less probable than the line's rows usually are.
    for answer, totals in zip(told, ranking.lines, strict=True):
        given, lines = answer.line, answer.calibrated and answer.calibrated.lines
        assert given is not None
        assert lines is not None
        sure = totals[decider.lines.index(given)] >= shift.cuts[given]
        assert sure == (given in lines)
        ordered = [totals[decider.lines.index(line)] for line in lines]
        assert ordered == sorted(ordered, reverse=True)
    sizes = [len(answer.calibrated.lines or ()) for answer in told if answer.calibrated]
    assert 1.0 <= np.mean(sizes) < len(decider.lines) / 2


def assessment(line: str, probability: float) -> Assessment:
    found = FakeEngine().assess(["年费"])[0]
    return replace(found, line=line, probability=probability)


def test_without_a_calibration_nothing_is_told(engine: Engine) -> None:
    body = assessment_json(engine.assess([FEE])[0], "a")
    assert not NEW & body.keys()
    assert Assessed(**body).model_dump() == body


def test_answers_tell_their_set_and_calibration(engine: Engine, tiny_model: Path) -> None:
    content = keep(engine)
    for text, answer in zip(TEXTS, engine.assess(TEXTS), strict=True):
        body = assessment_json(answer, "a")
        assert Assessed(**body).model_dump() == body
        assert body["line_set_coverage"] == 0.9
        assert body["calibration_version"] == digest_of(content) == calibration_version(tiny_model)
        totals = engine.rank(leaf_scores(engine, [text])).lines[0]
        wanted = {line for line, p in zip(engine.decider.lines, totals, strict=True) if p >= 0.1}
        assert set(body["line_set"]) == wanted


def test_an_empty_set_is_told_and_a_hidden_line_is_in_none(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(engine, cut=1.1)
    assert assessment_json(engine.assess([FEE])[0])["line_set"] == []
    keep(engine, cut=0.0)
    every = assessment_json(fresh(engine).assess([FEE])[0])["line_set"]
    assert set(every) == set(engine.decider.lines)
    modes = FieldModes(lines={every[0]: Mode.SHADOW})
    monkeypatch.setattr(engine.decider, "modes", modes)
    assert assessment_json(engine.assess([FEE])[0])["line_set"] == every[1:]


def test_a_calibration_without_cuts_makes_no_sets(engine: Engine) -> None:
    raw = orjson.loads(keep(engine)) | {"cuts": {}}
    shift_path(engine.version).write_bytes(orjson.dumps(raw))
    body = assessment_json(engine.assess([FEE])[0])
    assert NEW & body.keys() == {"calibration_version"}
    raw["cuts"] = {engine.decider.lines[0]: 0.5}
    shift_path(engine.version).write_bytes(orjson.dumps(raw))
    with pytest.raises(ArtifactRejected, match="damaged"):
        fresh(engine).assess([FEE])


def test_what_was_registered_with_a_model_comes_first(
    engine: Engine, tiny_model: Path, tmp_path: Path
) -> None:
    content = keep(engine)
    model = shutil.copytree(tiny_model, tmp_path / "registered")
    (model / CALIBRATION).write_bytes(content + b"\n")
    assert calibration_version(model) == digest_of(content + b"\n")
    assert calibration_version(tiny_model) == digest_of(content)
    shift = shift_of(model, engine.decider.leaves, engine.version)
    assert shift is not None
    assert shift.version == digest_of(content + b"\n")


def test_files_carry_it(engine: Engine, tiny_model: Path, tmp_path: Path) -> None:
    _engine.cache_clear()
    version = digest_of(keep(engine))
    source, out = tmp_path / "in.jsonl", tmp_path / "out.csv"
    source.write_bytes(b"".join(orjson.dumps({"text": text}) + b"\n" for text in TEXTS))
    options = ["--model", str(tiny_model), "--workers", "1"]
    assert jiesu.main(["score", str(source), "--out", str(out), *options]) == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    whole = [assessment_json(each) for each in engine.assess(TEXTS)]
    assert [row["line_set"] for row in rows] == [";".join(one["line_set"]) for one in whole]
    assert {(row["line_set_coverage"], row["calibration_version"]) for row in rows} == {
        ("0.9", version)
    }
    lines = tmp_path / "lines.jsonl"
    options += ["--only", "lines"]
    assert jiesu.main(["score", str(source), "--out", str(lines), *options]) == 0
    assert orjson.loads(lines.read_bytes().splitlines()[0])["calibration_version"] == version
    _engine.cache_clear()


def test_a_worker_with_another_calibration_is_refused(home: Path, tiny_model: Path) -> None:
    _engine.cache_clear()
    with pytest.raises(InvalidInput, match="another calibration"):
        _engine(tiny_model, settings_digest(), "abc")


def test_a_decision_names_its_calibration_and_replay_what_has_changed(
    engine: Engine, tmp_path: Path
) -> None:
    version = digest_of(keep(engine))
    with opened(tmp_path / "ledger", "", engine) as book:
        assert book.take()["calibration_version"] == version
        shown = book.show()
        database = book.parts.database
        (decision,) = database.ask(lambda s: assessments.of(s, complaints.get(s, "T-1").id))
        assert decision.answer["calibration_version"] == shown["calibration_version"] == version
        assert decision.answer["line_set"] == shown["line_set"]
        again = database.ask(lambda s: replay_stored(s, decision, engine))
        assert (again.differs, again.other_versions) == ((), ())
        shift_path(engine.version).unlink()
        plain = database.ask(lambda s: replay_stored(s, decision, fresh(engine)))
        assert set(plain.differs) >= NEW
        assert plain.other_versions == ("calibration",)


def test_the_service_says_which_calibration_it_answers_with(
    engine: Engine, tiny_model: Path, home: Path
) -> None:
    version = digest_of(keep(engine))
    loaded = load_model(Settings(home=home, model=str(tiny_model)))
    assert loaded.calibration == Calibration(version, 0.9)


def test_a_running_service_takes_up_a_calibration_and_its_end(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shift_path("fake.1")

    def load(settings: Settings) -> Loaded:
        found = digest_of(path.read_bytes()) if path.exists() else None
        if found == digest_of(b"broken"):
            raise ArtifactRejected("the calibration is damaged", cure="again")
        calibration = None if found is None else Calibration(found, 0.9)
        loads.append(found)
        return Loaded(FakeEngine(), datetime.now(UTC), calibration=calibration)

    loads: list[str | None] = []
    monkeypatch.setattr(holder, "load_model", load)
    with serving(home, follow_s=0.01) as client:

        def wait(told: dict[str, Any] | None) -> None:
            until(lambda: _calibration(client) == [told])

        wait(None)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name("other.json").write_bytes(b"of another model")
        replace_file(path, b"first")
        wait({"version": digest_of(b"first"), "coverage": 0.9})
        replace_file(path, b"broken")
        until(lambda: client.get("/v1/model").json()["last_refusal"])
        wait({"version": digest_of(b"first"), "coverage": 0.9})
        path.unlink()
        wait(None)
    assert loads == [None, digest_of(b"first"), None]


def _calibration(client: Client) -> list[Any]:
    answer = client.get("/v1/model")
    return [answer.json()["calibration"]] if answer.status_code == 200 else []


class Calibrating(FakeEngine):
    """Tells a set of lines for each ticket: none where it reads 空."""

    def _one(self, text: str) -> Assessment:
        lines = () if "空" in text else ("card_service", "loan")
        return replace(super()._one(text), calibrated=Calibrated("abc123", 0.9, lines))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with serving(tmp_path_factory.mktemp("desk"), Calibrating(), watch=False) as client:
        client.web.base_url = "https://testserver"  # type: ignore[assignment]
        take(client, "T-1")
        take(client, "T-2", "年费空")
        sign_in(client, Role.REVIEWER)
        yield client


def test_the_desk_says_what_a_ticket_is_one_of(desk: Any) -> None:
    page = desk.web.get("/desk/tickets/T-1").text
    assert "以 90% 的把握属于其中之一" in page
    assert "判定的条线不在其中" in page
    assert "fake.1+abc123" in page
    empty = desk.web.get("/desk/tickets/T-2").text
    assert "不像任何条线通常的投诉" in empty
    assert "判定的条线不在其中" not in empty


def test_tagging_tells_it_too(desk: Any) -> None:
    body = desk.tag({"text": "年费"}).json()
    assert body["line_set"] == ["card_service", "loan"]
    assert body["calibration_version"] == "abc123"
    many = desk.tag({"narratives": [{"text": "年费"}]}).json()
    assert many["results"][0]["line_set_coverage"] == 0.9


@pytest.fixture
def calibrating(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Path
) -> list[str]:
    """`jiesu calibrate`, its models that had not seen a row made up."""
    leaves = engine.decider.leaves
    said = np.full((len(leaves), len(leaves)), 0.01) + np.eye(len(leaves))
    made = Opinions(leaves, said / said.sum(axis=1, keepdims=True), np.arange(len(leaves)))
    monkeypatch.setattr("training.labels.unseen.opinions", lambda *_: made)
    monkeypatch.setattr("training.labels.commands._trained_on", lambda *_: [])
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    data = tmp_path / "tickets.jsonl"
    data.write_bytes(b"".join(orjson.dumps({"text": text}) + b"\n" for text in TEXTS))
    return ["calibrate", "--data", str(data), "--model", str(tiny_model), "--coverage", "0.8"]


def test_calibrate_tells_the_version_and_replaces_a_damaged_file(
    engine: Engine, calibrating: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = shift_path(engine.version)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{")
    assert jiesu.main(calibrating) == 0
    version = digest_of(path.read_bytes())
    assert f"calibration {version} written to {path}" in capsys.readouterr().out
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    shift = fresh(engine).shift
    assert shift is not None
    assert (shift.version, shift.promise) == (version, 0.8)


def test_calibrate_registers_what_is_served_and_goes_on_without_mlflow(
    engine: Engine,
    calibrating: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given: list[bytes] = []

    def attach(_folder: Path, version: str, content: bytes) -> str:
        assert version == engine.version
        assert not shift_path(version).exists()
        given.append(content)
        return "7"

    monkeypatch.setattr("training.labels.attach.attach", attach)
    assert jiesu.main([*calibrating, "--out", str(tmp_path / "aside.json")]) == 0
    assert not given
    assert jiesu.main(calibrating) == 0
    assert given == [shift_path(engine.version).read_bytes()]
    assert "as number 7" in capsys.readouterr().out

    def fail(*_: object) -> str:
        raise NotTracked("the store is down")

    monkeypatch.setattr("training.labels.attach.attach", fail)
    shift_path(engine.version).unlink()
    assert jiesu.main(calibrating) == 0
    assert "the store is down" in capsys.readouterr().err
    assert shift_path(engine.version).exists()


def test_a_new_champion_without_a_calibration_is_announced(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    done = Promotion("new", "old", None)
    champion_command._tell(done)
    assert "no calibration" not in capsys.readouterr().out
    replace_file(shift_path("old"), b"{}")
    champion_command._tell(done)
    assert "no calibration: old had one, new has none" in capsys.readouterr().out
    replace_file(shift_path("new"), b"{}")
    champion_command._tell(done)
    assert "no calibration" not in capsys.readouterr().out
