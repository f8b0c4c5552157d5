from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from judge_fakes import FakeEngine

from training import tracking
from training.bank_data import read_labelled
from training.cases import Case
from training.comparison import compare
from training.evaluation_run import track_evaluation
from training.judge import judge
from training.report import Extras
from training.tracked_data import dataset_of, flat
from triage.artifact import read_manifest, seal, verify
from triage.errors import InvalidInput
from triage.taxonomy import Taxonomy

CARD = "6222021234567890128"
STORY = "信用卡年费说好免的，又扣了三百"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIESU_HOME", str(place))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        yield place


@pytest.fixture(scope="module")
def tracked(
    home: Path, tiny_model: Path, taxonomy: Taxonomy, tmp_path_factory: pytest.TempPathFactory
) -> tracking.Tracked:
    """A run on a bank's row with a card number in it, and its model registered."""
    file = tmp_path_factory.mktemp("bank") / "bank.jsonl"
    file.write_text(f'{{"text": "卡号{CARD}年费多扣了", "line": "fee_dispute"}}', encoding="utf-8")
    data = read_labelled(file, taxonomy)
    folder = tmp_path_factory.mktemp("models") / tiny_model.name
    shutil.copytree(tiny_model, folder)
    # As `jiesu train` leaves it beside the model, with the mistakes.
    (folder / "report.html").write_text(f"<p>{data.cases[0].text}</p>", encoding="utf-8")
    seal(folder)
    return tracking.track_run(
        tiny_model.name,
        params={"recipe": {"C": 0.5}},
        metrics={"accuracy": 0.75},
        dataset=dataset_of(data.rows, name="bank.jsonl"),
        artifacts={"report.html": "<p>0.75</p>", "plot.svg": "<svg/>"},
        model_folder=folder,
    )


def test_importing_tracking_imports_no_mlflow() -> None:
    code = "import sys, training.tracking; print('mlflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_run_keeps_parameters_metrics_dataset_and_artifacts(
    tracked: tracking.Tracked,
) -> None:
    import mlflow

    run = mlflow.get_run(tracked.run_id)
    assert run.data.params["recipe.C"] == "0.5"
    assert run.data.metrics["accuracy"] == 0.75
    (given,) = run.inputs.dataset_inputs
    assert run.data.params["dataset_sha256"].startswith(given.dataset.digest)
    assert given.dataset.name == "bank.jsonl"
    kept = {item.path for item in mlflow.MlflowClient().list_artifacts(tracked.run_id)}
    assert {"report.html", "plot.svg"} <= kept


def test_no_text_of_a_customer_reaches_the_store(tracked: tracking.Tracked, home: Path) -> None:
    files = [path for path in home.rglob("*") if path.is_file()]
    assert (home / "mlflow.db") in files
    for path in files:
        content = path.read_bytes()
        assert CARD.encode() not in content
        assert "年费多扣了".encode() not in content


