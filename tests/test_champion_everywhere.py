"""The champion of the registry says what `jiesu score` says, whoever loads it."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import orjson
import pandas as pd
import pytest
from mlflow_servers import running

import jiesu
from service.scoring.part import _engine
from training import tracking
from training.labels.attach import attach
from training.pyfunc_model import signature
from triage.calibration_files import shift_path
from triage.replacing import replace_file
from triage.shift import Shift
from triage.taxonomy import split_leaf

pytestmark = pytest.mark.slow

CHAMPION = "models:/jiesu@champion"
ROWS: list[dict[str, Any]] = [
    {"id": "a", "text": "信用卡年费说好免的，又扣了三百，再不退我就打12378", "channel": "phone"},
    {"id": "b", "text": "催收天天打电话到我单位", "transfers": 2.0, "visited_branch": True},
    {"id": "c", "text": "app一直闪退😡\n转账转不出去", "amount_cny": 1200.5},
    {"id": "d", "text": "好"},
    {"id": "e", "text": "征信上有一笔不是我的，已经投诉三次了", "prior_complaints_90d": 2.0},
]
COVERAGE = 0.9
SAME = ("line", "subline", "abstained", "nature", "model_version", "calibration_version")
SPARK_NEEDS_JAVA = 17
TOLD = (
    "line string, subline string, probability double, abstained boolean, secondary string, "
    "nature string, signals string, escalation_probability double, escalation_band string, "
    "model_version string, line_set string, calibration_version string"
)


@pytest.fixture(scope="module")
def champion(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose registry holds the tiny model as champion, calibrated later."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIESU_HOME", str(home))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        before = tracking.set_alias(tracking.CHAMPION, tiny_model)
        assert attach(tiny_model, tiny_model.name, calibration(tiny_model)) not in {None, before}
        yield home


def calibration(folder: Path) -> bytes:
    """One that changes answers, and makes sets of several lines."""
    model = orjson.loads((folder / "model.json").read_bytes())
    leaves = model["leaves"]
    weights = np.linspace(0.2, 3.0, len(leaves))
    cuts = {split_leaf(leaf)[0]: 0.05 for leaf in leaves}
    return orjson.dumps(Shift(folder.name, tuple(leaves), weights, cuts, COVERAGE).to_dict())


@pytest.fixture(scope="module")
def scored(
    champion: Path, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """What `jiesu score` writes for the rows, in a home of its own with the same calibration."""
    place = tmp_path_factory.mktemp("scored")
    replace_file(shift_path(tiny_model.name, place), calibration(tiny_model))
    source, out = place / "in.jsonl", place / "out.jsonl"
    source.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in ROWS))
    options = ["--out", str(out), "--model", str(tiny_model), "--workers", "1"]
    _engine.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIESU_HOME", str(place))
        assert jiesu.main(["score", str(source), *options]) == 0
    _engine.cache_clear()
    return [orjson.loads(line) for line in out.read_bytes().splitlines()]


def table(*columns: str) -> pd.DataFrame:
    return pd.DataFrame(ROWS)[list(columns)] if columns else pd.DataFrame(ROWS)


def agree(answers: list[dict[str, Any]], scored: list[dict[str, Any]]) -> None:
    assert len(answers) == len(scored)
    for told, wanted in zip(answers, scored, strict=True):
        assert {key: told[key] for key in SAME} == {key: wanted[key] for key in SAME}
        assert told["probability"] == pytest.approx(wanted["probability"], abs=1e-6)
        assert told["secondary"] == ",".join(wanted["secondary"])
        assert told["line_set"] == ",".join(wanted["line_set"])
        codes = dict.fromkeys(one["code"] for one in wanted["signals"])
        assert told["signals"] == ",".join(codes)
        risk = wanted["escalation"]
        assert told["escalation_probability"] == pytest.approx(risk["probability"], abs=1e-6)
        assert told["escalation_band"] == risk["band"]


def test_the_rows_are_worth_comparing(scored: list[dict[str, Any]]) -> None:
    assert len({row["line"] for row in scored}) > 1
    assert {row["abstained"] for row in scored} == {True, False}
    assert any(row["signals"] for row in scored)
    assert any(len(row["line_set"]) > 1 for row in scored)


def test_a_pyfunc_with_its_signature(champion: Path, scored: list[dict[str, Any]]) -> None:
    import mlflow

    model = mlflow.pyfunc.load_model(CHAMPION)
    assert model.metadata.signature == signature()
    answers = model.predict(table())
    assert list(answers["id"]) == [row["id"] for row in ROWS]
    assert set(answers["line_set_coverage"]) == {COVERAGE}
    agree(answers.to_dict("records"), scored)


def test_one_column_of_several_rows_gets_as_many_answers(
    champion: Path, scored: list[dict[str, Any]]
) -> None:
    import mlflow

    answers = mlflow.pyfunc.load_model(CHAMPION).predict(table("text"))
    lines = [(row["line"], pytest.approx(row["probability"], abs=1e-6)) for row in scored]
    assert list(zip(answers["line"], answers["probability"], strict=True)) == lines


@pytest.fixture(scope="module")
def served(champion: Path) -> Iterator[str]:
    """The address of `mlflow models serve` over the champion."""
    words = ["models", "serve", "-m", CHAMPION, "--env-manager", "local"]
    settings = {"MLFLOW_TRACKING_URI": tracking.tracking_uri()}
    log = champion / "serve.log"
    with running(words, ready="/ping", log=log, settings=settings) as address:
        yield f"{address}/invocations"


def test_served_by_mlflow(served: str, scored: list[dict[str, Any]]) -> None:
    body = {"dataframe_records": ROWS}
    answer = httpx.post(served, json=body, timeout=60)
    assert answer.status_code == 200, answer.text[:500]
    assert "NaN" not in answer.text
    agree(answer.json()["predictions"], scored)


def test_one_column_served_by_mlflow(served: str, scored: list[dict[str, Any]]) -> None:
    split = {"columns": ["text"], "data": [[row["text"]] for row in ROWS]}
    answer = httpx.post(served, json={"dataframe_split": split}, timeout=60)
    told = [row["probability"] for row in answer.json()["predictions"]]
    assert told == pytest.approx([row["probability"] for row in scored], abs=1e-6)
    refused = httpx.post(served, json={"dataframe_records": [{"内容": "年费"}]}, timeout=60)
    assert refused.status_code == 400


def _java() -> int:
    """The major version of Java on this machine; 0 without one."""
    if shutil.which("java") is None:
        return 0
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else 0


@pytest.fixture
def spark(champion: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A Spark session of one core on this machine."""
    if _java() < SPARK_NEEDS_JAVA:
        pytest.skip(f"Spark needs Java {SPARK_NEEDS_JAVA}, which is not installed")
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: see requirements/spark.lock")
    from pyspark.sql import SparkSession

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "512m",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": str(champion / "warehouse"),
    }
    session = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def test_as_a_function_of_spark(spark: Any, scored: list[dict[str, Any]]) -> None:
    """As docs/scale.md does it."""
    import mlflow
    from pyspark.sql import functions

    names = list(table())
    rows = spark.createDataFrame(
        [tuple(row.get(name) for name in names) for row in ROWS],
        "id string, text string, channel string, transfers double, visited_branch boolean, "
        "amount_cny double, prior_complaints_90d double",
    )
    assess = mlflow.pyfunc.spark_udf(spark, CHAMPION, result_type=TOLD, env_manager="local")
    found = rows.withColumn("told", assess(functions.struct(*names))).select("id", "told.*")
    # MLflow writes a word where an answer holds nothing.
    found = found.replace("None", None)
    answers = [row.asDict() for row in found.collect()]
    assert [row["id"] for row in answers] == [row["id"] for row in ROWS]
    agree(answers, scored)
