"""What a ticket holds at intake: its narrative, its channel and its history."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.simulate_people import Customers, Timeline
from training.simulate_process import (
    Bools,
    Floats,
    Ints,
    Pool,
    Process,
    Strs,
    lognormal,
    look_up,
)
from training.simulate_texts import Narratives, draw_channels, share_wording


@dataclass(frozen=True, slots=True)
class Intake:
    """Columns known when a ticket is received; row i is ticket i.

    `narrative` points into the rows, `matter` and `template` name what belongs together
    (`template` is -1 for a letter of one's own), `received_at` is local time, `amount_cny` is
    nan where nobody wrote it down.
    """

    narrative: Ints
    received_at: NDArray[np.datetime64]
    customer: Ints
    matter: Ints
    template: Ints
    customer_segment: Strs
    channel: Strs
    product: Strs
    unit: Strs
    visited_branch: Bools
    outlet_touchpoint: Bools
    amount_cny: Floats
    prior_complaints_90d: Ints
    days_open: Floats
    transfers: Ints
    group_size: Ints

    def take(self, index: Ints | Bools) -> Intake:
        """Pick tickets."""
        return Intake(*(getattr(self, column.name)[index] for column in fields(self)))

    def join(self, other: Intake) -> Intake:
        """Put the tickets of another after these."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Intake(*(np.concatenate(pair) for pair in pairs))


def draw_intake(
    rng: np.random.Generator,
    people: Customers,
    line: Timeline,
    pool: Pool,
    process: Process,
    *,
    start: date,
) -> tuple[Intake, Floats]:
    """Fill the tickets of a timeline.

    Returns
    -------
    intake : Intake
    unit_effect : array of float, length n
        What the ticket's unit adds to the log odds of escalation.
    """
    leaf = np.unique(pool.leaf)[line.leaf]
    template = _chunks(rng, line, leaf, process["templates"])
    group_size = _group_sizes(rng, leaf, process)
    narrative = Narratives(pool, process).draw(rng, line, grouped=group_size > 1)
    narrative = share_wording(narrative, template, pool, rng)
    channel = draw_channels(rng, narrative, line.step > 0, pool, process)
    setting = process["context"]
    unit = people.unit[line.customer]
    slow = setting["unit_slowness"] * rng.standard_normal(setting["units"])[unit]
    effect = setting["unit_effect"] * rng.standard_normal(setting["units"])[unit]
    names = np.array([f"{setting['unit_names']}{n + 1:02d}" for n in range(setting["units"])])
    segments = np.array(list(process["customers"]["segments"]))
    intake = Intake(
        narrative=narrative,
        received_at=np.datetime64(start, "s") + line.seconds.astype("timedelta64[s]"),
        customer=line.customer,
        matter=line.matter,
        template=template,
        customer_segment=segments[people.segment[line.customer]],
        channel=channel,
        product=_products(rng, line.matter, leaf, setting["products"]),
        unit=names[unit],
        visited_branch=rng.random(len(leaf)) < look_up(setting["visited"], channel),
        outlet_touchpoint=rng.random(len(leaf)) < look_up(setting["touchpoint"], channel),
        amount_cny=_amounts(rng, leaf, setting),
        prior_complaints_90d=line.prior,
        days_open=_days_open(rng, line, slow, setting),
        transfers=_transfers(rng, line.step > 0, slow, setting["transfers"]),
        group_size=group_size,
    )
    return intake, effect


def _chunks(rng: np.random.Generator, line: Timeline, leaf: Strs, setting: Process) -> Ints:
    """Cut a random share of first tickets into runs of one leaf, neighbours in time."""
    able = np.isin(leaf, setting["leaves"]) & (line.step == 0)
    share = setting["share"] * len(leaf) / max(1, int(able.sum()))
    chosen = np.flatnonzero(able & (rng.random(len(leaf)) < share))
    chosen = chosen[np.argsort(leaf[chosen], kind="stable")]
    lengths = rng.integers(setting["size"][0], setting["size"][1] + 1, len(chosen) + 1)
    new = np.zeros(len(chosen), dtype=np.bool_)
    cuts = np.cumsum(lengths)
    new[cuts[cuts < len(chosen)]] = True
    new[1:] |= leaf[chosen][1:] != leaf[chosen][:-1]
    cluster = np.full(len(leaf), -1, dtype=np.int64)
    cluster[chosen] = np.cumsum(new)
    return cluster


def _group_sizes(rng: np.random.Generator, leaf: Strs, process: Process) -> Ints:
    setting = process["groups"]
    able = np.isin(leaf, setting["leaves"])
    share = setting["share"] * len(leaf) / max(1, int(able.sum()))
    size = np.clip(lognormal(rng, setting["size"], len(leaf)), 2, setting["size"]["most"])
    grouped = able & (rng.random(len(leaf)) < share)
    return np.where(grouped, np.round(size), 1).astype(np.int64)


def _products(rng: np.random.Generator, matter: Ints, leaf: Strs, table: dict[str, Any]) -> Strs:
    """One product for a matter, from those of its leaf."""
    luck = rng.random(int(matter.max(initial=0)) + 1)[matter]
    out = np.full(len(leaf), "", dtype="U16")
    for name in np.unique(leaf):
        rows = leaf == name
        options = np.array(table.get(str(name), table["default"]))
        out[rows] = options[(luck[rows] * len(options)).astype(np.int64)]
    return out


def _amounts(rng: np.random.Generator, leaf: Strs, setting: Process) -> Floats:
    table: dict[str, list[float]] = setting["amount"]
    names, inverse = np.unique(leaf, return_inverse=True)
    shape = np.array([table.get(str(name), table["default"]) for name in names])[inverse]
    amount = np.exp(np.log(shape[:, 0]) + shape[:, 1] * rng.standard_normal(len(leaf)))
    missing = rng.random(len(leaf)) < setting["amount_missing"]
    return np.asarray(np.where(missing, np.nan, amount.round(2)), dtype=np.float64)


def _days_open(rng: np.random.Generator, line: Timeline, slow: Floats, setting: Process) -> Floats:
    """Days since the matter was raised; some first tickets waited before they were registered."""
    waited = lognormal(rng, setting["waited_days"], len(slow), shift=slow)
    first = np.where(rng.random(len(slow)) < setting["waited_before"], waited, 0.0)
    days = np.where(line.step > 0, line.since_first, first)
    return np.asarray(days.round(1), dtype=np.float64)


def _transfers(rng: np.random.Generator, known: Bools, slow: Floats, setting: Process) -> Ints:
    mean = np.where(known, setting["known"], setting["first"]) * np.exp(slow)
    return np.minimum(rng.poisson(mean), setting["most"]).astype(np.int64)
