"""Figures of the ledger for Prometheus, written by whoever watches, not with every request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge

if TYPE_CHECKING:
    from service.store.records_service import DeliveryState

_UNKNOWN = "unknown"
_FREE = "open"


@dataclass(frozen=True, slots=True)
class Figures:
    """How much there is to do.

    Attributes
    ----------
    unsettled : mapping
        Tickets about which something is to be done, by state and band.
    overdue : int
        Duties of such tickets whose time is over.
    deliveries : mapping
        Messages to webhooks that wait or are dead.
    """

    unsettled: Mapping[tuple[str, str | None], int]
    overdue: int
    deliveries: Mapping[DeliveryState, int]


def last_seen(registry: CollectorRegistry, name: str, about: str, *labels: str) -> Gauge:
    """Make a figure that is the same for all processes: the last one to see it has it right."""
    mode = "livemostrecent"
    return Gauge(name, about, labels, registry=registry, multiprocess_mode=mode)  # type: ignore[arg-type]


class Gauges:
    """The figures of the ledger; of several processes the last one to write has it right."""

    def __init__(self, registry: CollectorRegistry) -> None:
        gauge = partial(last_seen, registry)
        self._tickets = gauge("jiesu_open_tickets", "Tickets that are not settled", "state")
        self._queue = gauge("jiesu_queue_tickets", "Tickets that nobody has taken", "band")
        self._overdue = gauge("jiesu_overdue_duties", "Duties of open tickets that are overdue")
        self._deliveries = gauge("jiesu_deliveries", "Messages to webhooks", "state")
        self._watched = gauge("jiesu_watch_last_run_timestamp_seconds", "Last round of the watch")
        self._waiting = Gauge(
            "jiesu_waiting_writes",
            "Changes that wait to be written",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._seen: dict[Gauge, set[str]] = {}

    def waiting(self, writes: int) -> None:
        """Say how many changes wait in this process."""
        self._waiting.set(writes)

    def watched(self, now: datetime) -> None:
        """Say that a round of the watch was made."""
        self._watched.set(now.timestamp())

    def refresh(self, figures: Figures) -> None:
        """Take new figures."""
        states: Counter[str] = Counter()
        bands: Counter[str] = Counter()
        for (state, band), number in figures.unsettled.items():
            states[state] += number
            if state == _FREE:
                bands[band or _UNKNOWN] += number
        self._by_label(self._tickets, states)
        self._by_label(self._queue, bands)
        self._by_label(self._deliveries, {s.value: n for s, n in figures.deliveries.items()})
        self._overdue.set(figures.overdue)

    def _by_label(self, gauge: Gauge, numbers: Mapping[str, int]) -> None:
        # What is no longer there is none, and not what there was last.
        seen = self._seen.setdefault(gauge, set())
        seen.update(numbers)
        for label in seen:
            gauge.labels(label).set(numbers.get(label, 0))
