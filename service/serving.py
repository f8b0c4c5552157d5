"""The model that serves: loaded once, replaced only by one that was verified."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from anyio import CapacityLimiter, to_thread

from service.collector import settle
from service.errors import ModelLoading, ReloadRefused
from service.logs import LOGGER
from service.metrics import Meters
from service.models import find_model
from service.settings import Settings
from service.signs import Signs
from triage.errors import JiesuError, NotReady
from triage.records import Assessment, Context

if TYPE_CHECKING:
    from triage.rules.rulebook import Rulebook

_LOG = logging.getLogger(LOGGER)


class Assessor(Protocol):
    """What the service needs of an engine (`triage.engine.Engine`)."""

    version: str
    manifest: dict[str, Any]

    @property
    def rulebook(self) -> Rulebook:
        """The rules."""
        ...

    def assess(
        self,
        narratives: Sequence[str],
        contexts: Sequence[Context] | None = None,
        *,
        now: datetime | None = None,
        ruled: bool = True,
    ) -> list[Assessment]:
        """Assess narratives, in order, with the rules or without; see `Engine.assess`."""
        ...

    def warm(self) -> None:
        """Build what is built at first use."""
        ...


@dataclass(frozen=True, slots=True)
class Calibration:
    """Which calibration a model answers with, and what its sets promise, if it makes any."""

    version: str
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory, with how it was judged."""

    engine: Assessor
    loaded_at: datetime
    metrics: Mapping[str, Any] | None = None
    card: str | None = None
    calibration: Calibration | None = None


def load_model(settings: Settings) -> Loaded:
    """Find, verify, load and warm the model that the settings name.

    Raises
    ------
    NotReady
        When there is none.
    ArtifactRejected
        When its verification fails.
    """
    folder = find_model(settings=settings)
    from triage.engine import Engine

    engine = Engine.load(folder)
    engine.warm()
    settle()
    metrics = _beside(folder, "metrics.json", engine.manifest)
    card = _beside(folder, "card.md", engine.manifest)
    shift = engine.shift
    return Loaded(
        engine=engine,
        loaded_at=datetime.now(UTC),
        metrics=orjson.loads(metrics) if metrics else None,
        card=card.decode() if card else None,
        calibration=None if shift is None else Calibration(shift.version, shift.promise),
    )


def _beside(folder: Path, name: str, manifest: Mapping[str, Any]) -> bytes | None:
    from triage.artifact import read_verified

    return read_verified(folder, name, manifest) if name in manifest["files"] else None


class ModelHolder:
    """Holds the serving model.

    Parameters
    ----------
    settings : Settings
    meters : Meters
    engine : Assessor, optional
        Served at once, nothing is loaded (tests, other programs).
    """

    def __init__(self, settings: Settings, meters: Meters, engine: Assessor | None = None) -> None:
        self._settings = settings
        self._meters = meters
        self._loaded: Loaded | None = None
        self._failure: NotReady | None = None
        self._turn = asyncio.Lock()
        self._threads = CapacityLimiter(settings.heavy_threads)
        # Only what the settings do not fix moves with the champion.
        self._signs = Signs(settings, moves=engine is None and not settings.model)
        self.refused: str | None = None
        if engine is not None:
            self._take(Loaded(engine, datetime.now(UTC)))

    @property
    def loaded(self) -> Loaded:
        """The serving model.

        Raises
        ------
        NotReady
            While none is loaded; says why.
        """
        if self._loaded is None:
            if self._failure is None:
                raise ModelLoading("the model is being loaded", cure="ask again in some seconds")
            # A new one each time: raising the same object would grow its traceback for ever.
            raise NotReady(self._failure.message, cure=self._failure.cure)
        return self._loaded

    @property
    def threads(self) -> CapacityLimiter:
        """Limits how many long requests are worked on at once."""
        return self._threads

    async def start(self) -> None:
        """Load the model, if none was given; a failure is logged and shown by `/health/ready`."""
        if self._loaded is not None:
            return
        try:
            await self._load()
        except JiesuError as exc:
            self._failure = NotReady(exc.message, cure=exc.cure)
            _LOG.error("no model", extra={"facts": {"why": exc.message, "cure": exc.cure}})

    async def reload(self) -> Loaded:
        """Take up the model that the settings name now.

        Raises
        ------
        ReloadRefused
            When it cannot be used; the one before goes on serving.
        NotReady
            The same when there was none before.
        """
        loaded = await self._try_reload()
        if self._settings.workers > 1:
            self._signs.ask_others()
        return loaded

    async def follow(self) -> None:
        """Take up another champion, a new calibration, and what another process was asked to."""
        while True:
            await asyncio.sleep(self._settings.follow_s)
            serving = None if self._loaded is None else self._loaded.engine.version
            if not self._signs.changed(serving):
                continue
            try:
                await self._try_reload()
            except JiesuError as exc:
                _LOG.error("reload refused", extra={"facts": {"why": exc.message}})

    async def _try_reload(self) -> Loaded:
        try:
            loaded = await self._load()
        except JiesuError as exc:
            self._meters.reloaded(taken_up=False)
            self.refused = exc.message
            if self._loaded is None:
                self._failure = NotReady(exc.message, cure=exc.cure)
                raise NotReady(exc.message, cure=exc.cure) from exc
            still = self._loaded.engine.version
            raise ReloadRefused(f"{exc.message}; {still} goes on serving", cure=exc.cure) from exc
        self.refused = None
        self._meters.reloaded(taken_up=True)
        return loaded

    async def _load(self) -> Loaded:
        async with self._turn:
            self._signs.look()
            loaded = await to_thread.run_sync(_load_or_say_why, self._settings)
            self._take(loaded)
            return loaded

    def _take(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._meters.serving(loaded.engine.version)
        facts = {"model_version": loaded.engine.version}
        if loaded.calibration is not None:
            facts["calibration_version"] = loaded.calibration.version
        _LOG.info("model serves", extra={"facts": facts})


def _load_or_say_why(settings: Settings) -> Loaded:
    try:
        return load_model(settings)
    except JiesuError:
        raise
    except Exception as exc:
        _LOG.exception("model cannot be loaded")
        raise NotReady(
            f"the model cannot be loaded ({type(exc).__name__})",
            cure="export the model again with this version of jiesu",
        ) from exc
