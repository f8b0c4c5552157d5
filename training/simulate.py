"""A year of a fictional branch's tickets, made from the corpus' narratives.

No bank's outcomes may be shipped, so this process makes them. Its order:

1. customers with a segment, a home unit and a *latent* temper; hot ones open more matters and
   come back more often;
2. matters over the year (weekdays, starts of months, busy months; the mix of lines drifts) and
   the chain of tickets of each;
3. a narrative for each ticket: right leaf, wordings that live for some months, words of
   repetition in chains; agents' letters shared by many customers; group cases;
4. a channel, waiting days, transfers, amounts, products;
5. the log odds of escalation within 30 days from what is known at intake, where the *author's
   marks* count, not what a detector finds in the text;
6. treatments recorded after intake, given more often to urgent tickets, that lower the odds;
7. outcomes E1-E6 and, for E1, E2 and E4, the later ticket by which the branch learns of it.

`truth` is P(escalated | intake) with temper and treatments summed out: the best that any model
could reach, for evaluation only. Every coefficient stands in `data/simulation.yaml`;
`docs/simulation.md` tells the process. Figures on this year are figures on a simulated year.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from training.corpus import LabelledRow
from training.simulate_later import with_e6, with_later_tickets
from training.simulate_outcomes import (
    Odds,
    Outcome,
    draw_outcome,
    draw_treatment,
    score_intake,
    solve_intercept,
    temper_given_history,
    treatment_odds,
    true_probability,
)
from training.simulate_people import (
    Timeline,
    draw_customers,
    draw_timeline,
    month_number,
    year_share,
)
from training.simulate_process import Bools, Floats, Ints, Pool, Process, load_process, make_pool
from training.simulate_tickets import Intake, draw_intake
from training.simulated_year import SimulatedYear

__all__ = ["SimulatedYear", "simulate"]

_START = date(2025, 1, 1)


def simulate(
    rows: Sequence[LabelledRow],
    *,
    seed: int,
    tickets: int = 60_000,
    start: date = _START,
    process: Process | None = None,
) -> SimulatedYear:
    """Make a year of tickets.

    Parameters
    ----------
    rows : sequence of LabelledRow
        Narratives with their authors' marks.
    seed : int
        The same rows, seed and process give the same year.
    tickets : int
        About how many tickets the year holds.
    start : date
        First day of the year.
    process : mapping, optional
        Default: `data/simulation.yaml`.

    Raises
    ------
    InvalidInput
        When there are no rows.
    """
    setting = process or load_process()
    pool = make_pool(rows)
    rngs = np.random.default_rng(seed).spawn(5)
    people = draw_customers(rngs[0], round(tickets * setting["customers"]["per_ticket"]), setting)
    line = draw_timeline(rngs[1], people, pool, setting, start=start)
    intake, unit_effect = draw_intake(rngs[2], people, line, pool, setting, start=start)
    temper = people.temper[line.customer]
    odds, truth = _odds(intake, unit_effect, temper, line, pool=pool, process=setting)
    eligible = ~np.isin(intake.channel, setting["channels"]["excluded"])
    treatment = draw_treatment(rngs[3], odds, setting)
    outcome = draw_outcome(rngs[3], odds, treatment, temper, intake, pool=pool, process=setting)
    year = SimulatedYear(
        rows=tuple(rows),
        intake=intake,
        treatment=treatment,
        outcome=_excused(outcome, eligible),
        eligible=eligible,
        truth=np.where(eligible, truth, np.nan),
        month=month_number(line.seconds),
        zone_hours=int(setting["zone_hours"]),
    )
    year = with_later_tickets(year, rngs[4], pool, setting, start=start)
    return with_e6(year, rngs[4], setting)


def _odds(
    intake: Intake,
    unit_effect: Floats,
    temper: Ints,
    line: Timeline,
    *,
    pool: Pool,
    process: Process,
) -> tuple[Odds, Floats]:
    """Log odds of each ticket at the base rate asked for, and the true probabilities."""
    month = _calendar_month(intake)
    score = score_intake(
        intake, unit_effect, month=month, share=year_share(line.seconds), pool=pool, process=process
    )
    chances = treatment_odds(intake, month, pool, process)
    tempers = temper_given_history(
        intake, temper, line.step > 0, tempers=len(process["customers"]["tempers"])
    )
    counted = ~np.isin(intake.channel, process["channels"]["excluded"])
    start = Odds(score, chances.boosted, chances.plain)
    moved = score + solve_intercept(start, tempers, counted, process)
    odds = Odds(moved, chances.boosted, chances.plain)
    return odds, true_probability(odds, tempers, process)


def _calendar_month(intake: Intake) -> Ints:
    """Month of the calendar, 1 to 12."""
    return intake.received_at.astype("datetime64[M]").astype(np.int64) % 12 + 1


def _excused(outcome: Outcome, eligible: Bools) -> Outcome:
    """Empty the outcome of tickets that arrived formal."""
    return Outcome(
        kind=np.where(eligible, outcome.kind, ""),
        days=np.where(eligible, outcome.days, np.nan),
        escalated=outcome.escalated & eligible,
        e6=outcome.e6,
    )
