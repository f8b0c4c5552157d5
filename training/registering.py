"""How a model folder becomes a registered model; MLflow is handed in, not imported."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from triage.artifact import seal
from triage.calibration_files import shift_path
from triage.config import ROOT, data_dir
from triage.shift import CALIBRATION

MODEL = "jiesu"
REPORT = "report.html"
VERSION_TAG = "jiesu_version"

_TAG_LENGTH = 5000
_NEEDED = [
    "jieba",
    "mlflow",
    "numpy",
    "opencc",
    "orjson",
    "pandas",
    "holidays",
    "numba",
    "pyyaml",
    "spacy",
]


def register(mlflow: Any, folder: Path, name: str) -> str:
    """Log a model folder within the current run and register it; give its number."""
    from training.pyfunc_model import example, signature

    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        # A report shows masked narratives.
        hidden = shutil.ignore_patterns(REPORT)
        model = shutil.copytree(folder, Path(place) / folder.name, ignore=hidden)
        # A calibration is no part of the model: one that comes later is put in its place.
        seal(model, without=(REPORT, CALIBRATION))
        if not (model / CALIBRATION).exists() and shift_path(name).is_file():
            shutil.copyfile(shift_path(name), model / CALIBRATION)
        # `triage` looks for data/ beside itself; the corpus is not needed to read text.
        shutil.copytree(data_dir(), data, ignore=shutil.ignore_patterns("corpus", "__pycache__"))
        info = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(ROOT / "training" / "pyfunc_model.py"),
            artifacts={"model": str(model)},
            code_paths=[str(ROOT / "triage"), str(data)],
            signature=signature(),
            input_example=example(),
            pip_requirements=_requirements(),
            registered_model_name=MODEL,
        )
    number = str(info.registered_model_version)
    mlflow.MlflowClient().set_model_version_tag(MODEL, number, VERSION_TAG, name)
    return number


def numbers_of(client: Any, version: str) -> list[str]:
    """Give the numbers under which a version is registered, the newest first.

    A model has one more with each calibration.
    """
    found = [
        int(one.version)
        for one in client.search_model_versions(f"name='{MODEL}'")
        if one.tags.get(VERSION_TAG) == version
    ]
    return [str(number) for number in sorted(found, reverse=True)]


def tag(client: Any, number: str, tags: Mapping[str, str]) -> None:
    """Put tags on a number."""
    for name, value in tags.items():
        client.set_model_version_tag(MODEL, number, name, value[:_TAG_LENGTH])


def _requirements() -> list[str]:
    found = []
    for name in _NEEDED:
        with suppress(PackageNotFoundError):
            found.append(f"{name}=={version(name)}")
    return found
