"""Addresses of the MLflow registry (`models:/name@alias`): the one module that imports mlflow."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from triage.artifact import MANIFEST, verify
from triage.errors import ConfigError, NotReady
from triage.shift import CALIBRATION


def fetch(address: str, *, into: Path, tracking_uri: str) -> Path:
    """Resolve an address, download the model, and verify what came.

    Parameters
    ----------
    address : str
        `models:/name@alias` or `models:/name/version`.
    into : Path
        Folder for downloads; made if missing.
    tracking_uri : str
        MLflow's store.

    Returns
    -------
    Path
        The model folder.

    Raises
    ------
    NotReady
        When the address cannot be resolved, or holds no model folder.
    ArtifactRejected
        When what came differs from its manifest.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        import mlflow
    except ModuleNotFoundError as exc:
        raise ConfigError(
            f"{address} needs mlflow, which is not installed",
            cure="install the training packages, or set JIESU_MODEL to a folder",
        ) from exc
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into) as parcel:
        try:
            # Set as a whole: the registry's own address is derived from it unless it has another.
            mlflow.set_tracking_uri(tracking_uri)
            got = mlflow.artifacts.download_artifacts(artifact_uri=address, dst_path=parcel)
        except (mlflow.exceptions.MlflowException, OSError) as exc:
            raise NotReady(
                f"{address} cannot be resolved ({type(exc).__name__})",
                cure="check the name, the alias and MLFLOW_TRACKING_URI",
            ) from exc
        return _keep(_model_folder(Path(got), address), into)


def _model_folder(got: Path, address: str) -> Path:
    folders = sorted({path.parent for path in got.rglob(MANIFEST)})
    if len(folders) != 1:
        raise NotReady(
            f"{address} holds {len(folders)} model folders, one is needed",
            cure="register it with `jiesu train`",
        )
    return folders[0]


def _keep(folder: Path, into: Path) -> Path:
    verify(folder)
    # Named by its content: the same model comes to the same place, two never mix.
    content = hashlib.sha256((folder / MANIFEST).read_bytes())
    if (folder / CALIBRATION).is_file():
        content.update((folder / CALIBRATION).read_bytes())
    kept = into / content.hexdigest()[:16]
    if not kept.is_dir():
        shutil.move(folder, kept)
    verify(kept)
    return kept
