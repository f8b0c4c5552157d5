"""A calibration that is kept where a model is served from: in `JIESU_HOME`, and in the registry."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from training import tracking
from training.registering import MODEL, numbers_of, register, tag
from training.registry import Promotion
from triage.calibration_files import digest_of, shift_path
from triage.shift import CALIBRATION

_TAG = "calibration_version"


def attach(folder: Path, version: str, content: bytes) -> str | None:
    """Register a model once more, with its calibration, and move its aliases there.

    What was registered before stays as it is: an alias moved back takes the calibration away.

    Parameters
    ----------
    folder : Path
        Of the model.
    version : str
    content : bytes
        The calibration as it is written.

    Returns
    -------
    str or None
        The number it has in the registry; None where it is not registered at all.

    Raises
    ------
    NotTracked
        When the store cannot be reached or written.
    """
    if not tracking.store_exists():
        return None
    with tracking.store() as mlflow:
        client = mlflow.MlflowClient()
        known = numbers_of(client, version)
        if not known:
            return None
        number = _registered(mlflow, folder, version, content)
        tag(client, number, {_TAG: digest_of(content)})
        aliases: Mapping[str, Any] = client.get_registered_model(MODEL).aliases
        for alias in [name for name, at in aliases.items() if str(at) in known]:
            client.set_registered_model_alias(MODEL, alias, number)
    return number


def _registered(mlflow: Any, folder: Path, version: str, content: bytes) -> str:
    told, name = orjson.loads(content), f"{version}+{digest_of(content)}"
    with (
        tempfile.TemporaryDirectory() as place,
        mlflow.start_run(run_name=name, experiment_id=tracking.experiment_of(mlflow)),
    ):
        model = shutil.copytree(folder, Path(place) / version)
        (model / CALIBRATION).write_bytes(content)
        facts = {key: told[key] for key in ("file", "tickets", "coverage") if key in told}
        mlflow.log_params({"model": version, _TAG: digest_of(content), **facts})
        if "moved" in told:
            mlflow.log_metric("moved", told["moved"])
        mlflow.log_dict(told, CALIBRATION)
        return register(mlflow, model, version)


def calibration_lost(done: Promotion) -> str | None:
    """Say that a new champion answers without a calibration where the one before had one."""
    if done.previous is None or not shift_path(done.previous).is_file():
        return None
    if shift_path(done.version).is_file():
        return None
    return (
        f"no calibration: {done.previous} had one, {done.version} has none; its answers are not"
        " corrected and tell no sets of lines until you run `jiesu calibrate`"
    )
