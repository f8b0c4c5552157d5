"""Figures for Prometheus; no label carries anything a caller wrote."""

from __future__ import annotations

import os
from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from service.gauges import Gauges
from triage.records import Assessment

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"


class Meters:
    """The figures of one app; with several processes they share the folder of `MULTIPROCESS`."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        if MULTIPROCESS not in os.environ:
            ProcessCollector(registry=registry)
        self._requests = Counter(
            "jiesu_http_requests",
            "Requests answered",
            ("method", "path", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "jiesu_http_request_duration_seconds",
            "Time from the request line to the end of the answer",
            ("path",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._narratives = Counter(
            "jiesu_narratives",
            "Narratives assessed, by escalation band",
            ("band",),
            registry=registry,
        )
        self._lines = Counter(
            "jiesu_lines", "Narratives assessed, by line given", ("line",), registry=registry
        )
        self._abstentions = Counter(
            "jiesu_abstentions", "Narratives left without a line", ("reason",), registry=registry
        )
        self._taken = Counter(
            "jiesu_tickets",
            "Tickets sent to the ledger, by outcome",
            ("outcome",),
            registry=registry,
        )
        self._recorded = Counter(
            "jiesu_ticket_events", "Events recorded, by kind", ("kind",), registry=registry
        )
        self._model = Gauge(
            "jiesu_model_info",
            "1 for the model that is serving",
            ("version",),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._reloads = Counter(
            "jiesu_model_reloads", "Attempts to take up a model", ("result",), registry=registry
        )
        self.ledger = Gauges(registry)
        self._version = ""

    def request(self, *, method: str, path: str, status: int, seconds: float) -> None:
        """Count one request; `path` is the route's template, never the address as asked."""
        self._requests.labels(method, path, str(status)).inc()
        self._seconds.labels(path).observe(seconds)

    def assessed(self, assessments: Iterable[Assessment]) -> None:
        """Count answers."""
        for assessment in assessments:
            self._narratives.labels(assessment.escalation.band).inc()
            if assessment.line is None:
                self._abstentions.labels(assessment.abstain_reason or "unknown").inc()
            else:
                self._lines.labels(assessment.line).inc()

    def taken(self, outcome: str) -> None:
        """Count a ticket that was sent: `new`, `stored` before, or in `conflict`."""
        self._taken.labels(outcome).inc()

    def recorded(self, kind: str) -> None:
        """Count an event of a ticket."""
        self._recorded.labels(kind).inc()

    def serving(self, version: str) -> None:
        """Say which model serves from now on."""
        # Several processes cannot take a label away, only set it to nothing.
        if self._version:
            self._model.labels(self._version).set(0)
        self._model.labels(version).set(1)
        self._version = version

    def reloaded(self, *, taken_up: bool) -> None:
        """Count an attempt to take up a model."""
        self._reloads.labels("taken_up" if taken_up else "refused").inc()

    def render(self) -> bytes:
        """Give the figures in the text format of Prometheus."""
        if MULTIPROCESS not in os.environ:
            return generate_latest(self.registry)
        shared = CollectorRegistry()
        # prometheus-client leaves this one constructor without annotations.
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)
