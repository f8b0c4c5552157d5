from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

import jiesu
from training import model_files, registry, run
from training.command_data import SET_ASIDE
from training.corpus import LabelledRow
from training.lines import Recipe
from training.tracking import NotTracked, Tracked
from training.train import Trained, load_recipe
from triage.artifact import verify
from triage.errors import InvalidInput
from triage.taxonomy import Taxonomy

ROWS = [
    ("T1", "信用卡年费说好免的，又扣了三百", "息费争议"),
    ("T2", "征信上有一笔逾期不是我的，请删除", "征信异议"),
    ("T3", "催收一天打二十个电话给我妈", "债务催收"),
]


@pytest.fixture
def models(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder of its own with the tiny model as champion."""
    root = tmp_path / "models"
    shutil.copytree(tiny_model, root / tiny_model.name)
    monkeypatch.setenv("JIESU_MODELS", str(root))
    monkeypatch.setenv("JIESU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert jiesu.main(["promote", tiny_model.name]) == 0
    return root


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "bank.csv"
    table = "\n".join(
        ",".join(row) for row in [("编号", "内容", "业务线"), *ROWS, ("T4", "", "其他")]
    )
    path.write_bytes(table.encode("gb18030"))
    return path


MAP = ["--map", "id=编号,text=内容,line=业务线"]


def test_evaluate_prints_names_and_codes_and_writes_both_files(
    models: Path, bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / name for name in ("e.json", "e.html", "bad.json")]
    command = ["evaluate", "--data", str(bank), *MAP, "--no-track", "--json", str(files[0])]
    assert jiesu.main([*command, "--html", str(files[1]), "--bad-rows", str(files[2])]) == 0
    told = capsys.readouterr()
    assert "业务线准确率" in told.out
    assert "credit_report" in told.out
    assert "3 usable" in told.err
    body = json.loads(files[0].read_text())
    assert body["judgement"]["rows"] == 3
    assert body["file"]["encoding"] == "gb18030"
    assert "模型评估报告" in files[1].read_text(encoding="utf-8")
    assert orjson.loads(files[2].read_bytes()) == [{"line": 5, "reason": "empty text"}]


def test_evaluate_warns_of_rows_the_model_was_trained_on(
    models: Path, tiny_rows: list[LabelledRow], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "known.jsonl"
    row = tiny_rows[0]
    path.write_bytes(orjson.dumps({"id": row.id, "text": row.text, "line": row.line}))
    command = ["evaluate", "--data", str(path), "--no-track", "--against", "champion"]
    assert jiesu.main(command) == 0
    told = capsys.readouterr()
    assert "the model was trained on 1 of the 1 rows" in told.err
    assert f"warning: {registry.champion()}, which it is compared with" in told.err
    assert "B - A" in told.out


def test_another_model_is_compared_with_the_champion(
    models: Path, tiny_model: Path, bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from triage.artifact import read_manifest, save

    files = {
        path.name: path.read_bytes()
        for path in (models / tiny_model.name).iterdir()
        if path.name != "manifest.json"
    }
    facts = read_manifest(models / tiny_model.name)
    save(models / "other", files, {**facts, "version": "other"})
    command = ["evaluate", "--data", str(bank), *MAP, "--no-track"]
    for more, compared in (
        ([], False),
        (["--model", "other"], True),
        (["--model", "other", "--against", "none"], False),
    ):
        assert jiesu.main([*command, *more]) == 0
        assert (f"A {tiny_model.name}, B other" in capsys.readouterr().out) is compared


def test_an_evaluation_is_a_run_without_texts(
    models: Path, bank: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept: dict[str, Any] = {}

    def track_run(name: str, **run_: Any) -> Tracked:
        kept.update(run_, name=name)
        return Tracked("r1", "0", None, "a store")

    monkeypatch.setattr("training.tracking.track_run", track_run)
    command = ["evaluate", "--data", str(bank), *MAP, "--where", "业务线=息费争议"]
    assert jiesu.main(command) == 0
    assert "mlflow  run r1 in a store" in capsys.readouterr().out
    assert kept["name"] == f"evaluate {registry.champion()}"
    assert kept["params"]["data"]["file"] == "bank.csv"
    assert kept["params"]["data"]["where"] == "业务线=息费争议"
    assert kept["metrics"]["evaluation.accuracy"] in {0.0, 1.0}
    assert (kept["context"], kept["model_folder"]) == ("evaluation", None)
    assert len(kept["dataset"].digest) == 64
    assert {"report.html", "figures.json", "reliability.svg"} <= kept["artifacts"].keys()
    assert "年费说好免的" not in repr(kept)

    def fail(*_: object, **__: object) -> Tracked:
        raise NotTracked("the store is down")

    monkeypatch.setattr("training.tracking.track_run", fail)
    assert jiesu.main(command) == SET_ASIDE
    assert "not tracked: the store is down" in capsys.readouterr().err


def test_compare_tells_differences_and_writes_them(
    models: Path, bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "c.json"
    (version,) = registry.versions(models)
    command = ["compare", "champion", version, "--data", str(bank), *MAP, "--json", str(out)]
    assert jiesu.main(command) == 0
    assert "0 disagreements" in capsys.readouterr().out
    assert json.loads(out.read_text())["rows"] == 3


def test_promote_and_rollback_move_the_champion(
    models: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tiny_model, models / "twin")
    assert jiesu.main(["promote", "twin", "--by", "wang", "--reason", "a twin"]) == 0
    assert f"champion twin (was {tiny_model.name})" in capsys.readouterr().out
    assert jiesu.main(["rollback", "--by", "li", "--reason", "back to the first"]) == 0
    assert [entry["by"] for entry in registry.history()[1:]] == ["wang", "li"]
    assert [entry["reason"] for entry in registry.history()[1:]] == ["a twin", "back to the first"]
    assert registry.champion() == tiny_model.name
    assert jiesu.main(["rollback"]) == 2


def test_a_refused_promotion_shows_the_comparison_and_one_objection_a_line(
    models: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from triage.artifact import read_manifest, save

    files = {path.name: path.read_bytes() for path in tiny_model.iterdir()}
    del files["manifest.json"]
    rows = orjson.loads(files["unseen.json"])
    blind = {name: {**row, "predicted": "other"} for name, row in rows.items()}
    facts = {**read_manifest(tiny_model), "version": "worse"}
    save(models / "worse", {**files, "unseen.json": orjson.dumps(blind)}, facts)
    capsys.readouterr()
    assert jiesu.main(["promote", "worse"]) == 2
    told = capsys.readouterr()
    assert f"A {tiny_model.name}, B worse" in told.out
    assert "业务线 F1" in told.out
    head, *objections = told.err.rstrip().split("\n")
    assert head == f"jiesu: worse does not replace {tiny_model.name}:"
    assert objections[0].startswith("  accuracy: ")
    assert all(line.count("->") == 1 for line in objections[:-1])
    assert registry.champion() == tiny_model.name


@pytest.mark.parametrize(
    "command",
    [
        ["evaluate", "--data", "nowhere.csv"],
        ["compare", "champion", "nobody", "--data", "nowhere.csv"],
        ["promote", "nobody"],
        ["train", "--recipe", "none"],
        ["train", "--data", "nowhere.jsonl"],
    ],
)
def test_a_wrong_argument_is_one_line_and_no_traceback(
    models: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert jiesu.main(command) == 2
    assert capsys.readouterr().err.startswith("jiesu: ")


def test_train_reports_tracks_and_says_where(
    models: Path,
    tiny_rows: list[LabelledRow],
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    trained = again(tiny_model, models, tiny_rows)
    monkeypatch.setattr("training.corpus.load_corpus", lambda taxonomy, **_: tiny_rows)
    monkeypatch.setattr("training.train.train", lambda *rows, **more: trained)
    published: list[run.Published] = []

    def track(*parts: Any, **_: Any) -> str:
        published.append(parts[1])
        return "run 1 in a store"

    monkeypatch.setattr(run, "track", track)
    assert jiesu.main(["train"]) == 0
    told = capsys.readouterr().out
    assert "run 1 in a store" in told
    assert "最有把握的错误" in (trained.folder / "report.html").read_text(encoding="utf-8")
    named = verify(trained.folder)["files"]
    assert set(named) == {path.name for path in trained.folder.iterdir()} - {"manifest.json"}
    assert {"report.html", "drift.npz", "card.md", "metrics.json"} <= set(named)
    assert "最有把握的错误" not in published[0].textless
    # Of predictions for unseen rows: far from what the model knows of its own rows.
    unseen = model_files.unseen(trained.folder)
    assert f"accuracy         {unseen.right.mean():.3f}" in told

    def fail(*_: object, **__: object) -> str:
        raise NotTracked("the store is down")

    monkeypatch.setattr(run, "track", fail)
    assert jiesu.main(["train"]) == SET_ASIDE
    assert "not tracked: the store is down" in capsys.readouterr().err
    assert jiesu.main(["train", "--no-track", "--promote"]) == 0
    assert registry.champion() == trained.version


@pytest.mark.parametrize("commit", ["0" * 40, None])
def test_a_training_run_tells_how_the_file_was_read_and_by_which_code(
    models: Path,
    tiny_rows: list[LabelledRow],
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    commit: str | None,
) -> None:
    from triage.artifact import read_manifest, save

    trained = again(tiny_model, models, tiny_rows)
    facts = read_manifest(trained.folder)
    files = {path.name: path.read_bytes() for path in trained.folder.iterdir()}
    del files["manifest.json"]
    shutil.rmtree(trained.folder)
    save(trained.folder, files, {**facts, "git_commit": commit})
    kept: dict[str, Any] = {}

    def track_run(_: str, **given: Any) -> Tracked:
        kept.update(given)
        return Tracked("r1", "0", "1", "a store")

    monkeypatch.setattr("training.tracking.track_run", track_run)
    monkeypatch.setattr("training.train.train", lambda *_, **__: trained)
    path = tmp_path / "own.csv"
    table = [("编号", "内容", "业务线", "nature"), ("x", "", "其他", "query")]
    table += [(row.id, row.text, row.leaf, str(row.nature)) for row in tiny_rows]
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(table)
    assert jiesu.main(["train", "--data", str(path), *MAP]) == 0
    read = {"file": "own.csv", "encoding": "gb18030", "map": MAP[1], "labels": "", "where": ""}
    counted = {"records": len(tiny_rows) + 1, "duplicates": 0, "bad": 1}
    assert kept["params"]["data"] == read | counted
    assert kept["params"]["taxonomy_version"] == facts["taxonomy_version"]
    assert kept["tags"] == ({"mlflow.source.git.commit": commit} if commit else None)


def again(tiny_model: Path, models: Path, rows: list[LabelledRow]) -> Trained:
    """The tiny model as if it had just been trained, under another name."""
    import numpy as np

    from training.lines import Unseen
    from triage.taxonomy import load_taxonomy

    folder = models / "29990101.000000"
    shutil.copytree(tiny_model, folder)
    saved = model_files.unseen(folder)
    taxonomy = load_taxonomy()
    rest = (1.0 - saved.confidence) / (len(taxonomy.leaves) - 1)
    leaves = np.repeat(rest[:, None], len(taxonomy.leaves), axis=1)
    for i, said in enumerate(saved.said):
        leaf = next(leaf for leaf in taxonomy.leaves if leaf.split(".")[0] == said)
        leaves[i, taxonomy.leaves.index(leaf)] = saved.confidence[i]
    natures = np.full((len(rows), len(taxonomy.nature_codes)), 0.1)
    metrics = model_files.metrics(folder)
    return Trained(folder.name, folder, metrics, Unseen(leaves, natures, leaves, (1.0, 1.0)))


def test_rows_that_cannot_fill_the_folds_are_refused_by_name(
    tiny_rows: list[LabelledRow],
) -> None:
    recipe: Recipe = load_recipe()
    run.check_enough(tiny_rows, recipe)
    few = [row for row in tiny_rows if row.leaf in {"other", "credit_report"}]
    few += [LabelledRow("x", "钱被骗了", "fraud.scam_transfer", group="x")]
    with pytest.raises(InvalidInput, match=r"fraud[.]scam_transfer 1"):
        run.check_enough(few, recipe)
    with pytest.raises(InvalidInput, match="one label only"):
        run.check_enough([row for row in tiny_rows if row.leaf == "other"], recipe)


def test_one_nature_is_refused_and_a_rare_one_is_folded(tiny_rows: list[LabelledRow]) -> None:
    recipe = load_recipe()
    one = [replace(row, nature="complaint") for row in tiny_rows]
    with pytest.raises(InvalidInput, match="one nature only; mark more natures"):
        run.check_enough(one, recipe)
    rare = [replace(tiny_rows[0], nature="praise"), *one[1:]]
    with pytest.raises(InvalidInput, match="praise 1"):
        run.check_enough(rare, recipe)
    assert run.without_rare_natures(rare, recipe)[0].nature is None
    assert run.without_rare_natures(tiny_rows, recipe)[0] == tiny_rows[0]


def test_the_champion_reads_natures_that_nobody_marked(
    models: Path, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = [LabelledRow("1", "年费多扣了", "fee_dispute", nature="praise")]
    assert run.with_natures(rows, taxonomy) == rows
    bare = [LabelledRow("2", "年费多扣了，要求退还", "fee_dispute"), *rows]
    filled = run.with_natures(bare, taxonomy)
    assert filled[0].nature in taxonomy.nature_codes
    assert filled[1] == rows[0]
    monkeypatch.setenv("JIESU_MODELS", str(tmp_path / "empty"))
    with pytest.raises(InvalidInput, match="1 rows have no nature"):
        run.with_natures(bare, taxonomy)
