"""A tracking server on a SQLite file: runs go to it over HTTP, and the champion comes from it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
import pytest

from training import tracking
from training.corpus import LabelledRow
from training.history import tags_of
from training.tracked_data import dataset_of
from triage.artifact import verify

pytestmark = pytest.mark.slow

STARTS_WITHIN_S = 600.0
STORY = "信用卡年费说好免的，又扣了三百"
ENTRY = {"action": "promote", "version": "v", "at": "2026-11-23T09:00:00+00:00", "by": "wang"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store") / "mlflow.db"


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[str]:
    """The address of `mlflow server` on a store of its own, as docs/settings.md starts one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", port]
    command += ["--backend-store-uri", f"sqlite:///{store}", "--workers", "1"]
    command += ["--artifacts-destination", str(store.parent / "artifacts")]
    # Six processes for judging language models, which nothing here does.
    settings = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    # The server starts others by their names, which are beside this interpreter.
    settings["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with (store.parent / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=os.environ | settings, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _until_ready(f"http://127.0.0.1:{port}/health", process, store.parent / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)


def _until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text("utf-8", "replace")[-2_000:]
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    raise AssertionError(log.read_text("utf-8", "replace")[-2_000:])


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
