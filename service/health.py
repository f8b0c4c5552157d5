"""Whether the process is up, whether it can work, and its figures."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.access.auth import allow_metrics
from service.docs import refusals
from service.schemas import Live, Ready
from service.wiring import parts_of

router = APIRouter(tags=["operations"])


@router.get("/health/live", summary="The process is up")
async def live() -> Live:
    """Answer as long as the process runs; needs no key."""
    return Live(live=True)


@router.get("/health/ready", summary="Model and database can be used", responses=refusals(503))
async def ready(request: Request) -> Ready:
    """Answer 503, and why, until a model is loaded and the database answers; needs no key."""
    parts = parts_of(request)
    version = parts.models.loaded.engine.version
    await to_thread.run_sync(parts.database.ping)
    return Ready(ready=True, model_version=version)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    dependencies=[Depends(allow_metrics)],
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **refusals(401)},
)
async def metrics(request: Request) -> Response:
    """Give latencies, requests by status, bands, abstentions and the model's version."""
    return Response(parts_of(request).meters.render(), media_type=CONTENT_TYPE_LATEST)
