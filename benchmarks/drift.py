"""False alarms of drift in quiet years, and days to a planted scam: `python -m benchmarks.drift`.

A year is simulated as `benchmarks.surge` does, holidays in it, nothing else planted. Every week the
last two weeks are held against the quarter before them, in each view, with the lines, confidence
and risk that a model gives the narratives (one it was trained on, so it is surer than elsewhere:
what counts here is that nothing of it drifts); every day the last days are
searched for new phrases. Alarms of a year without a plant are false, all of them. Then the wording
of a new fraud is planted at a share of the traffic: one more sentence in narratives of scams, the
name of an app in it that nobody has heard of. Found is a phrase offered that holds the name, or
half of it. Simulated, not real; seeds from 100 are for reporting.
"""

import argparse
from time import perf_counter

import numpy as np

from benchmarks.surge_year import DAYS, World, scam_name, scam_texts, with_holidays
from training.registry import folder_of
from triage.drift.change import changes
from triage.drift.phrases import new_phrases
from triage.drift.reference import tickets_of
from triage.drift.settings import load_drift
from triage.drift.views import Ticket, fit_views, spread
from triage.engine import Engine

FIRST = 100  # the first day that is checked: a quarter to refer to lies before it
PLANT_DAYS = 21


class Year:
    """The tickets of a simulated year by day."""

    def __init__(self, world, scored, seed, tickets):
        intake, day, _, self.rng = world.year(seed, tickets)
        index, when = with_holidays(self.rng, day)
        self.days = [[] for _ in range(DAYS)]
        copied = set()
        for number, (one, on) in enumerate(zip(index.tolist(), when.tolist(), strict=True)):
            row, template = int(intake.narrative[one]), int(intake.template[one])
            customer = f"C{intake.customer[one]}" if one not in copied else f"T{number}"
            copied.add(one)
            ticket = Ticket(
                f"T{number}",
                tuple(world.words[row]),
                scored[row].line,
                scored[row].confidence,
                scored[row].risk,
                str(intake.channel[one]),
                f"L{template}" if template >= 0 else customer,
            )
            self.days[on].append(ticket)

    def between(self, first, last):
        return [ticket for day in self.days[max(0, first) : last] for ticket in day]


def quiet(year, settings, step, each):
    """Give the alarms of a year, of views and of phrases, and every p of the views."""
    level, rung, chances = settings.level(), [], []
    for day in range(FIRST, DAYS + 1, step):
        before = year.between(
            day - settings.recent_days - settings.reference_days, day - settings.recent_days
        )
        before = spread(before, settings.reference_most)
        views = fit_views(before)
        found = changes(
            views,
            views.count(before),
            views.count(year.between(day - settings.recent_days, day)),
            permutations=settings.permutations,
        )
        chances += [change.p for change in found]
        rung += [(day, change.view) for change in found if change.p <= level]
    offered, known = [], set()
    for day in range(FIRST, DAYS + 1, each):
        for phrase in phrases_on(year, day, settings):
            if phrase.text not in known:
                known.add(phrase.text)
                offered.append((day, phrase.text))
    return rung, offered, chances


def phrases_on(year, day, settings):
    """Give what is offered on the morning after a day."""
    start = day - settings.phrase_days
    before = year.between(start - settings.reference_days, start)
    recent = year.between(start, day)
    return new_phrases(before, recent, settings.phrase_rule(), level=settings.phrase_level)


def planted(world, year, settings, share, start):
    """Plant a scam on a day; give its name and the days until a phrase offered holds it."""
    name = scam_name(year.rng)
    size = sum(map(len, year.days)) / DAYS * share
    kept = [list(day) for day in year.days[start : start + PLANT_DAYS]]
    for number in range(PLANT_DAYS):
        texts = scam_texts(year.rng, world, name, int(year.rng.poisson(size)))
        for at, document in enumerate(world.reader.many(texts)):
            ident = f"S{number}-{at}"
            ticket = Ticket(ident, tuple(document.words), "fraud", 0.5, 0.5, "phone")
            year.days[start + number].append(ticket)
    found = None
    for number in range(1, PLANT_DAYS + 1):
        offered = phrases_on(year, start + number, settings)
        if any(len(shared(name, phrase.text)) * 2 > len(name) for phrase in offered):
            found = number
            break
    year.days[start : start + PLANT_DAYS] = kept
    return name, found


def shared(one, other):
    """Give the longest part that two strings share."""
    ends = [(i, j) for i in range(len(one)) for j in range(i + 1, len(one) + 1)]
    return max((one[i:j] for i, j in ends if one[i:j] in other), key=len, default="")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="simulated years (2)")
    parser.add_argument("--first-seed", type=int, default=100, help="of the first year (100)")
    parser.add_argument("--tickets", type=int, default=60_000, help="of a year (60,000)")
    parser.add_argument("--share", type=float, default=0.02, help="of the traffic (0.02)")
    parser.add_argument("--plants", type=int, default=4, help="in each year (4)")
    parser.add_argument("--step", type=int, default=14, help="days between looks at views (14)")
    parser.add_argument("--each", type=int, default=1, help="days between searches (1)")
    parser.add_argument("--model", help="whose answers are compared (champion)")
    arguments = parser.parse_args()
    began, world, settings = perf_counter(), World(), load_drift()
    engine, rows = Engine.load(folder_of(arguments.model)), world.rows
    scored = tickets_of(engine, [row.text for row in rows], ids=[row.id for row in rows])
    days, every = [], []
    total = {"views": 0, "phrases": 0}
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
        year = Year(world, scored, seed, arguments.tickets)
        rung, offered, chances = quiet(year, settings, arguments.step, arguments.each)
        every += chances
        total["views"] += len({day for day, _ in rung})
        total["phrases"] += len({day for day, _ in offered})
        print(f"year {seed}: false alarms of views {rung}, of phrases {offered}", flush=True)
        for start in np.linspace(FIRST, DAYS - PLANT_DAYS, arguments.plants).astype(int):
            name, found = planted(world, year, settings, arguments.share, int(start))
            print(f"  {name} planted on day {start}: found on its day {found}", flush=True)
            days.append(found or 10**6)
    looks = len(range(FIRST, DAYS + 1, arguments.step)) * arguments.seeds
    views = total["views"] / looks * 365 / settings.every_days
    print(f"false alarms a year of views: {views:.2f} ({total['views']} of {looks} looks rang)")
    print(f"p of views at or below 0.05: {np.mean(np.array(every) <= 0.05):.3f} of {len(every)}")
    years = arguments.seeds * (DAYS + 1 - FIRST) / 365
    phrases = total["phrases"] / years
    print(
        f"false alarms a year of phrases: {phrases:.2f} ({total['phrases']} in {years:.1f} years)"
    )
    print(f"days to the planted wording: median {np.median(days):g}, worst {max(days):g}")
    print(f"{perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
