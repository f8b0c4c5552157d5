"""The tickets by which a simulated branch learns of an escalation, and inner escalation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from training.simulate_outcomes import Outcome, Treatment
from training.simulate_people import Timeline, count_prior, month_number
from training.simulate_process import DAY, Bools, Ints, Pool, Process, sigmoid
from training.simulate_texts import Narratives
from training.simulate_tickets import Intake
from training.simulated_year import SimulatedYear, join

_YEAR_DAYS = 365


def with_later_tickets(
    year: SimulatedYear,
    rng: np.random.Generator,
    pool: Pool,
    process: Process,
    *,
    start: date,
) -> SimulatedYear:
    """Add the formal item, the petition or the media case that an escalation becomes.

    They are not eligible: rule (a) keeps what arrives formal out of the outcome. Their history
    counts every earlier ticket; histories of other tickets do not count them.
    """
    arrives = process["outcomes"]["arrives_as"]
    seconds = (year.intake.received_at - np.datetime64(start, "s")).astype(np.int64)
    after = np.nan_to_num(year.outcome.days)
    moment = seconds + (after * DAY).astype(np.int64)
    source = np.flatnonzero(np.isin(year.outcome.kind, list(arrives)) & (moment < _YEAR_DAYS * DAY))
    old, at = year.intake.take(source), moment[source]
    prior = count_prior(np.append(year.intake.customer, old.customer), np.append(seconds, at))[
        len(seconds) :
    ]
    intake = replace(
        old,
        narrative=_wording(rng, old, at, prior, pool=pool, process=process),
        received_at=np.datetime64(start, "s") + at.astype("timedelta64[s]"),
        template=np.full(len(at), -1, dtype=np.int64),
        channel=np.array([arrives[kind] for kind in year.outcome.kind[source].tolist()]),
        prior_complaints_90d=prior,
        days_open=(old.days_open + after[source]).round(1),
        transfers=np.zeros(len(at), dtype=np.int64),
    )
    return join(year, _formal(year, intake, month_number(at)))


def with_e6(year: SimulatedYear, rng: np.random.Generator, process: Process) -> SimulatedYear:
    """Mark inner escalation: the matter came back another way within the horizon, or reopened."""
    held = year.intake
    order = np.lexsort((held.received_at, held.matter))
    same = held.matter[order][1:] == held.matter[order][:-1]
    gap = np.diff(held.received_at[order]).astype("timedelta64[s]").astype(np.int64)
    other = held.channel[order][1:] != held.channel[order][:-1]
    moved: Bools = np.zeros(len(year), dtype=np.bool_)
    moved[order[:-1]] = same & other & (gap <= process["horizon_days"] * DAY)
    setting = process["outcomes"]["reopened"]
    known = held.prior_complaints_90d > 0
    reopened = rng.random(len(year)) < sigmoid(setting["start"] + setting["known"] * known)
    return replace(year, outcome=replace(year.outcome, e6=moved | reopened))


def _wording(
    rng: np.random.Generator,
    intake: Intake,
    seconds: Ints,
    prior: Ints,
    *,
    pool: Pool,
    process: Process,
) -> Ints:
    leaf = np.searchsorted(np.unique(pool.leaf), pool.leaf[intake.narrative])
    line = Timeline(
        seconds=seconds,
        customer=intake.customer,
        matter=intake.matter,
        step=np.ones(len(seconds), dtype=np.int64),
        since_first=intake.days_open,
        prior=prior,
        leaf=leaf.astype(np.int64),
    )
    return Narratives(pool, process).draw(rng, line, grouped=intake.group_size > 1)


def _formal(year: SimulatedYear, intake: Intake, month: Ints) -> SimulatedYear:
    """Tables for tickets outside the outcome; a formal item is contacted the same day."""
    count = len(month)
    no = np.zeros(count, dtype=np.bool_)
    nothing = np.full(count, np.nan)
    return SimulatedYear(
        rows=year.rows,
        intake=intake,
        treatment=Treatment(~no, no, no, no),
        outcome=Outcome(np.full(count, "", dtype="U2"), nothing, no, no),
        eligible=no,
        truth=nothing,
        month=month,
        zone_hours=year.zone_hours,
    )
