"""A simulated year as plain tickets with what happened to each, for a ledger that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from training.corpus import load_corpus
from training.simulate import simulate
from training.simulate_process import Process, load_process, lognormal
from training.simulated_year import SimulatedYear
from triage.records import Context

Event = dict[str, Any]
_YEAR = timedelta(days=364)
_SEED = 7
_DEPARTMENT = "消费者权益保护办公室"


def tickets_until(moment: datetime, count: int, *, seed: int = _SEED) -> Iterator[dict[str, Any]]:
    """Give about `count` tickets of the year that ends at a moment, in order of receipt.

    Parameters
    ----------
    moment : datetime with a zone
        Nothing is received, and nothing happens, after it.
    count : int
    seed : int

    Yields
    ------
    dict
        `ticket_id`, `text`, the context fields, and `events`: dicts with `kind`, `at` and `data`,
        in order of time.
    """
    process = load_process()
    start = date.fromordinal(moment.date().toordinal()) - _YEAR
    rows = load_corpus(None)
    year = simulate(rows, seed=seed, tickets=count, start=start, process=process)
    handled = _Handling(year, np.random.default_rng(seed), process["handling"])
    names = [field.name for field in fields(Context)]
    for number, context in enumerate(year.contexts()):
        received = context.received_at
        if received is None or received > moment:
            continue
        known = {name: getattr(context, name) for name in names}
        known["ticket_id"] = f"DEMO-{number + 1:06d}"
        events = [event for event in handled.events(number, received) if event["at"] <= moment]
        yield {**known, "text": year.text(number), "events": events}


class _Handling:
    """What the branch did: drawn for all tickets at once, told ticket by ticket."""

    def __init__(self, year: SimulatedYear, rng: np.random.Generator, setting: Process) -> None:
        size = len(year)
        self._year = year
        same_day = year.treatment.same_day_contact
        first = lognormal(rng, setting["contact_hours"], size)
        later = lognormal(rng, setting["contact_later_hours"], size)
        self._contact = np.where(same_day, first, later)
        self._one_way = rng.random(size) < setting["one_way"]
        self._transferred = rng.random(size) < setting["transferred"]
        self._replied = 24 * lognormal(rng, setting["replied_days"], size) + self._contact
        self._closed = self._replied + 24 * lognormal(rng, setting["closed_days"], size)
        self._accepted = (rng.random(size) < setting["accepted"]) & ~year.outcome.escalated

    def events(self, number: int, received: datetime) -> list[Event]:
        """Give the events of a ticket in order of time."""

        def event(hours: float, kind: str, **data: Any) -> Event:
            at = received + timedelta(hours=float(hours))
            return {"kind": kind, "at": at.replace(microsecond=0), "data": data}

        contact, replied = self._contact[number], self._replied[number]
        found = [event(contact, "contact", two_way=True, channel="phone")]
        if self._one_way[number]:
            found.append(event(contact / 2, "contact", two_way=False, channel="phone"))
        if self._transferred[number]:
            to = {"to_level": "disposal_office", "to_unit": _DEPARTMENT}
            part = contact + (replied - contact) * 0.1
            found.append(event(part, "transfer", **to, reason="涉及多个部门", approved_by="office"))
        if self._year.treatment.mediation[number]:
            for share, act in ((0.2, "offered"), (0.6, "agreed")):
                part = contact + (replied - contact) * share
                found.append(event(part, "mediation", act=act))
        found += self._end(number, event)
        return sorted(found, key=lambda each: each["at"])

    def _end(self, number: int, event: Callable[..., Event]) -> Iterator[Event]:
        outcome, closed = self._year.outcome, self._closed[number]
        paid = bool(self._year.treatment.compensation[number])
        measures = ["compensation" if paid else "explained"]
        accepted = bool(self._accepted[number])
        yield event(closed, "outcome", status="closed", measures=measures, accepted=accepted)
        if outcome.escalated[number]:
            told = event(24 * outcome.days[number], "outcome")
            on = told["at"].date().isoformat()
            yield {**told, "data": {"escalated": {"code": str(outcome.kind[number]), "on": on}}}
        if outcome.e6[number]:
            yield event(closed + 48, "reopened", reason="客户对结果不认可")
            yield event(closed + 168, "outcome", status="closed", measures=measures)
