"""The application: `create_app` builds it, nothing happens at import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from anyio import to_thread
from fastapi import FastAPI

from service import (
    complaints_api,
    docs,
    events_api,
    health,
    ledger_api,
    model_api,
    review_api,
    rules_api,
    tag,
    webhooks_api,
)
from service.access.keys import KeyStore
from service.access.keys_file import adopt_keys
from service.alerts import api as alerts_api
from service.alerts.finding import Finder
from service.desk.install import install_desk
from service.drift import api as drift_api
from service.drift.round import DriftRound
from service.errors import install_errors
from service.governance import items_api, reports_api
from service.governance.aside import Reports
from service.large import FEW
from service.ledger.ledger import Ledger
from service.ledger.pace import load_pace
from service.ledger.scheduler import Scheduler, scheduler_of
from service.limits import RateLimit
from service.metrics import Meters
from service.observe import Observe
from service.serving import Assessor, ModelHolder
from service.settings import Settings, load_settings
from service.shadow import api as shadow_api
from service.shadow.round import ShadowRound
from service.store.migrate import migrate
from service.store.opening import database_of
from service.store.privacy import privacy_of, vault_of
from service.store.writer import Writer
from service.tagging import tagger
from service.wiring import Parts
from triage.drift.settings import load_drift

if TYPE_CHECKING:
    from service.access.oidc import Provider

# The order in which the description tells of them.
_CALLS = (
    *(tag, ledger_api, complaints_api, events_api, rules_api, review_api, webhooks_api),
    *(alerts_api, items_api, reports_api, model_api, drift_api, shadow_api, health),
)


def create_app(settings: Settings | None = None, engine: Assessor | None = None) -> FastAPI:
    """Build the application.

    Parameters
    ----------
    settings : Settings, optional
        From the environment when left out.
    engine : Assessor, optional
        Served as it is; when left out, the model of the settings is loaded once at the start,
        while `/health/live` already answers.

    Raises
    ------
    ConfigError
        When a setting cannot be used.
    """
    known = settings or load_settings()
    parts = _parts(known, engine)
    app = FastAPI(
        title="接诉 jiesu",
        version=_version(),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.parts = parts
    app.state.scheduler = scheduler_of(parts, load_pace(known.data))
    app.add_middleware(Observe, meters=parts.meters, timeout_s=known.request_timeout_s)
    install_errors(app)
    for calls in _CALLS:
        app.include_router(calls.router)
    install_desk(app)
    docs.install_docs(app, known.data)
    return app


def _parts(known: Settings, engine: Assessor | None) -> Parts:
    meters, database = Meters(), database_of(known)
    writer, models = Writer(database), ModelHolder(known, meters, engine)
    privacy, vault = privacy_of(known), vault_of(known)
    return Parts(
        settings=known,
        database=database,
        writer=writer,
        keys=KeyStore(database, follow_s=known.follow_s, writer=writer),
        meters=meters,
        models=models,
        privacy=privacy,
        vault=vault,
        ledger=Ledger(
            *(database, writer, models, privacy),
            vault=vault,
            meters=meters,
            raw_days=known.raw_days if known.keep_raw else 0,
            inline_bytes_max=known.inline_bytes_max,
        ),
        limit=RateLimit(known.rate_per_minute),
        tagger=tagger(models, meters),
        drift=DriftRound(
            *(database, writer, load_drift(known.data / "drift.yaml")),
            home=known.home,
            registry=meters.registry,
            data=known.data,
        ),
        shadow=ShadowRound(database, writer, models, settings=known, registry=meters.registry),
        finder=Finder(database, known.data, few=FEW, writer=writer),
        reports=Reports(database, known.data, few=FEW, wait_s=known.request_timeout_s),
        provider=_provider(known),
    )


def _provider(known: Settings) -> Provider | None:
    if not known.oidc_issuer:
        return None
    from service.access.oidc import Provider

    return Provider(known)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    scheduler: Scheduler = app.state.scheduler
    await to_thread.run_sync(_open, parts)
    running = [asyncio.create_task(parts.models.start())]
    running.append(asyncio.create_task(parts.models.follow()))
    if parts.settings.watch:
        scheduler.start()
    try:
        yield
    finally:
        await to_thread.run_sync(parts.shadow.close)
        await to_thread.run_sync(parts.finder.close)
        await to_thread.run_sync(parts.reports.close)
        if parts.settings.watch:
            await scheduler.stop()
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await to_thread.run_sync(_close, parts)


def _open(parts: Parts) -> None:
    migrate(parts.database)
    adopt_keys(parts.database, parts.settings.home)
    parts.writer.start()


def _close(parts: Parts) -> None:
    parts.writer.stop()
    parts.database.close()


def _version() -> str:
    try:
        return version("jiesu")
    except PackageNotFoundError:
        return "0"
