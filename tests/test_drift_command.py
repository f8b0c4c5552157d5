from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import orjson
import pytest

import jiesu
from training.corpus import LabelledRow
from triage.artifact import save, seal
from triage.config import data_dir, read_yaml
from triage.drift.reference import FILE, Reference, tickets_of
from triage.drift.settings import load_drift
from triage.engine import Engine
from triage.errors import ArtifactRejected, ConfigError
from triage.taxonomy import Taxonomy


@pytest.fixture
def engine(tiny_model: Path, taxonomy: Taxonomy) -> Engine:
    return Engine.load(tiny_model, taxonomy)


def write(path: Path, texts: list[str], *, first: int = 0, channel: str = "phone") -> Path:
    rows = [
        {"id": f"T{first + n}", "text": text, "channel": channel} for n, text in enumerate(texts)
    ]
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    return path


def test_a_reference_comes_back_as_it_was_kept_without_texts(
    engine: Engine, tiny_rows: list[LabelledRow], tmp_path: Path
) -> None:
    rows = tiny_rows[:40]
    tickets = tickets_of(engine, [r.text for r in rows], ids=[r.id for r in rows])
    kept = Reference.of(tickets, most=30)
    save(tmp_path, {}, {"version": "1"})
    kept.save(tmp_path)
    again = Reference.load(tmp_path)
    assert again.views == kept.views
    assert len(again.sample.groups) == 30
    for view, counts in kept.sample.counts.items():
        assert np.array_equal(again.sample.counts[view], counts)
    assert rows[0].id.encode() not in (tmp_path / FILE).read_bytes()


@pytest.mark.parametrize("content", [None, b"nothing", b"PK\x03\x04"])
def test_a_damaged_reference_is_refused(tmp_path: Path, content: bytes | None) -> None:
    save(tmp_path, {}, {"version": "1"})
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ArtifactRejected, match=r"no usable drift\.npz"):
        Reference.load(tmp_path)


def test_a_reference_that_differs_from_the_manifest_is_not_opened(
    engine: Engine, tiny_rows: list[LabelledRow], tmp_path: Path
) -> None:
    texts = [row.text for row in tiny_rows[:40]]
    tickets = tickets_of(engine, texts, ids=[row.id for row in tiny_rows[:40]])
    save(tmp_path, {}, {"version": "1"})
    Reference.of(tickets, most=30).save(tmp_path)
    seal(tmp_path)
    assert len(Reference.load(tmp_path).sample.groups) == 30
    # Another reference, whole in itself.
    Reference.of(tickets[:20], most=30).save(tmp_path)
    with pytest.raises(ArtifactRejected, match=r"drift\.npz: sha256 differs"):
        Reference.load(tmp_path)


