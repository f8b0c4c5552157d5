"""What happens after intake in the simulated year: treatments, outcomes, the true probability."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from training.simulate_process import (
    Bools,
    Floats,
    Ints,
    Pool,
    Process,
    Strs,
    draw,
    look_up,
    sigmoid,
)
from training.simulate_tickets import Intake

TREATMENTS = ("same_day_contact", "mediation", "compensation")
_SOLVER_STEPS = 60
_SOLVER_RANGE = (-15.0, 5.0)
_PRIOR_CELLS = 7


@dataclass(frozen=True, slots=True)
class Treatment:
    """Columns recorded after intake: they lower the outcome and may never be features.

    `unboosted` marks the random slice in which urgency did not speed the desk up.
    """

    same_day_contact: Bools
    mediation: Bools
    compensation: Bools
    unboosted: Bools


@dataclass(frozen=True, slots=True)
class Outcome:
    """Columns known after 30 days.

    `kind` is E1 ... E5 or empty, `days` the days until then (nan without), `escalated` whether
    there was one, `e6` the inner escalation that is reported apart.
    """

    kind: Strs
    days: Floats
    escalated: Bools
    e6: Bools


@dataclass(frozen=True, slots=True)
class Odds:
    """Log odds of escalation without treatment and temper, and of each treatment.

    `boosted` and `plain` are arrays (n, 3): the chance of each treatment with and without the
    effect of urgency.
    """

    score: Floats
    boosted: Floats
    plain: Floats


def score_intake(
    intake: Intake,
    unit_effect: Floats,
    *,
    month: Ints,
    share: Floats,
    pool: Pool,
    process: Process,
) -> Floats:
    """Sum the effects of what is known at intake (log odds without the intercept)."""
    effects = process["effects"]
    read = _text_score(pool, effects)[intake.narrative]
    hour = (intake.received_at.astype("datetime64[h]").astype(np.int64)) % 24
    long, many, campaign = (effects[k] for k in ("days_open_long", "transfers_many", "campaign"))
    amount = np.log10(np.maximum(intake.amount_cny, 1.0)) - effects["amount_log10"]["centre"]
    return np.asarray(
        read
        + unit_effect
        + look_up(effects["channel"], intake.channel)
        + look_up(effects["segment"], intake.customer_segment)
        + effects["prior_complaints_log"] * np.log1p(intake.prior_complaints_90d)
        + effects["days_open_log"] * np.log1p(intake.days_open)
        + long["effect"] * (intake.days_open > long["days"])
        + effects["transfers"] * intake.transfers
        + many["effect"] * (intake.transfers >= many["count"])
        + effects["amount_log10"]["effect"] * np.nan_to_num(amount)
        + effects["group_log"] * np.log(intake.group_size)
        + effects["template"] * (intake.template >= 0)
        + effects["night"] * np.isin(hour, process["calendar"]["night_hours"])
        + effects["trend"] * share
        + campaign["effect"] * np.isin(month, campaign["months"])
    )


def _text_score(pool: Pool, effects: Process) -> Floats:
    """Effect of each narrative: its author's marks, leaf and nature."""
    score = look_up(effects["leaf"], pool.leaf) + look_up(effects["nature"], pool.nature)
    for code, effect in effects["signal"].items():
        score = score + effect * pool.has(code)
    for pair in effects["together"]:
        score = score + pair["effect"] * np.all([pool.has(c) for c in pair["when"]], axis=0)
    return score


def treatment_odds(intake: Intake, month: Ints, pool: Pool, process: Process) -> Odds:
    """Chance of each treatment; `score` is left at zero."""
    setting = process["treatments"]
    hard = np.any([pool.has(code) for code in setting["hard_signals"]], axis=0)[intake.narrative]
    guided = intake.channel == "regulator_guided"
    busy = np.isin(month, setting["busy_months"])
    parts = [setting[name] for name in TREATMENTS]
    plain = [p["start"] + p["busy_month"] * busy for p in parts]
    boost = [p["hard_signal"] * hard + p["regulator_guided"] * guided for p in parts]
    return Odds(
        score=np.zeros(len(busy)),
        boosted=sigmoid(np.stack(plain, axis=1) + np.stack(boost, axis=1)),
        plain=sigmoid(np.stack(plain, axis=1)),
    )


