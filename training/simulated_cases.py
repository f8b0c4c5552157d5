"""Tickets of a simulated year as labelled cases: with a channel, a customer and a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from training.cases import Case, as_cases
from training.corpus import LabelledRow
from training.simulate import simulate

_TICKETS = 3_000
_SEED = 3


def year_cases(
    rows: Sequence[LabelledRow | Case], *, tickets: int = _TICKETS, seed: int = _SEED
) -> list[Case]:
    """Let narratives come in over a year.

    Parameters
    ----------
    rows : sequence of LabelledRow or Case
    tickets : int
        About how many; a narrative may come several times.
    seed : int

    Returns
    -------
    list of Case
        In order of time, with what was known at intake and, where a ticket counts in it, the
        outcome. Tickets of one narrative are of one group, whoever sent them.
    """
    cases = as_cases(rows)
    plain = [row if isinstance(row, LabelledRow) else row.row() for row in rows]
    year = simulate(plain, seed=seed, tickets=tickets)
    columns = (year.intake.narrative, year.contexts(), year.eligible, year.outcome.escalated)
    return [
        replace(
            cases[int(place)],
            id=str(context.ticket_id),
            group=cases[int(place)].group or cases[int(place)].id,
            context=context,
            escalated_30d=bool(escalated) if counts else None,
        )
        for place, context, counts, escalated in zip(*columns, strict=True)
    ]
