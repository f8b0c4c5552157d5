"""Planted surges and new scam wordings in simulated years: `python -m benchmarks.surge`.

Prints the share of planted surges found within 3 days with the false alarms a month, and the days
until the alert on a new wording names it. A telling without cause is a false alarm, the first of an
event or a further one. Simulated, not real; seeds from 100 are for reporting, those below 100 were
used to choose the numbers of data/surge.yaml (`--first-seed 0`).
"""

import argparse
from datetime import timedelta
from time import perf_counter

import numpy as np

from benchmarks.surge_oracle import found_by_oracle, seen_of
from benchmarks.surge_year import DAYS, QUIET_DAYS, START, World, make_tickets
from triage.surge.alerts import phrases_of
from triage.surge.tickets import count_once
from triage.surge.watch import Watch

PLANTED_SHARE = 0.2  # of an alert's tickets: less, and the alert is false
WITHIN = 3
MONTHS = (DAYS - QUIET_DAYS + 5) / 30.44


class Judge:
    """Says of each telling of a watch whether something planted gave cause for it.

    Attributes
    ----------
    first : dict of int to int
        Day on which each plant was found: in what was told, or told again, since it began.
    older : set of int
        Plants found because an older event was told again.
    false : list of bool
        Of each telling, the first or a further one of its event, whether it was none.
    """

    def __init__(self, watch, planted):
        self.first, self.older, self.false = {}, set(), []
        self._watch, self._planted, self._seen = watch, planted, set()
        owner = {ident: n for n, plant in enumerate(planted) for ident in plant.ids}
        tickets = watch.counted.tickets
        self._whose = np.array([owner.get(ticket.id, -1) for ticket in tickets])

    def look(self, day):
        """Judge the open stories of a day."""
        for number, story in enumerate(self._watch.running):
            if story.closed is None:
                self._one(number, story, day)

    def _one(self, number, story, day):
        tickets = np.array(list(story.tickets))
        whose, told = self._whose[tickets], [story.told, *story.again]
        caused = []
        for plant in set(whose.tolist()) - {-1}:
            of = self._planted[plant]
            fresh = self._watch.received[tickets] >= of.day
            share = (whose == plant).sum() / max(1, fresh.sum())
            if share < PLANTED_SHARE or told[-1] < of.day:
                continue
            caused.append(len(told) == 1 or told[-2] < of.day)
            if plant in self.first or not self._is_named(story, of):
                continue
            self.first[plant] = day
            if story.told < of.day:
                self.older.add(plant)
        if (number, told[-1]) not in self._seen:
            self._seen.add((number, told[-1]))
            cause = (whose >= 0).mean() >= PLANTED_SHARE if len(told) == 1 else any(caused)
            self.false.append(not cause)

    def _is_named(self, story, plant):
        return not plant.phrase or any(plant.phrase in p for p in phrases_of(self._watch, story))


def watch_year(made, plants, settings):
    """Go through a year, and judge what is told on each day."""
    days = timedelta(days=90), timedelta(days=settings.longest)
    counted = count_once(made, window=days[0], wording_window=days[1])
    watch = Watch(counted, settings, until=START + timedelta(days=DAYS - 1))
    judge = Judge(watch, plants)
    watch.run(judge.look)
    return judge, watch


def interval(values, rng):
    """Bootstrap over seeds and events: 95 % of the mean."""
    values = np.asarray(values, dtype=float)
    if len(values) < 2:
        return float("nan"), float("nan")
    means = values[rng.integers(0, len(values), (2000, len(values)))].mean(axis=1)
    return tuple(np.percentile(means, (2.5, 97.5)))


def surges(world, seeds, tickets, *, unit):
    found, false, alerts, rows, best = [], [], [], [], {"all": [], "planted": []}
    sorts, rule = len(world.settings.series), world.settings.story
    # What flares up after so many days at most is one alert: the oracle's too.
    apart = rule.quiet_days + rule.again_days
    for seed in seeds:
        made, plants, _ = make_tickets(world, seed, tickets, unit=unit)
        judge, watch = watch_year(made, plants, world.settings)
        rng = np.random.default_rng([seed, 78])
        oracle = found_by_oracle(
            seen_of(watch, plants), plants, WITHIN, rng, sorts=sorts, apart=apart
        )
        for name, own in oracle.items():
            best[name] += own
        for number, plant in enumerate(plants):
            late = judge.first.get(number, 10**6) - plant.day + 1
            again, older = number in judge.older, in_older(watch, plant)
            rows.append((plant.factor, plant.per_day, late, older, again))
            found.append(late <= WITHIN)
        false.append(sum(judge.false) / MONTHS)
        alerts.append(len(judge.false) / MONTHS)
    return found, false, alerts, rows, best


def in_older(watch, plant):
    """Tell whether a plant's tickets are in a story that was told before it began."""
    tickets = watch.counted.tickets
    return any(
        story.told < plant.day and any(tickets[n].id in plant.ids for n in story.tickets)
        for story in watch.running
    )


def scams(world, seeds, tickets):
    days, false = [], []
    for seed in seeds:
        made, _, planted = make_tickets(world, seed, tickets, plants=False, scam=True)
        judge, _ = watch_year(made, planted, world.settings)
        first = judge.first
        days.extend(first.get(n, plant.day + 29) - plant.day + 1 for n, plant in enumerate(planted))
        false.append(sum(judge.false) / MONTHS)
    return days, false


def say(name, values, rng, form="{:.3f}"):
    low, high = interval(values, rng)
    mean = form.format(np.mean(values))
    print(f"  {name}: {mean} ({form.format(low)} to {form.format(high)}), n = {len(values)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=270_000, help="a year's, about")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=100)
    parser.add_argument("--unit", action="store_true", help="surges of one unit each")
    parser.add_argument("--only", choices=("surges", "scams"))
    options = parser.parse_args()
    world, rng = World(), np.random.default_rng(0)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    begun = perf_counter()
    print(f"{options.tickets} tickets a year, seeds {seeds.start} to {seeds.stop - 1}")
    if options.only != "scams":
        found, false, alerts, rows, best = surges(world, seeds, options.tickets, unit=options.unit)
        say(f"surges found within {WITHIN} days", found, rng)
        say("false alarms a month", false, rng)
        say("alerts a month in all", alerts, rng)
        say("found by an oracle that watches all series", best["all"], rng)
        say("found by an oracle that knows which will surge", best["planted"], rng)
        factor, per_day, late, older, again = np.array(rows, dtype=float).T
        print(f"    found as an older event told again: {int(again[late <= WITHIN].sum())}")
        print(f"    missed as part of an older story: {int(older[late > WITHIN].sum())}")
        for low, high in ((1.5, 2), (2, 3), (3, 4), (4, 5)):
            own = (factor >= low) & (factor < high)
            if own.any():
                print(
                    f"    {low:g} to {high:g} times: {np.mean(late[own] <= WITHIN):.3f} of "
                    f"{own.sum()}, an oracle {np.mean(np.array(best['all'])[own]):.3f}, "
                    f"usually {np.median(per_day[own]):.1f} expected a day"
                )
    if options.only != "surges":
        days, false = scams(world, seeds, options.tickets)
        say("days until a new wording is named", days, rng, "{:.1f}")
        soon = np.mean(np.array(days) <= 5)
        print(f"    median {np.median(days):.0f}, named within 5 days {soon:.3f}")
        say("false alarms a month", false, rng)
    print(f"{perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
