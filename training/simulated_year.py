"""The record of a simulated year; `training.simulate` makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import timedelta, timezone
from typing import Any, TypeVar

import numpy as np

from training.corpus import LabelledRow
from training.simulate_outcomes import Outcome, Treatment
from training.simulate_process import Bools, Floats, Ints
from training.simulate_tickets import Intake
from triage.records import Context

_Table = TypeVar("_Table", Treatment, Outcome)


@dataclass(frozen=True, slots=True)
class SimulatedYear:
    """Tickets in order of time; row i of each table is ticket i.

    Attributes
    ----------
    rows : tuple of LabelledRow
        The narratives; `intake.narrative` points into them.
    treatment, outcome
        Recorded after intake: never features.
    eligible : array of bool
        Whether the ticket counts in the outcome: not one that arrived formal.
    truth : array of float
        P(escalated within 30 days | intake), nan where not eligible. For evaluation only.
    month : array of int
        Month of the year, 0 to 11.
    zone_hours : int
        Hours of local time before UTC; `intake.received_at` is local.
    """

    rows: tuple[LabelledRow, ...]
    intake: Intake
    treatment: Treatment
    outcome: Outcome
    eligible: Bools
    truth: Floats
    month: Ints
    zone_hours: int

    def __len__(self) -> int:
        """Count the tickets."""
        return len(self.month)

    def text(self, ticket: int) -> str:
        """Narrative of a ticket."""
        return self.rows[int(self.intake.narrative[ticket])].text

    def contexts(self) -> list[Context]:
        """Give the intake contexts as the engine takes them, one for each ticket."""
        zone = timezone(timedelta(hours=self.zone_hours))
        held = self.intake
        columns: dict[str, list[Any]] = {
            "ticket_id": [f"S-{number:06d}" for number in range(len(self))],
            "received_at": [moment.replace(tzinfo=zone) for moment in held.received_at.tolist()],
            "customer_key": [f"C{number:06d}" for number in held.customer.tolist()],
            "amount_cny": np.where(
                np.isnan(held.amount_cny), np.array(None), held.amount_cny.astype(object)
            ).tolist(),
        }
        for field in fields(Context):
            if field.name not in columns:
                columns[field.name] = getattr(held, field.name).tolist()
        return [
            Context(**dict(zip(columns, values, strict=True)))
            for values in zip(*columns.values(), strict=True)
        ]


def arrange(year: SimulatedYear, order: Ints) -> SimulatedYear:
    """Put the tickets of a year in another order, or pick some."""
    return SimulatedYear(
        rows=year.rows,
        intake=year.intake.take(order),
        treatment=_each(year.treatment, lambda name: getattr(year.treatment, name)[order]),
        outcome=_each(year.outcome, lambda name: getattr(year.outcome, name)[order]),
        eligible=year.eligible[order],
        truth=year.truth[order],
        month=year.month[order],
        zone_hours=year.zone_hours,
    )


def join(first: SimulatedYear, second: SimulatedYear) -> SimulatedYear:
    """Merge two sets of tickets over the same narratives, in order of time."""
    both = SimulatedYear(
        rows=first.rows,
        intake=first.intake.join(second.intake),
        treatment=_each(first.treatment, lambda n: _both(first.treatment, second.treatment, n)),
        outcome=_each(first.outcome, lambda n: _both(first.outcome, second.outcome, n)),
        eligible=np.concatenate([first.eligible, second.eligible]),
        truth=np.concatenate([first.truth, second.truth]),
        month=np.concatenate([first.month, second.month]),
        zone_hours=first.zone_hours,
    )
    return arrange(both, np.argsort(both.intake.received_at, kind="stable"))


def _both(first: Any, second: Any, name: str) -> Any:
    return np.concatenate([getattr(first, name), getattr(second, name)])


def _each(table: _Table, column: Callable[[str], Any]) -> _Table:
    return type(table)(**{field.name: column(field.name) for field in fields(table)})
