"""Scoring on a real Dask cluster: a scheduler and two workers, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from distributed import Client
from scipy.sparse import csr_matrix

from benchmarks.clusters import Cluster
from benchmarks.servers import free_port
from jiesu import main
from service.scoring import cluster
from service.scoring.cluster import run_dask
from service.scoring.command import score_file
from service.scoring.part import Done, Job, Task
from training.cluster import on_cluster
from training.linear import RatioSVC
from triage.errors import InvalidInput, NotReady

TEXTS = ["信用卡年费扣了三次，要求退", "催收天天打电话到我单位", "app一直闪退", "花呗被冻结了"]
FILES, ROWS = 16, 25

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of many small files, so that there are many parts."""
    folder = tmp_path_factory.mktemp("night")
    for number in range(FILES):
        rows = ({"id": f"{number}-{i}", "text": TEXTS[i % 4]} for i in range(ROWS))
        content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{number:02d}.jsonl").write_text(content + "not json\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("dask"), workers=2) as started:
        yield started


def test_a_worker_that_sees_other_files_or_settings_says_so(
    dask: Cluster, night: Path, tiny_model: Path, tmp_path: Path
) -> None:
    def elsewhere(job: Job, tasks: Iterable[Task]) -> Iterator[Done]:
        return run_dask(replace(job, folder=tmp_path / "not" / "there"), tasks, dask.address)

    def otherwise(job: Job, tasks: Iterable[Task]) -> Iterator[Done]:
        return run_dask(replace(job, settings="other"), tasks, dask.address)

    out = str(tmp_path / "out.jsonl")
    with pytest.raises(InvalidInput, match="does not see"):
        score_file(night, out, tiny_model, runner=elsewhere)
    with pytest.raises(InvalidInput, match="another configuration"):
        score_file(night, out, tiny_model, runner=otherwise)


def test_what_is_fitted_on_the_cluster_is_what_is_fitted_here(dask: Cluster) -> None:
    rng = np.random.default_rng(20)
    matrix = csr_matrix(rng.random((90, 6)))
    labels = [f"line{number % 3}" for number in range(90)]
    here = RatioSVC().fit(matrix, labels)
    with on_cluster(dask.address):
        there = RatioSVC(n_jobs=-1).fit(matrix, labels)
    np.testing.assert_array_equal(there.coef_, here.coef_)
    with pytest.raises(InvalidInput), on_cluster("nonsense"):
        pass


def test_a_worker_is_killed_in_the_middle_and_the_bytes_are_those_of_one_machine(
    dask: Cluster,
    night: Path,
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, there = tmp_path / "here.jsonl", tmp_path / "there.jsonl"
    finished: list[Done] = []

    def killing(job: Job, tasks: Iterable[Task]) -> Iterator[Done]:
        for done in run_dask(job, tasks, dask.address):
            finished.append(done)
            if len(finished) == 2:
                dask.kill_worker()
            yield done

    summary = score_file(night, str(there), tiny_model, only="lines", runner=killing)
    assert (summary.rows, summary.rejected) == (FILES * ROWS, FILES)
    score_file(night, str(here), tiny_model, only="lines", workers=1)
    assert there.read_bytes() == here.read_bytes()
    rejected = [Path(f"{path}.rejected.jsonl").read_bytes() for path in (here, there)]
    assert rejected[0] == rejected[1]
    dask.kill_worker()
    monkeypatch.setattr(cluster, "_WORKERS_S", 0.2)
    with pytest.raises(NotReady, match="has no workers"):
        score_file(night, str(there), tiny_model, runner=killing)


def test_a_scheduler_that_is_not_there_is_told(
    night: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_S", 0.2)
    given = ["score", str(night), "--out", str(tmp_path / "o.jsonl"), "--model", str(tiny_model)]
    nobody = f"tcp://127.0.0.1:{free_port()}"
    for more in (
        ["--engine", "dask"],
        ["--scheduler", nobody],
        ["--engine", "dask", "--scheduler", "nonsense"],
        ["--engine", "dask", "--scheduler", nobody],
    ):
        assert main([*given, *more]) == 2


def test_the_command_starts_a_cluster_and_takes_it_down() -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "jiesu", "cluster", "--workers", "1", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        assert address == f"tcp://127.0.0.1:{port}"
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
            (worker,) = client.run(os.getpid).values()
        process.terminate()
        assert process.wait(60) == 0
        assert ended(worker)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ended(pid: int) -> bool:
    for _ in range(3000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False