def test_the_registered_copy_is_whole_and_its_manifest_names_no_report(
    tracked: tracking.Tracked, tiny_model: Path
) -> None:
    folder = tracking.resolve("models:/jiesu@challenger")
    named = verify(folder)["files"]
    assert set(named) == {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert set(named) == set(read_manifest(tiny_model)["files"])


def test_everything_stays_in_the_home_folder(tracked: tracking.Tracked, home: Path) -> None:
    assert tracked.store == f"sqlite:///{home / 'mlflow.db'}"
    assert (home / "mlartifacts").is_dir()


def test_the_registered_model_is_the_folder_and_verifies(
    tracked: tracking.Tracked, tiny_model: Path
) -> None:
    folder = tracking.resolve("models:/jiesu@challenger")
    assert verify(folder) == verify(tiny_model)


def test_several_rows_get_several_answers(tracked: tracking.Tracked, tiny_engine: Any) -> None:
    import mlflow

    model = mlflow.pyfunc.load_model("models:/jiesu@challenger")
    table = pd.DataFrame(
        {
            "text": [STORY, "征信上有一笔不是我的", ""],
            "id": ["a", "b", None],
            "transfers": [1.0, None, 3.0],
            "visited_branch": [True, None, False],
        }
    )
    told = model.predict(table)
    assert list(told["id"][:2]) == ["a", "b"]
    assert list(told["abstained"])[2]
    expected = tiny_engine.assess(["征信上有一笔不是我的"])[0]
    assert told["probability"][1] == pytest.approx(expected.probability)
    assert len(model.predict(pd.DataFrame({"text": [STORY] * 3}))) == 3
    assert model.metadata.get_input_schema().input_names()[0] == "text"


def test_a_table_without_texts_is_refused(tracked: tracking.Tracked) -> None:
    import mlflow

    model = mlflow.pyfunc.load_model("models:/jiesu@challenger")
    with pytest.raises(mlflow.exceptions.MlflowException, match="text"):
        model.predict(pd.DataFrame({"内容": [STORY]}))


def test_an_alias_follows_a_folder_and_registers_it_once(
    tracked: tracking.Tracked, tiny_model: Path
) -> None:
    assert tracking.set_alias(tracking.CHAMPION, tiny_model) == tracked.model_version
    champion = tracking.resolve("models:/jiesu@champion")
    assert champion == tracking.resolve("models:/jiesu@challenger")


def test_promotion_and_rollback_are_tags_of_the_version(
    tracked: tracking.Tracked, tiny_model: Path
) -> None:
    import mlflow

    tags = {"jiesu.promote.by": "wang", "jiesu.promote.gate": '{"rows":100}'}
    number = tracking.set_alias(tracking.CHAMPION, tiny_model, tags)
    tracking.tag_version(tiny_model.name, {"jiesu.withdrawn.by": "li"})
    tracking.tag_version("never registered", {"jiesu.withdrawn.by": "li"})
    kept = mlflow.MlflowClient().get_model_version("jiesu", number).tags
    assert {**tags, "jiesu.withdrawn.by": "li"}.items() <= kept.items()


def test_an_evaluation_keeps_figures_and_no_row(
    tracked: tracking.Tracked, home: Path, taxonomy: Taxonomy
) -> None:
    import mlflow

    engine: Any = FakeEngine()
    old: Any = FakeEngine({}, version="old")
    cases = [Case(f"n{i}", f"催收第{i}次打给单位", "other") for i in range(8)]
    extras = Extras(data_name="bank.csv", comparison=compare(old, engine, cases))
    judgement = judge(engine, cases)
    assert judgement.mistakes
    rows = [case.row() for case in cases]
    told = track_evaluation(judgement, extras, rows, taxonomy, {"file": "bank.csv"})
    run = mlflow.get_run(told.split()[1])
    assert run.data.params["model"] == run.data.tags["jiesu_version"] == "fake.1"
    assert run.data.tags["jiesu_kind"] == "evaluation"
    assert (run.data.params["against"], run.data.params["data.file"]) == ("old", "bank.csv")
    assert run.data.metrics["evaluation.accuracy"] == 0.0
    assert run.data.metrics["change.accuracy"] == -1.0
    (given,) = run.inputs.dataset_inputs
    assert run.data.params["dataset_sha256"].startswith(given.dataset.digest)
    for path in home.rglob("*"):
        assert not path.is_file() or "打给单位".encode() not in path.read_bytes()


def test_an_address_that_is_not_there_is_a_plain_error(tracked: tracking.Tracked) -> None:
    with pytest.raises(InvalidInput, match="models:/jiesu@nobody"):
        tracking.resolve("models:/jiesu@nobody")


def test_a_store_that_fails_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("this is no database")
    monkeypatch.setenv("JIESU_HOME", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert tracking.store_exists()
    with pytest.raises(tracking.NotTracked, match=r"mlflow[.]db"):
        tracking.track_run(
            "v",
            params={},
            metrics={},
            dataset=dataset_of([], name="none"),
            artifacts={},
            model_folder=None,
        )


def test_nested_parameters_get_dotted_names() -> None:
    assert flat({"a": {"b": {"c": 1}}, "d": 2}) == {"a.b.c": 1, "d": 2}


def test_the_environment_names_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow.test")
    assert tracking.tracking_uri() == "http://mlflow.test"
    assert tracking.store_exists()
