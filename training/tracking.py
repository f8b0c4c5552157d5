"""Runs and registered models in MLflow; with `training/pyfunc_model.py` all that knows it.

MLflow is imported when it is first used (it takes seconds) and its telemetry is switched off
before that. Texts are never handed to it: the dataset is logged without them.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from training.tracked_data import Dataset, flat
from triage.config import ROOT, data_dir, home_dir
from triage.errors import ArtifactRejected, InvalidInput, JiesuError

EXPERIMENT = "jiesu"
MODEL = "jiesu"
CHAMPION = "champion"
CHALLENGER = "challenger"

_VERSION_TAG = "jiesu_version"
# MLflow keeps 36 characters of a digest; the whole one is a parameter of the run.
_DIGEST_LENGTH = 32
_SQLITE = "sqlite:///"
_PARAM_LENGTH = 500
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


class NotTracked(JiesuError):
    """The tracking store failed; what was to be recorded is not lost elsewhere."""

    code = "not_tracked"
    status = 503


@dataclass(frozen=True, slots=True)
class Tracked:
    """Where a run and its model are kept."""

    run_id: str
    experiment_id: str
    model_version: str | None
    store: str


def tracking_uri() -> str:
    """Address of the store: `MLFLOW_TRACKING_URI`, else SQLite in the home folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home_dir() / 'mlflow.db'}"


def store_exists() -> bool:
    """Whether anything can have been tracked yet."""
    uri = tracking_uri()
    return not uri.startswith(_SQLITE) or Path(uri.removeprefix(_SQLITE)).is_file()


def track_run(
    name: str,
    *,
    params: Mapping[str, Any],
    metrics: Mapping[str, float],
    dataset: Dataset,
    artifacts: Mapping[str, str | Path],
    model_folder: Path | None,
) -> Tracked:
    """Record one training run and register its model as challenger.

    Parameters
    ----------
    name : str
        Of the run; the version of the model.
    params : mapping
        Nested mappings become dotted names.
    metrics : mapping of str to float
    dataset : Dataset
    artifacts : mapping of file name to content or to a file
        Reports and plots, without texts by who made them.
    model_folder : Path or None
        `models/<version>/`; without one nothing is registered.

    Raises
    ------
    NotTracked
        When the store cannot be reached or written.
    """
    mlflow = _mlflow()
    with _kept():
        experiment = _experiment(mlflow)
        with mlflow.start_run(run_name=name, experiment_id=experiment) as run:
            mlflow.log_params({k: str(v)[:_PARAM_LENGTH] for k, v in flat(params).items()})
            mlflow.log_param("dataset_sha256", dataset.digest)
            mlflow.log_metrics(dict(metrics))
            mlflow.log_input(_mlflow_dataset(mlflow, dataset), context="training")
            for file, content in artifacts.items():
                if isinstance(content, Path):
                    mlflow.log_artifact(str(content))
                else:
                    mlflow.log_text(content, file)
            number = _register(mlflow, model_folder, name) if model_folder else None
        if number:
            mlflow.MlflowClient().set_registered_model_alias(MODEL, CHALLENGER, number)
    return Tracked(run.info.run_id, experiment, number, tracking_uri())


def set_alias(alias: str, folder: Path) -> str:
    """Point an alias at a model folder, registering it if it is not; give its number.

    Raises
    ------
    NotTracked
        When the store cannot be reached or written.
    """
    mlflow = _mlflow()
    with _kept():
        client = mlflow.MlflowClient()
        numbers = [
            str(found.version)
            for found in client.search_model_versions(f"name='{MODEL}'")
            if found.tags.get(_VERSION_TAG) == folder.name
        ]
        if not numbers:
            # An alias left on another model would go on being served.
            with mlflow.start_run(run_name=folder.name, experiment_id=_experiment(mlflow)):
                numbers = [_register(mlflow, folder, folder.name)]
        client.set_registered_model_alias(MODEL, alias, numbers[0])
    return numbers[0]


def resolve(uri: str) -> Path:
    """Give the model folder behind an address such as `models:/jiesu@champion`.

    Raises
    ------
    InvalidInput
        When the registry has no such model.
    ArtifactRejected
        When what is registered holds no model folder.
    """
    mlflow = _mlflow()
    from mlflow.exceptions import MlflowException

    try:
        local = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri))
    except (MlflowException, OSError) as exc:
        raise InvalidInput(
            f"{uri} is not in the registry", cure="see `mlflow ui`, or name a folder of models/"
        ) from exc
    folders = [found.parent for found in local.glob("artifacts/*/manifest.json")]
    if len(folders) != 1:
        raise ArtifactRejected(f"{uri} holds no jiesu model", cure="train and register one")
    return folders[0]


@contextmanager
def _kept() -> Iterator[None]:
    try:
        yield
    # Whatever a store or its driver raises: an outage must not cost the model that was trained.
    except Exception as exc:
        raise NotTracked(
            f"the run could not be kept in {tracking_uri()}", cure="see MLFLOW_TRACKING_URI"
        ) from exc


def _mlflow() -> Any:
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    uri = tracking_uri()
    if uri.startswith(_SQLITE):
        Path(uri.removeprefix(_SQLITE)).parent.mkdir(parents=True, exist_ok=True)
    import mlflow

    # Migrations of an empty store and hints of the client are no news to who trains a model.
    for name in ("alembic", "mlflow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    mlflow.set_tracking_uri(uri)
    return mlflow


def _experiment(mlflow: Any) -> str:
    known = mlflow.get_experiment_by_name(EXPERIMENT)
    if known is not None:
        return str(known.experiment_id)
    # A local store would otherwise put its files into the current folder.
    local = tracking_uri().startswith(_SQLITE)
    place = (home_dir() / "mlartifacts").resolve().as_uri() if local else None
    return str(mlflow.create_experiment(EXPERIMENT, artifact_location=place))


def _mlflow_dataset(mlflow: Any, dataset: Dataset) -> Any:
    import pandas as pd

    return mlflow.data.from_pandas(
        pd.DataFrame(list(dataset.table)),
        name=dataset.name,
        targets="line",
        digest=dataset.digest[:_DIGEST_LENGTH],
    )


def _register(mlflow: Any, folder: Path, name: str) -> str:
    from training.pyfunc_model import example, signature

    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        # A report shows masked narratives.
        hidden = shutil.ignore_patterns("report.html")
        model = shutil.copytree(folder, Path(place) / folder.name, ignore=hidden)
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
    mlflow.MlflowClient().set_model_version_tag(MODEL, number, _VERSION_TAG, name)
    return number


def _requirements() -> list[str]:
    found = []
    for name in _NEEDED:
        with suppress(PackageNotFoundError):
            found.append(f"{name}=={version(name)}")
    return found
