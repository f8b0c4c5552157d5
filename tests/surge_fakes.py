"""Tickets of a quiet bank, and events laid over them."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np

from triage.surge.alerts import stories_of
from triage.surge.settings import load_settings
from triage.surge.tickets import SurgeTicket, count_once
from triage.surge.watch import Watch

START = date(2026, 3, 2)  # a Monday; no long holiday for two months
LINES = ("fee_dispute", "card_service", "loan_service", "account_control")
UNITS = ("支行01", "支行02", "支行03")
CHANNELS = ("phone", "app")
WORDS = tuple(f"词{chr(0x4E00 + n)}" for n in range(200))


@cache
def settings():
    return load_settings()


def day(number):
    return START + timedelta(days=number)


def ticket(ident, number, rng=None, **fields):
    """One ticket of a day; what is not given is drawn."""
    rng = rng or np.random.default_rng(0)
    drawn = {
        "line": str(rng.choice(LINES)),
        "unit": str(rng.choice(UNITS)),
        "channel": str(rng.choice(CHANNELS)),
        "customer_ref": f"C-{ident}",
        "phrases": tuple(sorted({str(word) for word in rng.choice(WORDS, 6)})),
    }
    return SurgeTicket(id=ident, received=day(number), **(drawn | fields))


def quiet(days, *, seed=1, per_day=24.0, factor=lambda number: 1.0):
    """Tickets of so many days at a level rate, times a factor by day."""
    rng = np.random.default_rng(seed)
    return [
        ticket(f"Q{number}-{each}", number, rng)
        for number in range(days)
        for each in range(rng.poisson(per_day * factor(number)))
    ]


def event(first, days, per_day, *, name="E", seed=2, **fields):
    """An event: so many tickets a day beside the others."""
    rng = np.random.default_rng(seed)
    return [
        ticket(f"{name}{number}-{each}", number, rng, **fields)
        for number in range(first, first + days)
        for each in range(per_day)
    ]


def watched(tickets, days, setting=None):
    """Go through the days."""
    setting = setting or settings()
    window, worded = timedelta(days=90), timedelta(days=setting.longest)
    counted = count_once(tickets, window=window, wording_window=worded)
    return Watch(counted, setting, until=day(days - 1))


def stories(tickets, days, setting=None):
    return stories_of(watched(tickets, days, setting))


def with_part(name, **values):
    """The shipped settings with some values of a part changed."""
    return replace(settings(), **{name: replace(getattr(settings(), name), **values)})