def test_the_command_tells_changes_and_new_phrases(
    tiny_model: Path,
    tiny_rows: list[LabelledRow],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = tmp_path / tiny_model.name
    shutil.copytree(tiny_model, model)
    monkeypatch.setenv("JIESU_HOME", str(tmp_path / "home"))
    texts = [row.text for row in tiny_rows]
    half = len(texts) // 2
    before = write(tmp_path / "before.jsonl", texts[:half])
    told = [f"{text}对方让我下载云护通开会" for text in texts[half : half + 8]]
    recent = write(tmp_path / "recent.jsonl", [*told, *texts[half + 8 : half + 60]], first=10_000)
    out = tmp_path / "drift.json"
    command = ["drift", "--data", str(recent), "--reference", str(before), "--model", str(model)]
    assert jiesu.main([*command, "--json", str(out)]) == 3
    body = json.loads(out.read_text())
    assert {view["view"] for view in body["views"]} >= {"words", "risk", "channel"}
    assert "云护通" in "".join(phrase["text"] for phrase in body["phrases"])
    assert body["changed"] == []
    assert all(phrase["recut"] >= 8 for phrase in body["phrases"])
    said = capsys.readouterr()
    assert "too few to ring" in said.err
    assert "estimated accuracy" in said.out


def test_a_view_that_the_reference_lacks_is_left_out_and_said_so(
    tiny_model: Path,
    tiny_rows: list[LabelledRow],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recent = write(tmp_path / "recent.jsonl", [row.text for row in tiny_rows[:40]])
    before = tmp_path / "before.csv"
    before.write_text("内容\n" + "\n".join(row.text for row in tiny_rows[40:80]), "utf-8")
    out = tmp_path / "drift.json"
    command = ["drift", "--data", str(recent), "--reference", str(before)]
    command += ["--reference-map", "text=内容"]  # the other file has the usual names
    assert jiesu.main([*command, "--model", str(tiny_model), "--json", str(out)]) == 0
    body = json.loads(out.read_text())
    assert body["left_out"] == {"channel": "reference"}
    assert "channel" not in {view["view"] for view in body["views"]}
    told = capsys.readouterr().err
    assert "channel is left out" in told
    assert "no phrase is new" in told


def test_what_the_reference_did_not_know_moves_no_risk(
    tiny_model: Path, tiny_rows: list[LabelledRow], tmp_path: Path
) -> None:
    texts = [row.text for row in tiny_rows[:40]]
    recent = write(tmp_path / "recent.jsonl", texts, channel="regulator_guided")
    bare = tmp_path / "bare.jsonl"
    bare.write_bytes(b"\n".join(orjson.dumps({"text": text}) for text in texts))
    known = write(tmp_path / "known.jsonl", texts)
    out = tmp_path / "drift.json"
    risks = []
    for before in (bare, known):
        command = ["drift", "--data", str(recent), "--reference", str(before)]
        jiesu.main([*command, "--model", str(tiny_model), "--json", str(out)])
        views = {view["view"]: view for view in json.loads(out.read_text())["views"]}
        assert views["words"]["distance"] == pytest.approx(0.0)
        risks.append(views["risk"]["distance"])
    assert risks[0] == pytest.approx(0.0)
    assert risks[1] > 0.01  # another channel is news where channels were known


def test_authored_narratives_ring_nothing(
    tiny_model: Path,
    tiny_rows: list[LabelledRow],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine = Engine.load(tiny_model)
    texts = [row.text[:15] for row in tiny_rows[150:300]]
    recent = write(tmp_path / "recent.jsonl", texts)
    model = tmp_path / tiny_model.name
    shutil.copytree(tiny_model, model)
    quiet = tickets_of(engine, [r.text for r in tiny_rows[:150]], ids=[r.id for r in tiny_rows])
    Reference.of(quiet, most=200).save(model)
    command = ["drift", "--data", str(recent), "--model", str(model)]
    assert jiesu.main(command) == 3
    digest = engine.manifest["corpus_digest"]
    monkeypatch.setattr("training.corpus.corpus_digest", lambda _: digest)
    assert jiesu.main(command) == 0
    assert "authored narratives" in capsys.readouterr().err


def test_without_a_reference_the_model_must_have_one(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / tiny_model.name
    shutil.copytree(tiny_model, model)
    (model / FILE).unlink(missing_ok=True)
    recent = write(tmp_path / "recent.jsonl", ["信用卡年费又扣了三百"])
    assert jiesu.main(["drift", "--data", str(recent), "--model", str(model)]) == 2
    assert "--reference" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"recent_days": 0}, "recent_days"),
        ({"recent_most_days": 13}, "recent_most_days"),
        ({"odd": 1}, "odd"),
        ({"permutations": 99}, "permutations"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    change: dict[str, int], about: str, tmp_path: Path
) -> None:
    path = tmp_path / "drift.yaml"
    path.write_bytes(orjson.dumps(read_yaml(data_dir() / "drift.yaml") | change))
    with pytest.raises(ConfigError, match=about):
        load_drift(path)
