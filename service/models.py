"""Where the model to serve lies. Nothing is opened here."""

from __future__ import annotations

import re
from pathlib import Path

from triage.errors import NotReady

CHAMPION = "CHAMPION"
_REGISTRY = "models:/"
# A version is the name of a folder directly under the models folder, nothing else.
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


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
        f"JIESU_MODEL names {model!r}, and there is no such folder or version",
        cure="name a folder that holds a manifest.json, or unset it to serve the champion",
    )


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
