"""Customers, matters and the tickets they open: who writes when, about what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from training.simulate_process import DAY, Floats, Ints, Pool, Process, lognormal

_WINDOW_DAYS = 90
_YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Customers:
    """Row i is customer i; `temper` is latent and never leaves the simulation."""

    segment: Ints
    temper: Ints
    unit: Ints


@dataclass(frozen=True, slots=True)
class Timeline:
    """Tickets sorted by time, without narrative or context.

    `seconds` counts from local midnight of the first day of the year, `step` is the place of the
    ticket in its matter (0 is the first), `prior` the customer's tickets of the last 90 days.
    """

    seconds: Ints
    customer: Ints
    matter: Ints
    step: Ints
    since_first: Floats
    prior: Ints
    leaf: Ints


def draw_customers(rng: np.random.Generator, count: int, process: Process) -> Customers:
    """Draw segments, latent tempers and home units."""
    setting = process["customers"]
    shares = np.array(list(setting["segments"].values()))
    segment = rng.choice(len(shares), size=count, p=shares / shares.sum())
    table = np.array([setting["temper_by_segment"][name] for name in setting["segments"]])
    temper = (rng.random(count)[:, None] > np.cumsum(table, axis=1)[segment]).sum(axis=1)
    unit = rng.integers(0, process["context"]["units"], count)
    return Customers(segment, np.minimum(temper, table.shape[1] - 1), unit)


def draw_timeline(
    rng: np.random.Generator, people: Customers, pool: Pool, process: Process, *, start: date
) -> Timeline:
    """Draw matters over the year and the 90 days before it, and the tickets of each.

    The days before the year only fill the histories; their tickets are dropped.
    """
    setting = process["customers"]
    per_year = len(people.temper) / setting["per_ticket"] / _mean_chain(people, process)
    matters = rng.poisson(per_year * (_YEAR_DAYS + _WINDOW_DAYS) / _YEAR_DAYS)
    rate = np.array(setting["matter_rate"])[people.temper]
    customer = rng.choice(len(rate), size=matters, p=rate / rate.sum())
    opened = _moments(rng, matters, process, start=start)
    leaf = _leaves(rng, opened, pool, process)
    length = _chain_lengths(rng, people.temper[customer], process)
    matter = np.repeat(np.arange(matters), length)
    step = np.arange(len(matter)) - np.repeat(np.cumsum(length) - length, length)
    since_first = _elapsed(rng, step, process)
    seconds = opened[matter] + (since_first * DAY).astype(np.int64)
    prior = count_prior(customer[matter], seconds)
    order = np.argsort(seconds, kind="stable")
    kept = order[(seconds[order] >= 0) & (seconds[order] < _YEAR_DAYS * DAY)]
    columns = (seconds, customer[matter], matter, step, since_first, prior, leaf[matter])
    return Timeline(*(column[kept] for column in columns))


def count_prior(customer: Ints, seconds: Ints) -> Ints:
    """Count each ticket's earlier tickets of the same customer within 90 days."""
    window = _WINDOW_DAYS * DAY
    base = seconds - seconds.min() + window
    wide = base.max() + window + 1
    key = customer * wide + base
    ordered = np.sort(key)
    return np.asarray(np.searchsorted(ordered, key) - np.searchsorted(ordered, key - window))


def year_share(seconds: Ints) -> Floats:
    """Place in the year, 0 to 1; what lies outside is held at the ends."""
    return np.clip(seconds / (_YEAR_DAYS * DAY), 0.0, 1.0)


def month_number(seconds: Ints) -> Ints:
    """Twelfth of the year, 0 to 11; what lies outside is held at the ends."""
    return np.minimum(year_share(seconds) * 12, 11).astype(np.int64)


def _mean_chain(people: Customers, process: Process) -> float:
    setting = process["customers"]
    stay = np.array(setting["come_back"])
    longest = setting["longest_chain"]
    mean = sum(stay**step for step in range(longest))
    rate = np.array(setting["matter_rate"])
    count = np.bincount(people.temper, minlength=len(rate)) * rate
    return float((mean * count).sum() / count.sum())


def _chain_lengths(rng: np.random.Generator, temper: Ints, process: Process) -> Ints:
    setting = process["customers"]
    stay = np.array(setting["come_back"])[temper]
    length = np.minimum(rng.geometric(1.0 - stay), setting["longest_chain"])
    return np.asarray(length, dtype=np.int64)


def _elapsed(rng: np.random.Generator, step: Ints, process: Process) -> Floats:
    """Days since the first ticket of the matter: gaps summed within each matter."""
    gaps = np.where(step > 0, lognormal(rng, process["customers"]["gap_days"], len(step)), 0.0)
    total = np.cumsum(gaps)
    first = np.flatnonzero(step == 0)
    before = np.repeat(total[first], np.diff(np.append(first, len(step))))
    return np.asarray(total - before)


def _moments(rng: np.random.Generator, count: int, process: Process, *, start: date) -> Ints:
    calendar = process["calendar"]
    days = [start + timedelta(days=number) for number in range(-_WINDOW_DAYS, _YEAR_DAYS)]
    weight = np.array([_day_weight(day, calendar) for day in days])
    day = rng.choice(len(days), size=count, p=weight / weight.sum()) - _WINDOW_DAYS
    hours = np.array(calendar["hour_day"])
    hour = rng.choice(24, size=count, p=hours / hours.sum())
    return np.asarray(day * DAY + hour * 3600 + rng.integers(0, 3600, count))


def _day_weight(day: date, calendar: Process) -> float:
    first = calendar["first_days"]
    return float(
        calendar["weekday"][day.weekday()]
        * calendar["month"][day.month - 1]
        * (first["factor"] if day.day <= first["days"] else 1.0)
    )


def _leaves(rng: np.random.Generator, seconds: Ints, pool: Pool, process: Process) -> Ints:
    """Draw a leaf for each matter from a mix that moves over the year."""
    names = np.unique(pool.leaf)
    mix: NDArray[np.float64] = np.array(
        [process["leaf_mix"].get(str(name), process["leaf_mix"]["default"]) for name in names]
    )
    share = year_share(seconds)[:, None]
    weight = np.cumsum(mix[:, 0] * (1 - share) + mix[:, 1] * share, axis=1)
    return np.asarray((rng.random(len(seconds))[:, None] * weight[:, -1:] > weight).sum(axis=1))
