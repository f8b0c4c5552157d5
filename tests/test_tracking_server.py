"""A tracking server on a SQLite file: runs go to it over HTTP, and the champion comes from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from mlflow_servers import running

from training import tracking
from training.corpus import LabelledRow
from training.history import tags_of
from training.tracked_data import dataset_of
from triage.artifact import verify

pytestmark = pytest.mark.slow

STORY = "信用卡年费说好免的，又扣了三百"
ENTRY = {"action": "promote", "version": "v", "at": "2026-11-23T09:00:00+00:00", "by": "wang"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store") / "mlflow.db"


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[str]:
    """The address of `mlflow server` on a store of its own, as docs/settings.md starts one."""
    words = ["server", "--backend-store-uri", f"sqlite:///{store}", "--workers", "1"]
    words += ["--artifacts-destination", str(store.parent / "artifacts")]
    # Six processes for judging language models, which nothing here does.
    settings = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    log = store.parent / "server.log"
    with running(words, ready="/health", log=log, settings=settings) as address:
        yield address


@pytest.fixture
def remote(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a data scientist sets; the home folder is to stay empty."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setenv("JIESU_HOME", str(tmp_path / "home"))
    return server


def test_a_run_and_the_champion_live_on_the_server(
    remote: str,
    store: Path,
    tiny_model: Path,
    tiny_rows: list[LabelledRow],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import mlflow

    done = tracking.track_run(
        tiny_model.name,
        params={"recipe": {"C": 0.5}},
        metrics={"accuracy": 0.75},
        dataset=dataset_of(tiny_rows[:20], name="part of data/corpus"),
        artifacts={"report.html": "<p>0.75</p>"},
        model_folder=tiny_model,
    )
    assert done.store == remote
    number = tracking.set_alias(tracking.CHAMPION, tiny_model, tags_of(ENTRY))
    assert number == done.model_version

    folder = tracking.resolve("models:/jiesu@champion")
    assert verify(folder) == verify(tiny_model)
    answers = mlflow.pyfunc.load_model("models:/jiesu@champion").predict(
        pd.DataFrame({"text": [STORY]})
    )
    assert answers["model_version"][0] == tiny_model.name
    kept = mlflow.MlflowClient().get_model_version_by_alias("jiesu", "champion")
    assert kept.tags["jiesu.promote.by"] == "wang"
    assert [item.path for item in mlflow.MlflowClient().list_artifacts(done.run_id)] == [
        "report.html"
    ]
    assert not (tmp_path / "home").exists()

    # Whoever opens the file sees the same, and the server what they write.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{store}")
    beside = tracking.track_run(
        "beside",
        params={},
        metrics={"accuracy": 0.5},
        dataset=dataset_of(tiny_rows[:5], name="a few"),
        artifacts={},
        model_folder=None,
    )
    assert mlflow.get_run(done.run_id).data.params["recipe.C"] == "0.5"
    mlflow.set_tracking_uri(remote)
    assert mlflow.get_run(beside.run_id).data.metrics["accuracy"] == 0.5
