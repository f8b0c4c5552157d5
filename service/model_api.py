"""`/v1/model`: what is serving, how it was judged, and taking up another."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from service.access.auth import EVERYBODY, allow
from service.access.keys import Role
from service.docs import refusals
from service.model_schemas import CalibrationOut, ModelOut
from service.serving import Loaded
from service.wiring import Parts, parts_of

router = APIRouter(tags=["model"])


@router.get(
    "/v1/model",
    summary="What is serving and how it was judged",
    dependencies=[Depends(allow(*EVERYBODY))],
    responses=refusals(401, 503),
)
async def model(request: Request) -> ModelOut:
    """Give the version, when it was trained, its metrics and its card."""
    parts = parts_of(request)
    return _shown(parts.models.loaded, parts)


@router.post(
    "/v1/model/reload",
    summary="Take up the champion without a restart",
    dependencies=[Depends(allow(Role.ADMIN))],
    responses=refusals(401, 403, 409, 503),
)
async def reload(request: Request) -> ModelOut:
    """Verify and load the model that the settings name now, then serve it.

    One that fails is answered 409, and the one before goes on serving.
    """
    parts = parts_of(request)
    return _shown(await parts.models.reload(), parts)


def _shown(loaded: Loaded, parts: Parts) -> ModelOut:
    manifest, calibration = loaded.engine.manifest, loaded.calibration
    return ModelOut(
        version=loaded.engine.version,
        trained_at=manifest.get("trained_at"),
        loaded_at=loaded.loaded_at.isoformat(timespec="seconds"),
        taxonomy_version=manifest.get("taxonomy_version"),
        calibration=None
        if calibration is None
        else CalibrationOut(version=calibration.version, coverage=calibration.coverage),
        metrics=dict(loaded.metrics) if loaded.metrics is not None else None,
        card=loaded.card,
        last_refusal=parts.models.refused,
    )
