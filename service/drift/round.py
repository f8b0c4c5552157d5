"""Makes the daily look at drift, in one of many processes, and keeps what it saw in a file."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from anyio import to_thread
from prometheus_client import CollectorRegistry

from service.drift.terms import Choice, Decided, Terms, undecided
from service.gauges import last_seen
from service.store import leases
from service.store.database import Database
from service.store.writer import Writer
from triage.drift.settings import DriftSettings
from triage.replacing import replace_file

FILE = "drift.json"
LEASE = "drift"
_EVERY = timedelta(days=1)
_AGAIN = timedelta(hours=1)


class DriftRound:
    """Looks once a day; at distances as seldom as `every_days` says.

    Parameters
    ----------
    database : Database
    writer : Writer
    settings : DriftSettings
    home : Path
        Where the last look is kept, for every process and the next start.
    registry : CollectorRegistry
    data : Path, optional
        Where the settings of feedback and repeats lie.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        settings: DriftSettings,
        *,
        home: Path,
        registry: CollectorRegistry,
        data: Path | None = None,
    ) -> None:
        self._database = database
        self._writer = writer
        self.settings = settings
        self._path = home / FILE
        self.terms = Terms(home)
        self._data = data
        self._holder = secrets.token_hex(8)
        self._tried_at: datetime | None = None
        self._gauges = _Gauges(registry)

    async def tick(self, now: datetime) -> bool:
        """Look, if it is time and nobody else does; tell whether it was done."""
        if self._tried_at is not None and now - self._tried_at < _AGAIN:
            return False
        self._tried_at = now
        last = self.last()
        if last is not None:
            self._gauges.show(last)
            if now - datetime.fromisoformat(last["at"]) < _EVERY:
                return False
        seconds = _AGAIN.total_seconds()
        take = partial(leases.acquire, name=LEASE, holder=self._holder, now=now, seconds=seconds)
        if not await self._writer.write(take):
            return False
        # What it needs is heavy, and the service starts without it.
        from service.drift.look import look

        work = partial(look, self._database, self.settings, now, last=last, data=self._data)
        found = await to_thread.run_sync(work)
        self._keep(found)
        self._gauges.show(self.last() or found)
        return True

    def last(self) -> dict[str, Any] | None:
        """Give what the last look saw, without phrases decided upon; None before the first."""
        try:
            body: dict[str, Any] = orjson.loads(self._path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return None
        decided = self.terms.decided()
        return body | {
            "phrases": undecided(body["phrases"], decided),
            "terms": self.terms.accepted(),
            "dismissed": [one.text for one in decided if one.choice is Choice.DISMISSED],
        }

    def alarms(self) -> int:
        """Count what rings: views that have changed, and phrases that wait for a decision."""
        last = self.last() or {"changed": [], "phrases": []}
        return len(last["changed"]) + len(last["phrases"])

    def decide(self, text: str, choice: Choice, *, who: str, at: datetime) -> Decided:
        """Keep what was decided about a phrase that the last look offered.

        Raises
        ------
        NothingThere
            When it did not.
        """
        last = self.last() or {"phrases": []}
        offered = {phrase["text"] for phrase in last["phrases"]}
        return self.terms.decide(text, choice, who=who, at=at, offered=offered)

    def _keep(self, found: dict[str, Any]) -> None:
        replace_file(self._path, orjson.dumps(found))


class _Gauges:
    """The figures for Prometheus; of several processes the last one to write has it right."""

    def __init__(self, registry: CollectorRegistry) -> None:
        gauge = partial(last_seen, registry)
        self._p = gauge("jiesu_drift_p", "Chance of so large a change", "view")
        self._changed = gauge("jiesu_drift_changed", "Views that have changed")
        self._phrases = gauge("jiesu_drift_new_phrases", "New phrases offered")
        self._sure = gauge("jiesu_estimated_accuracy", "Mean confidence of recent tickets")
        self._overridden = gauge("jiesu_overridden_ratio", "Verdicts that changed an answer")

    def show(self, found: dict[str, Any]) -> None:
        """Take the figures of a look."""
        for change in found["views"]:
            self._p.labels(change["view"]).set(change["p"])
        self._changed.set(len(found["changed"]))
        self._phrases.set(len(found["phrases"]))
        for gauge, value in (
            (self._sure, found["estimated_accuracy"]),
            (self._overridden, found["reviewed"]["overridden"]),
        ):
            if value is not None:
                gauge.set(value)
