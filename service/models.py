"""Where the model to serve lies. Nothing is opened here."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from triage.errors import NotReady

if TYPE_CHECKING:
    from service.settings import Settings

CHAMPION = "CHAMPION"
_REGISTRY = "models:/"
# A version is the name of a folder directly under the models folder, nothing else.
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


def find_model(model: str | None = None, settings: Settings | None = None) -> Path:
    """Find the folder of a model, fetching it from the registry where the address says so.

    Parameters
    ----------
    model : str, optional
        A folder, a version, or `models:/name@alias`; left out, what the settings name.
    settings : Settings, optional
        From the environment when left out.

    Raises
    ------
    NotReady
        When there is none.
    ArtifactRejected
        When what the registry gave differs from its manifest.
    """
    from service.settings import load_settings

    known = settings or load_settings()
    chosen = model or known.model
    if not in_registry(chosen):
        return locate(chosen, known.models)
    from service.registry import fetch

    store = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{known.home / 'mlflow.db'}"
    return fetch(chosen, into=known.home / "registry", tracking_uri=store)


def in_registry(model: str) -> bool:
    """Tell whether an address points into the MLflow registry."""
    return model.startswith(_REGISTRY)


def locate(model: str, models: Path) -> Path:
    """Find the folder of the model to serve.

    Parameters
    ----------
    model : str
        A folder, a version, or empty for the champion (`JIESU_MODEL`).
    models : Path
        Folder of exported models (`JIESU_MODELS`).

    Raises
    ------
    NotReady
        Saying what is missing and how it is made.
    """
    if not model:
        return champion(models)
    for folder in (Path(model), models / model):
        if folder.is_dir():
            return folder
    raise NotReady(
        f"there is no model {model!r}: neither a folder nor a version",
        cure="name one that is there, or none at all for the champion (--model, JIESU_MODEL)",
    )


def named(models: Path) -> str | None:
    """Give what `CHAMPION` says, whether there is such a model or not."""
    try:
        return (models / CHAMPION).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def champion(models: Path) -> Path:
    """Find the folder that `CHAMPION` names."""
    pointer = models / CHAMPION
    try:
        version = pointer.read_text(encoding="utf-8").strip()
    except FileNotFoundError as exc:
        raise NotReady("there is no model yet", cure="make one with `jiesu train`") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise NotReady(
            f"{CHAMPION} cannot be read", cure="make a model with `jiesu train`"
        ) from exc
    if not _VERSION.fullmatch(version):
        raise NotReady(
            f"{CHAMPION} must hold one version on one line",
            cure="write one with `jiesu promote VERSION`",
        )
    if not (models / version).is_dir():
        raise NotReady(
            f"{CHAMPION} names {version}, and there is no such model",
            cure="train again with `jiesu train`, or promote a model that is there",
        )
    return models / version
