"""Runs and registered models in MLflow; with `training/pyfunc_model.py` all that knows it.

MLflow is imported when it is first used (it takes seconds) and its telemetry is switched off
before that. Texts are never handed to it: the dataset is logged without them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.registering import MODEL, numbers_of, register, tag
from training.tracked_data import Dataset, flat
from triage.config import home_dir
from triage.errors import ArtifactRejected, InvalidInput, JiesuError

EXPERIMENT = "jiesu"
CHAMPION = "champion"
CHALLENGER = "challenger"

TRAINING, EVALUATION = "training", "evaluation"

_KIND = "jiesu_kind"
# MLflow keeps 36 characters of a digest; the whole one is a parameter of the run.
_DIGEST_LENGTH = 32
_SQLITE = "sqlite:///"
_PARAM_LENGTH = 500


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
    context: str = TRAINING,
    tags: Mapping[str, str] | None = None,
) -> Tracked:
    """Record one run; register the model that it made, if any, as challenger.

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
    context : str
        What the dataset was for: `training` or `evaluation`.
    tags : mapping of str to str, optional
        Of the run.

    Raises
    ------
    NotTracked
        When the store cannot be reached or written.
    """
    with store() as mlflow:
        experiment = experiment_of(mlflow)
        named = {"run_name": name, "experiment_id": experiment}
        with mlflow.start_run(**named, tags={_KIND: context, **(tags or {})}) as run:
            mlflow.log_params({k: str(v)[:_PARAM_LENGTH] for k, v in flat(params).items()})
            mlflow.log_param("dataset_sha256", dataset.digest)
            mlflow.log_metrics(dict(metrics))
            mlflow.log_input(_mlflow_dataset(mlflow, dataset), context=context)
            for file, content in artifacts.items():
                if isinstance(content, Path):
                    mlflow.log_artifact(str(content))
                else:
                    mlflow.log_text(content, file)
            number = register(mlflow, model_folder, name) if model_folder else None
        if number:
            mlflow.MlflowClient().set_registered_model_alias(MODEL, CHALLENGER, number)
    return Tracked(run.info.run_id, experiment, number, tracking_uri())


def set_alias(alias: str, folder: Path, tags: Mapping[str, str] | None = None) -> str:
    """Point an alias at a model folder, registering it if it is not; give its number.

    Parameters
    ----------
    tags : mapping of str to str, optional
        Put on the version of the registered model.

    Raises
    ------
    NotTracked
        When the store cannot be reached or written.
    """
    with store() as mlflow:
        client = mlflow.MlflowClient()
        numbers = numbers_of(client, folder.name)
        if not numbers:
            # An alias left on another model would go on being served.
            with mlflow.start_run(run_name=folder.name, experiment_id=experiment_of(mlflow)):
                numbers = [register(mlflow, folder, folder.name)]
        client.set_registered_model_alias(MODEL, alias, numbers[0])
        tag(client, numbers[0], tags or {})
    return numbers[0]


def tag_version(version: str, tags: Mapping[str, str]) -> None:
    """Put tags on a registered version; one that is not registered is passed over.

    Raises
    ------
    NotTracked
        When the store cannot be reached or written.
    """
    with store() as mlflow:
        client = mlflow.MlflowClient()
        for number in numbers_of(client, version):
            tag(client, number, tags)


def resolve(uri: str) -> Path:
    """Give the model folder behind an address such as `models:/jiesu@champion`.

    Raises
    ------
    InvalidInput
        When the registry has no such model.
    ArtifactRejected
        When what is registered holds no model folder.
    """
    mlflow = _opened()
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
def store() -> Iterator[Any]:
    """Give MLflow over the tracking store; what the store raises comes as `NotTracked`."""
    mlflow = _opened()
    try:
        yield mlflow
    # Whatever a store or its driver raises: an outage must not cost the model that was trained.
    except Exception as exc:
        raise NotTracked(
            f"the run could not be kept in {tracking_uri()}", cure="see MLFLOW_TRACKING_URI"
        ) from exc


def _opened() -> Any:
    """Give MLflow, quiet and pointed at the tracking store."""
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


def experiment_of(mlflow: Any) -> str:
    """Give the id of our experiment, made where there is none."""
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