def temper_given_history(intake: Intake, temper: Ints, known: Bools, *, tempers: int) -> Floats:
    """Share of each latent temper among tickets of one segment, history and matter age.

    Counted over the year itself: given these three, nothing else at intake tells the temper.

    Returns
    -------
    array (n, tempers)
    """
    segment = np.unique(intake.customer_segment, return_inverse=True)[1]
    prior = np.minimum(intake.prior_complaints_90d, _PRIOR_CELLS - 1)
    cell = (segment * _PRIOR_CELLS + prior) * 2 + known
    counts = np.zeros((int(cell.max()) + 1, tempers))
    np.add.at(counts, (cell, temper), 1.0)
    return np.asarray(counts[cell] / counts[cell].sum(axis=1, keepdims=True))


def true_probability(odds: Odds, tempers: Floats, process: Process) -> Floats:
    """P(escalated | intake): tempers and treatments summed out, array of length n."""
    setting = process["treatments"]
    slice_share = setting["unboosted_share"]
    effects = [setting[name]["effect"] for name in TREATMENTS]
    total = np.zeros(len(odds.score))
    for given in product((0, 1), repeat=len(TREATMENTS)):
        chances = [
            np.prod([p[:, i] if on else 1 - p[:, i] for i, on in enumerate(given)], axis=0)
            for p in (odds.boosted, odds.plain)
        ]
        chance = (1 - slice_share) * chances[0] + slice_share * chances[1]
        moved = sum(effect for effect, on in zip(effects, given, strict=True) if on)
        for temper, effect in enumerate(process["customers"]["temper_effect"]):
            total += chance * tempers[:, temper] * sigmoid(odds.score + moved + effect)
    return total


def solve_intercept(odds: Odds, tempers: Floats, eligible: Bools, process: Process) -> float:
    """Find the intercept at which the eligible tickets have the base rate, by bisection."""
    low, high = _SOLVER_RANGE
    for _ in range(_SOLVER_STEPS):
        middle = (low + high) / 2
        moved = Odds(odds.score + middle, odds.boosted, odds.plain)
        rate = true_probability(moved, tempers, process)[eligible].mean()
        low, high = (middle, high) if rate < process["base_rate"] else (low, middle)
    return (low + high) / 2


def draw_treatment(rng: np.random.Generator, odds: Odds, process: Process) -> Treatment:
    """Draw what the desk did."""
    unboosted = rng.random(len(odds.score)) < process["treatments"]["unboosted_share"]
    chance = np.where(unboosted[:, None], odds.plain, odds.boosted)
    done = rng.random(chance.shape) < chance
    return Treatment(done[:, 0], done[:, 1], done[:, 2], unboosted)


def draw_outcome(
    rng: np.random.Generator,
    odds: Odds,
    done: Treatment,
    temper: Ints,
    intake: Intake,
    *,
    pool: Pool,
    process: Process,
) -> Outcome:
    """Draw whether, how and when each ticket escalates within the horizon."""
    score = odds.score + np.array(process["customers"]["temper_effect"])[temper]
    for name in TREATMENTS:
        score = score + process["treatments"][name]["effect"] * getattr(done, name)
    escalated = rng.random(len(score)) < sigmoid(score)
    setting = process["outcomes"]
    names = list(setting["start"])
    weight = np.tile(np.array(list(setting["start"].values())), (len(score), 1))
    for code, moves in setting["signal"].items():
        held = pool.has(code)[intake.narrative]
        for name, move in moves.items():
            weight[held, names.index(name)] += move
    kind = np.where(escalated, np.array(names)[draw(rng, weight)], "")
    cut = 1.0 - np.exp(-process["horizon_days"] / setting["mean_days"])
    days = -setting["mean_days"] * np.log1p(-cut * rng.random(len(score)))
    return Outcome(kind, np.where(escalated, days, np.nan), escalated, np.zeros_like(escalated))
